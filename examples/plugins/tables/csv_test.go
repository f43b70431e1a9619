package main

import (
	"encoding/json"
	"strings"
	"testing"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

func mustFail(t testing.TB, e *plugin.Error, code plugin.Code, want string) {
	t.Helper()
	if e == nil {
		t.Errorf("it succeeded; want %s", want)
		return
	}
	if e.Code != code || !strings.Contains(e.Message, want) || strings.Contains(e.Message, "Go ") {
		t.Errorf("got %s %s; want %s %s", e.Code, e.Message, code, want)
	}
}

func TestCSV(t *testing.T) {
	utf16 := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, r := range s {
			b = append(b, byte(r), byte(r>>8))
		}
		return string(b)
	}
	tests := []struct{ name, text, params, want string }{
		{"commas", "a,b\n1,x\n", ``, `[{"a":1,"b":"x"}]`},
		{"semicolons with decimal commas", "a;b\n1,5;x\n2,5;y\n", ``, `[{"a":"1,5","b":"x"},{"a":"2,5","b":"y"}]`},
		{"tabs", "a\tb\n1\tx, y\n", ``, `[{"a":1,"b":"x, y"}]`},
		{"bars", "a|b\n1|2\n", ``, `[{"a":1,"b":2}]`},
		{"one column", "name\nAna\nBo\n", ``, `[{"name":"Ana"},{"name":"Bo"}]`},
		{"a delimiter of one's own", "a#b\n1#2\n", `{"delimiter":"#"}`, `[{"a":1,"b":2}]`},
		{"a delimiter beyond ASCII", "a¦b\n1¦2\n", `{"delimiter":"¦"}`, `[{"a":1,"b":2}]`},
		{"quotes", "a,b\n\"x, \"\"y\"\"\n2\",1\n", ``, `[{"a":"x, \"y\"\n2","b":1}]`},
		{"Windows line ends", "a,b\r\n1,2\r\n", ``, `[{"a":1,"b":2}]`},
		{"no line end", "a,b\n1,2", ``, `[{"a":1,"b":2}]`},
		{"empty lines", "a,b\n\n1,2\n  \n", ``, `[{"a":1,"b":2}]`},
		{"UTF-8 with a mark", "\ufeffa,b\n1,2\n", ``, `[{"a":1,"b":2}]`},
		{"UTF-16", utf16("añ\tb\n1\t2\n"), ``, `[{"añ":1,"b":2}]`},
		{"Windows-1252", "a,b\nni\xf1o,\x80\n", ``, `[{"a":"niño","b":"€"}]`},
		{"codes stay text", "zip,n\n01234,1\n12345,2\n", ``, `[{"zip":"01234","n":1},{"zip":"12345","n":2}]`},
		{"mixed columns stay text", "a\n1\nn/a\n", ``, `[{"a":"1"},{"a":"n/a"}]`},
		{"long numbers stay text", "a\n12345678901234567890\n", ``, `[{"a":"12345678901234567890"}]`},
		{"all kinds of numbers", "a\n-1\n2.50\n3e5\n0.001\n", ``, `[{"a":-1},{"a":2.50},{"a":3e5},{"a":0.001}]`},
		{"booleans", "a,b\nTRUE,1\nfalse,\n,2\n", ``, `[{"a":true,"b":1},{"a":false,"b":null},{"a":null,"b":2}]`},
		{"holes in numbers", "a,b\n1,\n,2\n", ``, `[{"a":1,"b":null},{"a":null,"b":2}]`},
		{"no types", "a,b\n1,\n", `{"types":false}`, `[{"a":"1","b":""}]`},
		{"no header", "1,x\n2,y\n", `{"header":false}`, `[[1,"x"],[2,"y"]]`},
		{"short rows", "a,b\n1\n", ``, `[{"a":1,"b":null}]`},
		{"long rows", "a\n1,2\n", `{"delimiter":","}`, `[{"a":1,"column_2":2}]`},
		{"names twice and none", "a,a,,a_2\n1,2,3,4\n", ``, `[{"a":1,"a_2":2,"column_3":3,"a_2_2":4}]`},
		{"order of columns", "z,a,m\n1,2,3\n", ``, `[{"z":1,"a":2,"m":3}]`},
		{"only a header", "a,b\n", ``, `[]`},
		{"HTML", "a\n<b>&\n", ``, `[{"a":"<b>&"}]`},
		{"as many rows as asked for", "a\n1\n2\n", `{"max_rows":2}`, `[{"a":1},{"a":2}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, fail := parse(t, file{Content: []byte(tt.text)}, tt.params)
			if fail != nil {
				t.Fatal(fail)
			}
			if got := unescaped(t, rows(t, got)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// unescaped undoes what encoding/json does for HTML.
func unescaped(t testing.TB, s string) string {
	t.Helper()
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

func TestCSVRefused(t *testing.T) {
	tests := []struct {
		name, text, params string
		code               plugin.Code
		want               string
	}{
		{"nothing", "", ``, plugin.InvalidArgument, "there is no table"},
		{"an open quote", "a,b\n\"1,2\n", ``, plugin.InvalidArgument, "line 2"},
		{"a stray quote", "a,b\n1\"2,3\n", ``, plugin.InvalidArgument, "line 2, column 2"},
		{"bytes of another kind", "\x00\x01\x02", ``, plugin.InvalidArgument, "neither text nor"},
		{"the old format of Excel", "\xd0\xcf\x11\xe0xxxx", ``, plugin.InvalidArgument, "save it as .xlsx"},
		{"too many rows", "a\n1\n2\n3\n", `{"max_rows":2}`, plugin.PayloadTooLarge, "more than 2 rows"},
		{"too many columns", "a\n" + strings.Repeat(",", 2001), ``, plugin.PayloadTooLarge, "2002 columns; the most is 2000"},
		{"too many cells", "a" + strings.Repeat(",b", 1999) + "\n" + strings.Repeat("1\n", 600), ``, plugin.PayloadTooLarge, "more than 1000000 cells"},
		{"too many bytes", strings.Repeat("x", 8<<20+1), ``, plugin.PayloadTooLarge, "the most is 8388608"},
		{"unknown format", "a", `{"format":"xml"}`, plugin.InvalidArgument, `format: "xml" is unknown`},
		{"long delimiter", "a", `{"delimiter":"::"}`, plugin.InvalidArgument, "delimiter"},
		{"a quote as delimiter", "a", `{"delimiter":"\""}`, plugin.InvalidArgument, "delimiter"},
		{"rows below nothing", "a", `{"max_rows":-1}`, plugin.InvalidArgument, "max_rows: -1 is not between 1 and 100000"},
		{"rows beyond measure", "a", `{"max_rows":100001}`, plugin.InvalidArgument, "max_rows"},
		{"unknown param", "a", `{"sep":","}`, plugin.InvalidArgument, "sep"},
		{"wrong param", "a", `{"header":"yes"}`, plugin.InvalidArgument, "header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, fail := parse(t, file{Content: []byte(tt.text)}, tt.params)
			mustFail(t, fail, tt.code, tt.want)
		})
	}
}

func TestParseCSVFunction(t *testing.T) {
	f := wire.Request{Op: wire.Function, Name: "parse_csv"}
	if got, fail := call(t, f, []any{"a,b\n1,2\n"}); fail != nil || got != `[{"a":1,"b":2}]` {
		t.Errorf("got %s, %v", got, fail)
	}
	if got, fail := call(t, f, []any{"1;2\n", map[string]any{"header": false, "types": false}}); fail != nil || got != `[["1","2"]]` {
		t.Errorf("with options: got %s, %v", got, fail)
	}
	if got, fail := call(t, f, []any{""}); fail != nil || got != `[]` {
		t.Errorf("an empty text: got %s, %v", got, fail)
	}
	for want, args := range map[string][]any{
		"args[0] is missing":               {},
		"parse_csv reads csv":              {"a", map[string]any{"format": "xlsx"}},
		"args[0]":                          {5},
		"parse_csv takes 1 to 2 arguments": {"a", nil, 3},
	} {
		_, fail := call(t, f, args)
		mustFail(t, fail, plugin.InvalidArgument, want)
	}
}

func TestSettings(t *testing.T) {
	t.Cleanup(func() { configured.Store(nil) })
	configureWith := func(settings string) *plugin.Error {
		_, fail := send(t, wire.Request{Op: wire.Configure}, json.RawMessage(settings))
		return fail
	}
	if fail := configureWith(`{"max_rows":2,"max_bytes":20}`); fail != nil {
		t.Fatal(fail)
	}
	_, fail := parse(t, file{Text: "a\n1\n2\n3\n"}, ``)
	mustFail(t, fail, plugin.PayloadTooLarge, "more than 2 rows")
	_, fail = parse(t, file{Text: "a\n1\n2\n3\n"}, `{"max_rows":3}`)
	mustFail(t, fail, plugin.InvalidArgument, "max_rows: 3 is not between 1 and 2")
	_, fail = parse(t, file{Text: strings.Repeat("x", 21)}, ``)
	mustFail(t, fail, plugin.PayloadTooLarge, "setting max_bytes")
	mustFail(t, configureWith(`{"max_rows":-1}`), plugin.InvalidArgument, "settings.max_rows")
	mustFail(t, configureWith(`{"max_row":1}`), plugin.InvalidArgument, "max_row")
	if fail := configureWith(`{}`); fail != nil {
		t.Fatal(fail)
	}
	if _, fail := parse(t, file{Text: "a\n1\n2\n3\n"}, ``); fail != nil {
		t.Errorf("the defaults are not back: %v", fail)
	}
}

// FuzzRead: no file brings the plugin down.
func FuzzRead(f *testing.F) {
	f.Add([]byte("a,b\n1,\"x\"\n"), ",")
	f.Add([]byte("\xff\xfea\x00"), "")
	f.Add([]byte("a;b|c\td\n\n"), ";")
	f.Fuzz(func(t *testing.T, content []byte, delimiter string) {
		o := options{Delimiter: delimiter}
		table, err := read(t.Context(), content, o)
		if err != nil {
			if code := plugin.CodeOf(err); code != plugin.InvalidArgument && code != plugin.PayloadTooLarge && code != plugin.NotFound {
				t.Fatalf("%s: %v", code, err)
			}
			return
		}
		b, err := json.Marshal(table)
		if err != nil || !json.Valid(b) {
			t.Fatalf("%q: %v", b, err)
		}
	})
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0": true, "12": true, "-1.5": true, "0.001": true, "1e5": true, "1E+05": true, "1.5e-9": true, "123456789012345": true,
		"": false, "-": false, "00": false, "01": false, "+1": false, ".5": false, "1.": false, "1e": false, "1e+": false, "1e123": false, "1.e5": false,
		"1234567890123456": false, "0x1": false, "1_000": false, "1 2": false, "NaN": false, "--1": false, "1-": false, "1.2.3": false,
	} {
		if got := isNumber(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if isNumber(text) && !json.Valid([]byte(text)) {
			t.Errorf("%q is no JSON", text)
		}
	}
}
