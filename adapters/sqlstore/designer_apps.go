package sqlstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// designer is the author of the rows of its table.
const designer = "designer"

// apps lists the rows of the designer's table, by id. The first of several rows
// with the same name counts, as it does for the designer.
func (s *Store) apps(ctx context.Context) ([]ports.Workflow, error) {
	rows, err := s.query(ctx, getApps)
	if err != nil {
		return nil, err
	}
	apps := make([]ports.Workflow, 0, len(rows))
	seen := make(map[string]bool, len(rows))
	for _, r := range rows {
		f := r.fields("name", "json", "default_js")
		id := asText(f["name"])
		if id == "" || seen[id] { // a row without a name has no address
			continue
		}
		seen[id] = true
		w := app(id, f)
		if s.replaced(getApp) { // the database's own statement may see other rows or columns
			var found bool
			if w, found, err = s.app(ctx, id); err != nil {
				return nil, err
			}
			if !found {
				continue
			}
		}
		apps = append(apps, w)
	}
	slices.SortFunc(apps, func(a, b ports.Workflow) int { return cmp.Compare(a.ID, b.ID) })
	return apps, nil
}

// app reads one row of the designer's table.
func (s *Store) app(ctx context.Context, id string) (w ports.Workflow, found bool, err error) {
	rows, err := s.query(ctx, getApp, id)
	if err != nil || len(rows) == 0 {
		return ports.Workflow{}, false, err
	}
	return app(id, rows[0].fields("json", "default_js")), true, nil
}

func app(id string, fields map[string]any) ports.Workflow {
	return ports.Workflow{
		ID:        id,
		Document:  []byte(asText(fields["json"])),
		DefaultJS: asText(fields["default_js"]),
		Author:    designer,
	}
}
