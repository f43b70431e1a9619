package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.LibraryIndex = (*Store)(nil)

// Modules implements ports.LibraryIndex.
func (s *Store) Modules(ctx context.Context) ([]ports.Module, error) {
	if err := alive(ctx, "list the modules"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]ports.Module, len(s.modules))
	for _, m := range slices.Backward(s.designer.Modules) {
		all[m.Name] = m
	}
	maps.Copy(all, s.modules)
	return slices.SortedFunc(maps.Values(all), func(a, b ports.Module) int { return cmp.Compare(a.Name, b.Name) }), nil
}

// Templates implements ports.LibraryIndex.
func (s *Store) Templates(ctx context.Context) ([]ports.Template, error) {
	if err := alive(ctx, "list the templates"); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]ports.Template, len(s.templates))
	for _, t := range slices.Backward(s.designer.Templates) {
		all[t.Name] = t
	}
	maps.Copy(all, s.templates)
	return slices.SortedFunc(maps.Values(all), func(a, b ports.Template) int { return cmp.Compare(a.Name, b.Name) }), nil
}
