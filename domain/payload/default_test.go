package payload_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestDefaultStandsForMissingAndNull(t *testing.T) {
	sent, err := payload.Parse([]byte(`{"null": null, "empty": "", "zero": 0}`))
	if err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		`{{payload.none ?? "d"}}`:  "d",
		`{{payload.null ?? "d"}}`:  "d",
		`{{payload.empty ?? "d"}}`: "",
		`{{payload.zero ?? "d"}}`:  "0",
		`{{payload.null}}`:         "",
	} {
		e, err := payload.ParseExpression(source)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Text(payload.Scope{Payload: sent}); err != nil || got != want {
			t.Errorf("%s gave %q, %v; want %q", source, got, err, want)
		}
	}
}
