package sqlstore

import (
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.LibraryIndex = (*Store)(nil)

// Modules implements ports.LibraryIndex.
func (s *Store) Modules(ctx context.Context) ([]ports.Module, error) {
	names, err := s.libraryNames(ctx, "list the modules", "SELECT name FROM nf_modules", getModules, "form", "mod", "code", "name")
	if err != nil {
		return nil, err
	}
	return collect(ctx, names, s.Module)
}

// Templates implements ports.LibraryIndex.
func (s *Store) Templates(ctx context.Context) ([]ports.Template, error) {
	names, err := s.libraryNames(ctx, "list the templates", "SELECT name FROM nf_templates", getTemplates, "id", "name", "content")
	if err != nil {
		return nil, err
	}
	return collect(ctx, names, s.Template)
}

// libraryNames are the names in our table and in the designer's, each once.
func (s *Store) libraryNames(ctx context.Context, op, ours, theirs string, columns ...string) ([]string, error) {
	var names []string
	if err := s.many(ctx, op, long, &names, ours); err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, theirs)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if name := asText(r.fields(columns...)["name"]); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func collect[T any](ctx context.Context, names []string, get func(context.Context, string) (T, error)) ([]T, error) {
	all := make([]T, 0, len(names))
	for _, name := range names {
		one, err := get(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
