package memory

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Put implements ports.WorkflowWriter.
func (s *Store) Put(ctx context.Context, w ports.Workflow, expected int) (int, error) {
	const op = "publish the workflow"
	if err := alive(ctx, op); err != nil {
		return 0, err
	}
	if len(w.ID) == 0 || len(w.ID) > 200 {
		return 0, fault.New(fault.Invalid, "cannot %s: its id must have 1 to 200 bytes", op).AtField("id")
	}
	if err := checkText(op, "id", w.ID, "default_js", w.DefaultJS, "author", w.Author); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.workflows[w.ID]
	if h == nil {
		h = &history{}
	}
	if err := h.expect(w.ID, expected); err != nil {
		return 0, err
	}
	w.Version = len(h.versions) + 1
	w.Document = append([]byte{}, w.Document...)
	w.Created = stored(w.Created)
	h.versions = append(h.versions, w)
	s.setHead(w.ID, h, w.Version)
	return w.Version, nil
}

// Activate implements ports.WorkflowWriter. A deleted workflow comes back to
// life.
func (s *Store) Activate(ctx context.Context, id string, version, expected int) error {
	if err := alive(ctx, "activate the version of the workflow"); err != nil {
		return err
	}
	missing := fault.New(fault.NotFound, "the workflow %q has no version %d", id, version)
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.workflows[id]
	if h == nil || len(h.versions) == 0 {
		return missing
	}
	if err := h.expect(id, expected); err != nil {
		return err
	}
	if version < 1 || version > len(h.versions) {
		return missing
	}
	s.setHead(id, h, version)
	return nil
}

// Delete implements ports.WorkflowWriter. The empty history that stays hides a
// row of the designer.
func (s *Store) Delete(ctx context.Context, id string, expected int) error {
	if err := alive(ctx, "delete the workflow"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.workflows[id]
	if h == nil {
		if _, ok := s.designer.app(id); !ok {
			return fault.New(fault.NotFound, "there is no workflow %q", id)
		}
		h = &history{}
	} else if h.active == 0 {
		return fault.New(fault.NotFound, "there is no workflow %q", id)
	}
	if err := h.expect(id, expected); err != nil {
		return err
	}
	s.setHead(id, h, 0)
	return nil
}

// setHead makes a version the active one, as the next revision of the store.
func (s *Store) setHead(id string, h *history, version int) {
	s.revision++
	h.active, h.changed = version, s.revision
	s.workflows[id] = h
}

func (h *history) expect(id string, version int) error {
	if version == ports.AnyVersion || version == h.active {
		return nil
	}
	return fault.New(fault.PreconditionFailed,
		"somebody else changed the workflow %q: version %d is active, not %d; read it again and repeat your change",
		id, h.active, version)
}
