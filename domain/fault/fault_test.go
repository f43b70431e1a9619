package fault_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func TestPlace(t *testing.T) {
	base := fault.New(fault.Invalid, "no good")
	tests := []struct {
		name  string
		fault *fault.Fault
		want  string
	}{
		{"nowhere", base, "no good"},
		{"workflow", base.InWorkflow("shop"), "workflow shop: no good"},
		{"node", base.AtNode("pay"), "node pay: no good"},
		{"field", base.AtField("data.path"), "data.path: no good"},
		{"line", base.AtLine(3, 7), "line 3:7: no good"},
		{"all", base.InWorkflow("shop").AtNode("pay").AtField("data.script").AtLine(3, 7), "workflow shop, node pay, data.script line 3:7: no good"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.fault.Error(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if base.Place() != "" {
		t.Errorf("the copies changed the original: %q", base.Place())
	}
}

func TestFirstPlaceStays(t *testing.T) {
	f := fault.New(fault.Invalid, "x").AtNode("inner").InWorkflow("one")
	if got := f.AtNode("outer").InWorkflow("two"); got.Node != "inner" || got.Workflow != "one" {
		t.Errorf("got node %q in %q", got.Node, got.Workflow)
	}
	if got := f.AtField("a").AtField("b").Field; got != "b" {
		t.Errorf("a field is placed anew, got %q", got)
	}
}

func TestCopiesCarryOn(t *testing.T) {
	f := fault.Wrap(io.EOF, fault.LimitExceeded, "%d is too much", 7).OverLimit("limits.max_rows").Retry(3)
	if f.Message != "7 is too much" || f.Limit != "limits.max_rows" || f.RetryAfter != 3 || !errors.Is(f, io.EOF) {
		t.Errorf("got %+v", f)
	}
}

func TestIsComparesCodes(t *testing.T) {
	wrapped := fmt.Errorf("while working: %w", fault.New(fault.NotFound, "gone"))
	if !errors.Is(wrapped, fault.New(fault.NotFound, "")) {
		t.Error("same code, but not Is")
	}
	if errors.Is(wrapped, fault.New(fault.Conflict, "")) {
		t.Error("another code, but Is")
	}
}

func TestAs(t *testing.T) {
	inner := fault.New(fault.Conflict, "twice")
	tests := []struct {
		name string
		err  error
		want fault.Code
	}{
		{"nil", nil, ""},
		{"itself", inner, fault.Conflict},
		{"wrapped", fmt.Errorf("op: %w", inner), fault.Conflict},
		{"list", fault.List{inner, fault.New(fault.Invalid, "x")}, fault.Conflict},
		{"wrapped list", fmt.Errorf("op: %w", fault.List{inner}), fault.Conflict},
		{"foreign", io.EOF, fault.Internal},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fault.CodeOf(tt.err); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if (fault.As(tt.err) == nil) != (tt.err == nil) {
				t.Error("only nil is no fault")
			}
		})
	}
	if f := fault.As(io.EOF); strings.Contains(f.Error(), "EOF") || !errors.Is(f, io.EOF) {
		t.Errorf("a foreign error is kept as the cause and never shown: %q", f)
	}
}

func TestList(t *testing.T) {
	var l fault.List
	if l.Err() != nil {
		t.Error("an empty list is no error")
	}
	l.Add(fault.New(fault.Invalid, "one"))
	l.Add(fault.New(fault.Conflict, "two"))
	if got := l.Err().Error(); got != "one\ntwo" {
		t.Errorf("got %q", got)
	}
	if !errors.Is(l, fault.New(fault.Conflict, "")) {
		t.Error("errors.Is does not see the second fault")
	}
}
