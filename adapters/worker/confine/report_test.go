package confine

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func full() Report {
	var r Report
	for _, name := range measureNames() {
		r.add(name, "", nil)
	}
	return r
}

func TestReportComplete(t *testing.T) {
	missing := full()
	missing.Measures[3] = Measure{Name: NoNewPrivs, Detail: "why not"}
	renamed := full()
	renamed.Measures[0].Name = Seccomp
	tests := []struct {
		name   string
		report Report
		want   string // what it says; "complete" when it is
	}{
		{"full", full(), "complete"},
		{"none", Report{}, "no full report"},
		{"short", Report{Measures: full().Measures[:2]}, "no full report"},
		{"one measure twice", renamed, "no full report"},
		{"one missing", missing, "missing no_new_privs: why not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.report.String(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			if got := tt.report.Complete(); got != (tt.want == "complete") {
				t.Errorf("complete: %t", got)
			}
		})
	}
}

func TestReportTravels(t *testing.T) {
	sent := full()
	sent.add("x", "", errors.New("why not"))
	raw, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadReport(raw)
	if err != nil || got.String() != sent.String() || !strings.Contains(string(raw), `{"name":"landlock","ok":true}`) {
		t.Errorf("%v, %v, %s", got, err, raw)
	}
	if _, err := ReadReport([]byte("{")); err == nil {
		t.Error("half a report was read")
	}
}
