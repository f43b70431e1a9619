package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// spreadsheet is a file as another program writes it.
func spreadsheet(t testing.TB, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func sales(t testing.TB) []byte {
	return spreadsheet(t, func(f *excelize.File) error {
		days, err1 := f.NewStyle(&excelize.Style{NumFmt: 14})
		code := "[$-40a]d \"de\" mmmm hh:mm"
		moments, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		money := "[Red]#,##0.00 \"dollars\""
		prices, err3 := f.NewStyle(&excelize.Style{CustomNumFmt: &money})
		hours, err4 := f.NewStyle(&excelize.Style{NumFmt: 21})
		_, err5 := f.NewSheet("Empty")
		_, err6 := f.NewSheet("Ventas ñ")
		return errors.Join(err1, err2, err3, err4, err5, err6,
			f.SetSheetRow("Sheet1", "A1", &[]any{"sku", "qty", "price", "gift", "day", "moment", "hour", "note"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"007", 2, 0.1 + 0.2, true, 45322, 45322.75, 0.5, nil}),
			f.SetSheetRow("Sheet1", "A5", &[]any{"B-7", -10, 1e21, false, 1, 60.25, 0.999999, "<é> & \"x\""}),
			f.SetCellStyle("Sheet1", "E2", "E5", days), f.SetCellStyle("Sheet1", "F2", "F5", moments),
			f.SetCellStyle("Sheet1", "C2", "C5", prices), f.SetCellStyle("Sheet1", "G2", "G5", hours),
			f.SetCellRichText("Ventas ñ", "A1", []excelize.RichTextRun{{Text: "uno "}, {Text: "dos"}}),
			f.SetCellFormula("Ventas ñ", "B1", "=1+1"),
		)
	})
}

func TestXLSX(t *testing.T) {
	got, fail := parse(t, file{Content: sales(t)}, ``)
	if fail != nil {
		t.Fatal(fail)
	}
	want := `{"format":"xlsx","sheet":"Sheet1","sheets":["Sheet1","Empty","Ventas ñ"],"row_count":2,
		"columns":["sku","qty","price","gift","day","moment","hour","note"],"rows":[
		{"sku":"007","qty":2,"price":0.3,"gift":true,"day":"2024-01-31","moment":"2024-01-31T18:00:00","hour":"12:00:00","note":null},
		{"sku":"B-7","qty":-10,"price":1e21,"gift":false,"day":"1900-01-01","moment":"1900-02-28T06:00:00","hour":"00:00:00","note":"<é> & \"x\""}]}`
	if !sameJSON(t, got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	tests := []struct{ name, params, want string }{
		{"another sheet", `{"sheet":"Ventas ñ","header":false}`, `[["uno dos"]]`},
		{"an empty sheet", `{"sheet":"Empty"}`, `[]`},
		{"no header, no types", `{"header":false,"types":false}`, `[["sku","qty","price","gift","day","moment","hour","note"],["007","2","0.3","true","2024-01-31","2024-01-31T18:00:00","12:00:00",""],["B-7","-10","1000000000000000000000","false","1900-01-01","1900-02-28T06:00:00","00:00:00","<é> & \"x\""]]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, fail := parse(t, file{Content: sales(t)}, tt.params)
			if fail != nil {
				t.Fatal(fail)
			}
			if got := unescaped(t, rows(t, got)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// archive is a ZIP file of parts given as name, content.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	book   = `<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`
	rels   = `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="/xl/s.xml"/></Relationships>`
	sheet1 = "xl/worksheets/sheet1.xml"
)

// with is a smallest workbook with a sheet of one's own, and further parts.
func with(t testing.TB, data string, parts ...string) []byte {
	return archive(t, append([]string{"xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", rels, sheet1, `<worksheet><sheetData>` + data + `</sheetData></worksheet>`}, parts...)...)
}

func TestXLSXOfOtherPrograms(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"no references", `<row><c/><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`, `[[null,1,2],[3,null,null]]`},
		{"cells in any order", `<row><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>`, `[[1,null,3]]`},
		{"texts in their cells", `<row><c t="inlineStr"><is><t>a</t><rPh><t>hint</t></rPh></is></c><c t="str"><f>x</f><v>b</v></c></row>`, `[["a","b"]]`},
		{"errors", `<row><c t="e"><v>#N/A</v></c></row>`, `[["#N/A"]]`},
		{"ISO dates", `<row><c t="d"><v>2024-01-31</v></c></row>`, `[["2024-01-31"]]`},
		{"a text that is not there", `<row><c t="s"><v>9</v></c><c><v>1</v></c></row>`, `[[null,1]]`},
		{"numbers that are none", `<row><c><v>NaN</v></c><c><v>x</v></c><c><v>1E2</v></c></row>`, `[["NaN","x",100]]`},
		{"styles that are not there", `<row><c s="99"><v>1</v></c><c s="-1"><v>2</v></c></row>`, `[[1,2]]`},
		{"rows without content", `<row/><row><c r="A2"/></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>`, `[[1]]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, fail := parse(t, file{Content: with(t, tt.data)}, `{"header":false}`)
			if fail != nil {
				t.Fatal(fail)
			}
			if got := rows(t, got); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestXLSXRefused(t *testing.T) {
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	tests := []struct {
		name    string
		content []byte
		params  string
		code    plugin.Code
		want    string
	}{
		{"cut", sales(t)[:500], ``, plugin.InvalidArgument, "this is no .xlsx file"},
		{"text as XLSX", []byte("a,b"), `{"format":"xlsx"}`, plugin.InvalidArgument, "this is no .xlsx file"},
		{"another archive", archive(t, "a.txt", "hello"), ``, plugin.InvalidArgument, "has no workbook"},
		{"another sheet", sales(t), `{"sheet":"None"}`, plugin.NotFound, `there is no sheet "None"; there are Sheet1, Empty, Ventas`},
		{"no sheet", archive(t, "xl/workbook.xml", "<workbook/>"), ``, plugin.NotFound, "there is no sheet"},
		{"a sheet without its part", archive(t, "xl/workbook.xml", book), ``, plugin.InvalidArgument, "damaged"},
		{"no XML", with(t, `<row><c><v>1</v`), ``, plugin.InvalidArgument, "damaged at " + sheet1},
		{"entities", with(t, `<row><c><v>&x;</v></c></row>`), ``, plugin.InvalidArgument, "damaged"},
		{"columns beyond measure", with(t, `<row><c r="XFD1"><v>1</v></c></row>`), ``, plugin.PayloadTooLarge, "column 16384; the most is 2000"},
		{"columns beyond numbers", with(t, `<row><c r="`+many(5000, "Z")+`1"><v>1</v></c></row>`), ``, plugin.PayloadTooLarge, "the most is 2000"},
		{"rows", with(t, many(20, `<row><c><v>1</v></c></row>`)), `{"max_rows":5}`, plugin.PayloadTooLarge, "more than 5 rows"},
		{"cells", with(t, many(600, `<row><c r="BXX1"><v>1</v></c></row>`)), ``, plugin.PayloadTooLarge, "more than 1000000 cells"},
		{"sheets", archive(t, "xl/workbook.xml", "<w>"+many(1001, `<sheet name="a"/>`)+"</w>"), ``, plugin.PayloadTooLarge, "more than 1000 sheets"},
		{"texts", with(t, ``, "xl/s.xml", "<sst>"+many(1_000_001, `<si></si>`)+"</sst>"), ``, plugin.PayloadTooLarge, "more than 1000000 texts"},
		{"a bomb", with(t, `<row><c><v>`+many(70<<20, "1")+`</v></c></row>`), ``, plugin.PayloadTooLarge, "max_unpacked_bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if len(tt.content) > 1<<20 {
				t.Fatalf("the archive has %d bytes; it shall be small", len(tt.content))
			}
			_, fail := parse(t, file{Content: tt.content}, tt.params)
			mustFail(t, fail, tt.code, tt.want)
		})
	}
}

// TestSparseSheetsAreCheap holds a file of which libraries make gigabytes.
func TestSparseSheetsAreCheap(t *testing.T) {
	var data strings.Builder
	for i := range 400 {
		fmt.Fprintf(&data, `<row r="%d"><c r="BXX%d"><v>1</v></c></row>`, 1+i*2600, 1+i*2600)
	}
	content := with(t, data.String())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := read(t.Context(), content, options{})
	runtime.ReadMemStats(&after)
	if err != nil || got.RowCount != 399 {
		t.Fatalf("%+v, %v", got, err)
	}
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 100 {
		t.Errorf("%d MB for %d bytes", used, len(content))
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	for name, content := range map[string][]byte{
		"csv":  []byte(strings.Repeat("1,2\n", 5000)),
		"xlsx": with(t, strings.Repeat(`<row><c><v>1</v></c></row>`, 5000)),
	} {
		if _, err := read(ctx, content, options{}); plugin.CodeOf(err) != plugin.DeadlineExceeded {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDateFormats(t *testing.T) {
	for code, want := range map[string]bool{
		"yyyy-mm-dd": true, "d/m/yy h:mm": true, "[h]:mm:ss": true, "hh:mm AM/PM": true, `dd\.mm`: true, "[$-409]d-mmm": true,
		"General": false, "0.00": false, "#,##0": false, `0 "days"`: false, "[Red]0": false, "@": false, "0%": false, `0_d`: false, `0\d`: false, "": false, `"yyyy`: false,
		strings.Repeat("y", 300): false,
	} {
		if got := isDateFormat(code); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}

func FuzzXLSX(f *testing.F) {
	f.Add(`<row><c r="B2" t="s"><v>0</v></c></row>`, `<si><t>a</t></si>`, `<numFmt numFmtId="164" formatCode="d"/><cellXfs><xf numFmtId="164"/></cellXfs>`)
	f.Add(`<row r="1"><c s="1"><v>1e308</v></c><c t="b"><v>1</v></c></row>`, `<si><r><t>a</t></r><rPh><t>b</t></rPh></si>`, `<cellXfs><xf numFmtId="14"/></cellXfs>`)
	f.Fuzz(func(t *testing.T, data, texts, styles string) {
		styled := strings.Replace(rels, "</Rel", `<Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Rel`, 1)
		content := archive(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", styled, sheet1, data, "xl/s.xml", texts, "xl/styles.xml", styles)
		table, err := read(t.Context(), content, options{})
		if err != nil {
			if code := plugin.CodeOf(err); code != plugin.InvalidArgument && code != plugin.PayloadTooLarge {
				t.Fatalf("%s: %v", code, err)
			}
			return
		}
		if _, err := json.Marshal(table); err != nil {
			t.Fatal(err)
		}
	})
}
