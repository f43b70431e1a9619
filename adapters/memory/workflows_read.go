package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// history is one workflow of ours; versions[0] is version 1.
type history struct {
	versions []ports.Workflow
	active   int   // 0 = deleted
	changed  int64 // revision of the store
}

// version returns a copy that shares nothing; 0 = the active one.
func (h *history) version(n int) (ports.Workflow, bool) {
	n = cmp.Or(n, h.active)
	if n < 1 || n > len(h.versions) {
		return ports.Workflow{}, false
	}
	w := h.versions[n-1]
	w.Document = append([]byte{}, w.Document...)
	return w, true
}

// Active implements ports.WorkflowReader.
func (s *Store) Active(ctx context.Context) ([]ports.Workflow, error) {
	if err := alive(ctx, "list the workflows"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var active []ports.Workflow
	for _, row := range s.designer.Workflows {
		if w, ok := s.designer.app(row.ID); ok && s.workflows[row.ID] == nil {
			active = append(active, w)
		}
	}
	for _, h := range s.workflows {
		if w, ok := h.version(0); ok {
			active = append(active, w)
		}
	}
	slices.SortFunc(active, func(a, b ports.Workflow) int { return cmp.Compare(a.ID, b.ID) })
	return active, nil
}

// Workflow implements ports.WorkflowReader.
func (s *Store) Workflow(ctx context.Context, id string, version int) (ports.Workflow, error) {
	if err := alive(ctx, "read the workflow"); err != nil {
		return ports.Workflow{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if h := s.workflows[id]; h != nil {
		if w, ok := h.version(version); ok {
			return w, nil
		}
	} else if w, ok := s.designer.app(id); ok && version == 0 {
		return w, nil
	}
	if version != 0 {
		return ports.Workflow{}, fault.New(fault.NotFound, "the workflow %q has no version %d", id, version)
	}
	return ports.Workflow{}, fault.New(fault.NotFound, "there is no workflow %q", id)
}

// Versions implements ports.WorkflowReader. A row of the designer that nothing
// replaces is version 0.
func (s *Store) Versions(ctx context.Context, id string) ([]ports.VersionInfo, error) {
	if err := alive(ctx, "list the versions of the workflow"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.workflows[id]
	if h == nil {
		if w, ok := s.designer.app(id); ok {
			return []ports.VersionInfo{{Active: true, Author: designer, Bytes: len(w.Document)}}, nil
		}
		return nil, nil
	}
	var versions []ports.VersionInfo
	for _, w := range slices.Backward(h.versions) {
		versions = append(versions, ports.VersionInfo{
			Version: w.Version, Active: w.Version == h.active, Created: w.Created, Author: w.Author, Bytes: len(w.Document),
		})
	}
	return versions, nil
}
