package http

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestDecodeCall(t *testing.T) {
	rows := []struct {
		name, body, input, start, problem string
	}{
		{"nothing", "", "{}", "", ""},
		{"blanks", " \n", "{}", "", ""},
		{"empty object", "{}", "{}", "", ""},
		{"object", `{"input":{"a":1.50}}`, `{"a":1.50}`, "", ""},
		{"any JSON", `{"input":[1,"x"]}`, `[1,"x"]`, "", ""},
		{"null", `{"input":null}`, `null`, "", ""},
		{"start", `{"start":"n1","input":1}`, `1`, "n1", ""},
		{"last of two", `{"input":1,"input":2}`, `2`, "", ""},
		{"unknown members", `{"inputs":1,"x":2}`, "", "", `"inputs", "x"`},
		{"start is a number", `{"start":1}`, "", "", `"start" must be a string`},
		{"array", `[]`, "", "", "must be a JSON object"},
		{"two values", `{} {}`, "", "", "not valid JSON"},
		{"invalid UTF-8", "{\"input\":\"\xff\"}", "", "", "UTF-8"},
		{"too deep", `{"input":` + strings.Repeat("[", 600) + strings.Repeat("]", 600) + `}`, "", "", "deeper"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			call, err := decodeCall([]byte(row.body))
			if row.problem != "" {
				if fault.CodeOf(err) != fault.Malformed || !strings.Contains(err.Error(), row.problem) {
					t.Fatalf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := string(call.input.Bytes()); got != row.input || call.start != row.start {
				t.Errorf("input %s start %q", got, call.start)
			}
		})
	}
}

func FuzzDecodeCall(f *testing.F) {
	f.Add([]byte(`{"input":{"a":[1,2,{"b":"\u0000"}]},"start":"n"}`))
	f.Add([]byte(`{"inp\u0075t":1}`))
	f.Add([]byte(" "))
	f.Fuzz(func(t *testing.T, body []byte) {
		call, err := decodeCall(body)
		if err != nil {
			if fault.CodeOf(err) != fault.Malformed {
				t.Fatalf("code %s", fault.CodeOf(err))
			}
			return
		}
		if !json.Valid(call.input.Bytes()) {
			t.Fatalf("input %q is not JSON", call.input.Bytes())
		}
		if len(bytes.TrimSpace(body)) == 0 {
			return
		}
		var want struct {
			Input json.RawMessage `json:"input"`
			Start *string         `json:"start"`
		}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("taken, but encoding/json says %v", err)
		}
		if want.Start != nil && *want.Start != call.start {
			t.Errorf("start %q, want %q", call.start, *want.Start)
		}
		if want.Input != nil && !bytes.Equal(want.Input, call.input.Bytes()) {
			t.Errorf("input %s, want %s", call.input.Bytes(), want.Input)
		}
	})
}

func TestRunWorkflow(t *testing.T) {
	w := newWorld()
	var id, start, input string
	var in *ports.Inbound
	w.execute = func(_ context.Context, i, s string, v payload.Value, request *ports.Inbound) (ports.Execution, error) {
		id, start, input, in = i, s, string(v.Bytes()), request
		return ports.Execution{RunID: "r1", Output: payload.Trusted([]byte(`{"n":1.0,"s":"<&>"}`)), Millis: 125}, nil
	}
	rec := w.do(t, "POST", "/api/workflow/a%2Fb%20%C3%A9", `{"input":{"k": 1e2},"start":"s1"}`,
		"Authorization: Bearer run", "Content-Type: application/json")
	wantStatus(t, rec, 200)
	want := `{"success":true,"output":{"n":1.0,"s":"<&>"},"execution_time":125,"run_id":"r1"}`
	if rec.Body.String() != want {
		t.Errorf("body %s\nwant %s", rec.Body, want)
	}
	if id != "a/b é" || start != "s1" || input != `{"k": 1e2}` {
		t.Errorf("id %q start %q input %s", id, start, input)
	}
	if string(in.Body) != input || in.Header["Authorization"] != nil {
		t.Errorf("the workflow sees body %s and header %v", in.Body, in.Header)
	}
	if h := rec.Header(); h.Get("Nflow-Wid-1") != "r1" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", h)
	}
	if got := w.requests()[0]; got != (requestDone{"POST", "/api/workflow/{id}", 200}) {
		t.Errorf("observed %v", got)
	}
}

func TestRefusedCalls(t *testing.T) {
	rows := []struct {
		name, method, target, body string
		headers                    []string
		status                     int
		part                       string
	}{
		{"unknown member", "POST", "/api/workflow/a", `{"inptu":1}`, nil, 400, `\"inptu\"`},
		{"invalid UTF-8", "POST", "/api/workflow/a", "{\"input\":\"\xc3\x28\"}", nil, 400, "UTF-8"},
		{"form", "POST", "/api/workflow/a", "a=1", []string{"Content-Type: application/x-www-form-urlencoded"}, 415, "application/json"},
		{"latin 1", "POST", "/api/workflow/a", "{}", []string{"Content-Type: application/json; charset=iso-8859-1"}, 415, "UTF-8"},
		{"bad media type", "POST", "/api/workflow/a", "{}", []string{"Content-Type: ;;"}, 415, "Content-Type"},
		{"gzip", "POST", "/api/workflow/a", "{}", []string{"Content-Encoding: gzip"}, 415, "gzip"},
		{"null byte in the id", "POST", "/api/workflow/a%00", "{}", nil, 400, "id in the path"},
		{"long id", "POST", "/api/workflow/" + strings.Repeat("x", 201), "{}", nil, 400, "200 bytes"},
		{"GET", "GET", "/api/workflow/a", "", nil, 405, "POST"},
		{"no id", "POST", "/api/workflow/", "{}", nil, 404, "nothing at this path"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			w := newWorld() // execute is nil: calling it would panic
			rec := w.do(t, row.method, row.target, row.body, append(row.headers, "Authorization: Bearer run")...)
			wantStatus(t, rec, row.status)
			if !strings.Contains(rec.Body.String(), row.part) {
				t.Errorf("body %s lacks %s", rec.Body, row.part)
			}
			if row.status == 405 && rec.Header().Get("Allow") != "POST" {
				t.Errorf("Allow %q", rec.Header().Get("Allow"))
			}
		})
	}
}
