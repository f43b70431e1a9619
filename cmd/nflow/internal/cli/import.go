package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type importFlags struct{ id, defaultJS string }

func newImport(s *session) *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE|DATABASE...",
		Short: "Bring workflows, modules and templates into the database",
		Long: `Bring files, or everything in another database, into the configured database.
A .json file is a workflow, .js a module, .html and .mustache a template, each
named after its file. A SQLite file or a postgres:// URL is a database of the
nFlow designer or of another nflow; it is only read.`,
		Example: `  nflow import hello.json
  nflow import form.js page.html app.json --default-js default.js
  nflow import designer.sqlite
  nflow import postgres://user@host/designer`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.importAll(c.Context(), args, f) },
	}
	c.Flags().StringVar(&f.id, "id", "", "id of the workflow, with a single file (default from the document or file name)")
	c.Flags().StringVar(&f.defaultJS, "default-js", "", "file with the auth() and log() of the workflows")
	return c
}

func (s *session) importAll(ctx context.Context, sources []string, f importFlags) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	if cfg.Store.Driver == wire.Memory {
		return usageError{fault.New(fault.Invalid, "nothing would be kept: database_nflow.driver is memory")}
	}
	if f.id != "" && len(sources) > 1 {
		return usageError{fault.New(fault.Invalid, "--id goes with a single file")}
	}
	defaultJS := ""
	if f.defaultJS != "" {
		code, err := os.ReadFile(f.defaultJS)
		if err != nil {
			return usageError{err}
		}
		defaultJS = string(code)
	}
	log, err := s.quietLogger(cfg.Log)
	if err != nil {
		return err
	}
	return s.withRuntime(ctx, briefly(cfg), log, func(r *wire.Runtime) error {
		in := importer{session: s, runtime: r, id: f.id, defaultJS: defaultJS}
		var faults fault.List
		for _, source := range libraryFirst(sources) {
			if err := in.bring(ctx, source); err != nil {
				faults = append(faults, faultsOf(sourceName(source), err)...)
			}
		}
		return faults.Err()
	})
}

// libraryFirst puts modules and templates before the workflows that need them.
func libraryFirst(sources []string) []string {
	var library, others []string
	for _, source := range sources {
		switch filepath.Ext(source) {
		case ".js", ".html", ".mustache":
			library = append(library, source)
		default:
			others = append(others, source)
		}
	}
	return append(library, others...)
}

// sourceName is how messages call a source; a URL may hold a password.
func sourceName(source string) string {
	if isPostgres(source) {
		return "the database"
	}
	return source
}

func isPostgres(source string) bool {
	return strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://")
}

// isSQLite tells a SQLite file by its first bytes.
func isSQLite(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read
	header := make([]byte, 16)
	_, err = f.Read(header)
	return err == nil && bytes.Equal(header, []byte("SQLite format 3\x00"))
}

// importer brings sources into the runtime's database.
type importer struct {
	*session

	runtime   *wire.Runtime
	id        string
	defaultJS string
}

func (in importer) bring(ctx context.Context, source string) error {
	switch {
	case isPostgres(source):
		return in.database(ctx, config.Store{Driver: "postgres", DSN: config.Secret(source)})
	case isSQLite(source):
		return in.database(ctx, config.Store{Driver: "sqlite3", DSN: config.Secret(source)})
	}
	stem := strings.TrimSuffix(filepath.Base(source), filepath.Ext(source))
	switch filepath.Ext(source) {
	case ".js":
		_, code, err := readDocument(source)
		if err != nil {
			return err
		}
		return in.say("module", stem, in.runtime.Shelf().PutModule(ctx, ports.Module{Name: stem, Code: string(code)}))
	case ".html", ".mustache":
		_, content, err := readDocument(source)
		if err != nil {
			return err
		}
		return in.say("template", stem, in.runtime.Shelf().PutTemplate(ctx, ports.Template{Name: stem, Content: string(content)}))
	}
	id, body, err := readDocument(source)
	if err != nil {
		return err
	}
	if in.id != "" {
		id = in.id
	}
	if in.defaultJS == "" {
		_, err = in.runtime.Publish(ctx, id, body, ports.AnyVersion, "import")
		return in.say("workflow", id, err)
	}
	return in.workflow(ctx, ports.Workflow{ID: id, Document: body, DefaultJS: in.defaultJS})
}

func (in importer) say(kind, name string, err error) error {
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.Stdout, "imported %s %s\n", kind, name)
	return err
}

func (in importer) workflow(ctx context.Context, w ports.Workflow) error {
	w.Author = "import"
	info, err := in.runtime.Import(ctx, w)
	for _, warning := range info.Warnings {
		say(in.Stderr, "warning: workflow %s: %s\n", w.ID, warning)
	}
	return in.say("workflow", w.ID, err)
}

// database brings everything another database holds.
func (in importer) database(ctx context.Context, c config.Store) (err error) {
	from, err := wire.OpenUnmigrated(ctx, c, true)
	if err != nil {
		return err
	}
	defer closeInto(&err, from)
	modules, err := from.Modules(ctx)
	if err != nil {
		return err
	}
	for _, m := range modules {
		if err := in.say("module", m.Name, in.runtime.Deps.Library.PutModule(ctx, m)); err != nil {
			return err
		}
	}
	templates, err := from.Templates(ctx)
	if err != nil {
		return err
	}
	for _, t := range templates {
		if err := in.say("template", t.Name, in.runtime.Deps.Library.PutTemplate(ctx, t)); err != nil {
			return err
		}
	}
	workflows, err := from.Active(ctx)
	if err != nil {
		return err
	}
	var faults fault.List
	for _, w := range workflows { // a broken one does not keep the others away
		if err := in.workflow(ctx, w); err != nil {
			faults = append(faults, faultsOf("workflow "+w.ID, err)...)
		}
	}
	return faults.Err()
}
