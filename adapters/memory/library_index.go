package memory

import (
	"context"
	"maps"
	"slices"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.LibraryIndex = (*Store)(nil)

// Modules implements ports.LibraryIndex.
func (s *Store) Modules(ctx context.Context) ([]ports.Module, error) {
	return listed(ctx, s, "list the modules", s.designer.Modules, s.modules, func(m ports.Module) string { return m.Name })
}

// Templates implements ports.LibraryIndex.
func (s *Store) Templates(ctx context.Context) ([]ports.Template, error) {
	return listed(ctx, s, "list the templates", s.designer.Templates, s.templates, func(t ports.Template) string { return t.Name })
}

// listed is what the designer has, with ours over it, by name.
func listed[T any](ctx context.Context, s *Store, op string, theirs []T, ours map[string]T, name func(T) string) ([]T, error) {
	if err := alive(ctx, op); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]T, len(ours))
	for _, one := range slices.Backward(theirs) { // the first of several rows of a name counts
		all[name(one)] = one
	}
	maps.Copy(all, ours)
	list := make([]T, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[key])
	}
	return list, nil
}
