package main

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// visitor sees the elements of a part in order; any member may be nil.
type visitor struct {
	start func(name string, attribute func(string) string) error
	text  func([]byte)
	end   func(name string) error
}

// visit reads a part, which may be missing. Raw tokens keep no list of open
// elements that a hostile file could make long.
func (w *workbook) visit(name string, v visitor) error {
	r, err := w.part(name)
	if r == nil || err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // nothing was written
	d := xml.NewDecoder(r)
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var typed *plugin.Error // of reading more than may be
		if errors.As(err, &typed) {
			return err
		}
		if err != nil {
			return plugin.Errorf(plugin.InvalidArgument, "the file is damaged at %s: %v", name, err)
		}
		if err := v.take(token); err != nil {
			return err
		}
	}
}

func (v visitor) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		if v.start == nil {
			return nil
		}
		return v.start(t.Name.Local, func(name string) string {
			for _, a := range t.Attr {
				if a.Name.Local == name {
					return a.Value
				}
			}
			return ""
		})
	case xml.CharData:
		if v.text != nil {
			v.text(t)
		}
	case xml.EndElement:
		if v.end != nil {
			return v.end(t.Name.Local)
		}
	}
	return nil
}

// relations tells which parts belong to a part: id, last word of the type, path.
func (w *workbook) relations(name, base string, each func(id, kind, target string)) error {
	return w.visit(name, visitor{start: func(element string, attribute func(string) string) error {
		if element == "Relationship" {
			target := attribute("Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(base, target)
			}
			each(attribute("Id"), path.Base(attribute("Type")), strings.TrimPrefix(target, "/"))
		}
		return nil
	}})
}

func (w *workbook) readWorkbook(name string) error {
	return w.visit(name, visitor{start: func(element string, attribute func(string) string) error {
		switch element {
		case "sheet":
			if len(w.sheets) >= maxSheets {
				return tooLarge("the file has more than %d sheets", maxSheets)
			}
			w.sheets = append(w.sheets, sheet{name: attribute("name"), relation: attribute("id")})
		case "workbookPr":
			w.since04 = attribute("date1904") == "1" || attribute("date1904") == "true"
		}
		return nil
	}})
}

// readStrings reads the texts that cells refer to, without their phonetic hints.
func (w *workbook) readStrings(name string) error {
	var text strings.Builder
	inText, inHint := false, false
	return w.visit(name, visitor{
		start: func(element string, _ func(string) string) error {
			inText = element == "t"
			inHint = inHint || element == "rPh"
			return nil
		},
		text: func(b []byte) {
			if inText && !inHint {
				text.Write(b)
			}
		},
		end: func(element string) error {
			inText = false
			switch element {
			case "rPh":
				inHint = false
			case "si":
				if most := limits().MaxCells; len(w.strings) >= most {
					return tooLarge("the file has more than %d texts (the plugin's setting max_cells)", most)
				}
				w.strings = append(w.strings, strings.Clone(text.String()))
				text.Reset()
			}
			return nil
		},
	})
}

// readStyles finds out which styles show numbers as dates.
func (w *workbook) readStyles(name string) error {
	custom := map[int]bool{}
	inCells := false
	return w.visit(name, visitor{
		start: func(element string, attribute func(string) string) error {
			switch element {
			case "numFmt":
				if id, err := strconv.Atoi(attribute("numFmtId")); err == nil {
					custom[id] = isDateFormat(attribute("formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id, err := strconv.Atoi(attribute("numFmtId"))
					date, own := custom[id]
					w.dates = append(w.dates, err == nil && (date || !own && isBuiltInDate(id)))
				}
			}
			return nil
		},
		end: func(element string) error {
			inCells = inCells && element != "cellXfs"
			return nil
		},
	})
}
