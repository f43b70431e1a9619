package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"path"
	"strings"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// workbook is an XLSX file that is read part by part. Libraries build a whole
// sheet in memory, empty cells included, and so need gigabytes for a file of a
// kilobyte with a cell in its last corner; here only cells that are there count.
type workbook struct {
	files   map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	base    string
	sheets  []sheet
	targets map[string]string // relation id -> path
	strings []string
	dates   []bool // by style
	since04 bool   // dates begin with 1904
}

type sheet struct{ name, relation string }

const (
	maxSheets = 1000
	maxParts  = 10_000
)

// readXLSX reads one sheet of a workbook.
func readXLSX(ctx context.Context, content []byte, o options) (*table, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, plugin.Errorf(plugin.InvalidArgument, "this is no .xlsx file: %v", err)
	}
	if len(z.File) > maxParts {
		return nil, tooLarge("the file has more than %d parts", maxParts)
	}
	w := &workbook{files: map[string]*zip.File{}, left: int64(limits().MaxUnpacked), targets: map[string]string{}}
	for _, f := range z.File {
		w.files[strings.TrimPrefix(f.Name, "/")] = f
	}
	if err := w.open(); err != nil {
		return nil, err
	}
	t := &table{Format: formatXLSX}
	chosen := -1
	for i, s := range w.sheets {
		t.Sheets = append(t.Sheets, s.name)
		if s.name == o.Sheet || o.Sheet == "" && chosen < 0 {
			chosen = i
		}
	}
	if chosen < 0 {
		return nil, plugin.Errorf(plugin.NotFound, "sheet: there is no sheet %q; there are %s", o.Sheet, strings.Join(firstFew(t.Sheets), ", "))
	}
	t.Sheet = t.Sheets[chosen]
	g := gridFor(o)
	if err := w.readSheet(ctx, w.targets[w.sheets[chosen].relation], g, o); err != nil {
		return nil, err
	}
	return g.finish(t, o)
}

func firstFew(names []string) []string {
	if len(names) > 20 {
		return append(names[:20:20], "...")
	}
	return names
}

// open reads what is needed before a sheet.
func (w *workbook) open() error {
	main := "xl/workbook.xml"
	err := w.relations("_rels/.rels", "", func(_, kind, target string) {
		if kind == "officeDocument" {
			main = target
		}
	})
	if err != nil {
		return err
	}
	if w.files[main] == nil {
		return plugin.Errorf(plugin.InvalidArgument, "this ZIP archive is no .xlsx file: it has no workbook")
	}
	w.base = path.Dir(main)
	if err := w.readWorkbook(main); err != nil {
		return err
	}
	var stringsAt, stylesAt string
	err = w.relations(path.Join(w.base, "_rels", path.Base(main)+".rels"), w.base, func(id, kind, target string) {
		w.targets[id] = target
		switch kind {
		case "sharedStrings":
			stringsAt = target
		case "styles":
			stylesAt = target
		}
	})
	if err != nil {
		return err
	}
	if err := w.readStrings(stringsAt); err != nil {
		return err
	}
	return w.readStyles(stylesAt)
}

// part opens a part; nil when there is none.
func (w *workbook) part(name string) (io.ReadCloser, error) {
	f := w.files[name]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, plugin.Errorf(plugin.InvalidArgument, "the file is damaged at %s: %v", name, err)
	}
	return &counted{ReadCloser: r, left: &w.left}, nil
}

// counted ends when more is unpacked than may be, whatever the archive declares.
type counted struct {
	io.ReadCloser
	left *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if *c.left -= int64(n); *c.left < 0 {
		return 0, tooLarge("the file has more than %d bytes unpacked (the plugin's setting max_unpacked_bytes)", limits().MaxUnpacked)
	}
	return n, err
}
