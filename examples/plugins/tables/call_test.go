package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// call makes one call as the host does.
func call(t testing.TB, r wire.Request, payload any) (string, *plugin.Error) {
	t.Helper()
	body, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, r, body)
}

func send(t testing.TB, r wire.Request, body []byte) (string, *plugin.Error) {
	t.Helper()
	f, err := wire.New(r, body)
	if err != nil {
		t.Fatal(err)
	}
	answer := tables.Call(t.Context(), f, nil)
	var header wire.Response
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		t.Fatal(err)
	}
	return string(answer.Payload), header.Error
}

// parse calls the node.
func parse(t testing.TB, f file, params string) (string, *plugin.Error) {
	t.Helper()
	return call(t, wire.Request{Op: wire.Node, Name: "parse", Params: json.RawMessage(params)}, f)
}

// rows is what a table holds, without the rest.
func rows(t testing.TB, result string) string {
	t.Helper()
	var r struct{ Rows json.RawMessage }
	if err := json.Unmarshal([]byte(result), &r); err != nil {
		t.Fatalf("%s: %v", result, err)
	}
	return string(r.Rows)
}

func TestManifestIsCommitted(t *testing.T) {
	want, err := os.ReadFile("nflow-plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := tables.ManifestJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("nflow-plugin.json is old; run: go run . manifest > nflow-plugin.json")
	}
}

func TestExamplesOfTheManifest(t *testing.T) { plugintest.New(tables).Examples(t) }

func sameJSON(t testing.TB, a, b string) bool {
	t.Helper()
	normal := func(s string) string {
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	return normal(a) == normal(b)
}

func TestConvert(t *testing.T) {
	action := func(query map[string][]string) wire.Request {
		return wire.Request{Op: wire.Action, Name: "convert", Query: query}
	}
	raw := action(map[string][]string{"header": {"false"}, "types": {"false"}, "max_rows": {"5"}, "sheet": {"true"}})
	raw.Encoding, raw.ContentType = wire.Base64, "text/csv"
	got, fail := call(t, raw, base64.StdEncoding.EncodeToString([]byte("1,2\n")))
	if fail != nil || rows(t, got) != `[["1","2"]]` {
		t.Errorf("an uploaded file: %s, %v", got, fail)
	}
	got, fail = call(t, action(map[string][]string{"delimiter": {";"}}), map[string]any{"content_base64": []byte("a;b\n1;2\n"), "delimiter": ","})
	if fail != nil || rows(t, got) != `[{"a":1,"b":2}]` {
		t.Errorf("JSON, where the query wins: %s, %v", got, fail)
	}
	tests := []struct {
		name, query string
		value       string
		body, want  string
	}{
		{"no body", "", "", `null`, "body is null; it must be of the type object"},
		{"no table", "", "", `{}`, "there is no table; give text or content_base64"},
		{"two tables", "", "", `{"text":"a","content_base64":"YQ=="}`, "both text and content_base64 are there; give one of them"},
		{"unknown field", "", "", `{"text":"a","divider":","}`, "divider"},
		{"unknown option", "headers", "false", `{"text":"a"}`, "headers"},
		{"no boolean", "header", "perhaps", `{"text":"a"}`, "header"},
		{"no number", "max_rows", "many", `{"text":"a"}`, "max_rows"},
		{"no base64", "", "", `{"content_base64":"?"}`, "illegal base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			query := map[string][]string{}
			if tt.query != "" {
				query[tt.query] = []string{tt.value}
			}
			_, fail := send(t, action(query), []byte(tt.body))
			mustFail(t, fail, plugin.InvalidArgument, tt.want)
		})
	}
	empty := action(nil)
	empty.Encoding = wire.Base64
	_, fail = call(t, empty, "")
	mustFail(t, fail, plugin.InvalidArgument, "send the file as the body")
}
