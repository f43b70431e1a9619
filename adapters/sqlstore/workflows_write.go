package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// head is a row of nf_workflows.
type head struct {
	Active  int  `db:"active"`
	Last    int  `db:"last_version"`
	Deleted bool `db:"deleted"`
}

// Put implements ports.WorkflowWriter.
func (s *Store) Put(ctx context.Context, w ports.Workflow, expected int) (int, error) {
	const op = "publish the workflow"
	if len(w.ID) == 0 || len(w.ID) > 200 {
		return 0, fault.New(fault.Invalid, "cannot %s: its id must have 1 to 200 bytes", op).AtField("id")
	}
	if err := checkText(op, "id", w.ID, "default_js", w.DefaultJS, "author", w.Author); err != nil {
		return 0, err
	}
	document := w.Document
	if document == nil {
		document = []byte{} // nil would be NULL
	}
	var version int
	err := s.writing(ctx, op, usual, func(ctx context.Context, q conn) error {
		h, err := lockHead(ctx, q, w.ID)
		if err != nil {
			return err
		}
		if err := h.expect(w.ID, expected); err != nil {
			return err
		}
		version = h.Last + 1
		if _, err := q.exec(ctx, `
			INSERT INTO nf_workflow_versions (workflow, version, document, default_js, author, created)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			w.ID, version, document, w.DefaultJS, w.Author, micros(w.Created)); err != nil {
			return err
		}
		return s.setHead(ctx, q, w.ID, head{Active: version, Last: version})
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// Activate implements ports.WorkflowWriter. A deleted workflow comes back to
// life.
func (s *Store) Activate(ctx context.Context, id string, version, expected int) error {
	missing := fault.New(fault.NotFound, "the workflow %q has no version %d", id, version)
	if !storable(id) {
		return missing
	}
	return s.writing(ctx, "activate the version of the workflow", usual, func(ctx context.Context, q conn) error {
		h, err := lockHead(ctx, q, id)
		if err != nil {
			return err
		}
		if h.Last == 0 {
			return missing
		}
		if err := h.expect(id, expected); err != nil {
			return err
		}
		var found int
		err = q.get(ctx, &found, "SELECT version FROM nf_workflow_versions WHERE workflow = $1 AND version = $2", id, version)
		if errors.Is(err, sql.ErrNoRows) {
			return missing
		}
		if err != nil {
			return err
		}
		return s.setHead(ctx, q, id, head{Active: version, Last: h.Last})
	})
}

// Delete implements ports.WorkflowWriter. The row that stays hides a row of the
// designer.
func (s *Store) Delete(ctx context.Context, id string, expected int) error {
	missing := fault.New(fault.NotFound, "there is no workflow %q", id)
	if !storable(id) || len(id) == 0 || len(id) > 200 {
		return missing
	}
	_, designed, err := s.app(ctx, id)
	if err != nil {
		return err
	}
	return s.writing(ctx, "delete the workflow", usual, func(ctx context.Context, q conn) error {
		h, err := lockHead(ctx, q, id)
		if err != nil {
			return err
		}
		if h.Active == 0 && (h.Deleted || !designed) {
			return missing
		}
		if err := h.expect(id, expected); err != nil {
			return err
		}
		return s.setHead(ctx, q, id, head{Last: h.Last, Deleted: true})
	})
}

// lockHead holds the row of a workflow until the transaction ends, and makes one if
// there is none; it goes with the rollback when the caller then fails.
func lockHead(ctx context.Context, q conn, id string) (head, error) {
	var h head
	err := q.get(ctx, &h, `
		INSERT INTO nf_workflows (id, active, last_version, deleted, changed) VALUES ($1, 0, 0, FALSE, 0)
		ON CONFLICT (id) DO UPDATE SET active = nf_workflows.active
		RETURNING active, last_version, deleted`, id)
	return h, err
}

// setHead writes the row of a workflow as the next revision of the store. The row
// that counts revisions comes last and is held until the commit, so that they
// become visible in their order.
func (s *Store) setHead(ctx context.Context, q conn, id string, h head) error {
	revision, err := s.nextRevision(ctx, q)
	if err != nil {
		return err
	}
	_, err = q.exec(ctx, "UPDATE nf_workflows SET active = $2, last_version = $3, deleted = $4, changed = $5 WHERE id = $1",
		id, h.Active, h.Last, h.Deleted, revision)
	return err
}

func (h head) expect(id string, version int) error {
	if version == ports.AnyVersion || version == h.Active {
		return nil
	}
	return fault.New(fault.PreconditionFailed,
		"somebody else changed the workflow %q: version %d is active, not %d; read it again and repeat your change",
		id, h.Active, version)
}
