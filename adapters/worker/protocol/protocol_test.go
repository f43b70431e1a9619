package protocol_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/arturoeanton/nflow-runtime/adapters/worker/protocol"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// cross sends a frame and reads it at the other end.
func cross(t *testing.T, f *protocol.Frame) protocol.Body {
	t.Helper()
	var pipe bytes.Buffer
	if err := protocol.NewWriter(&pipe).Send(f); err != nil {
		t.Fatal(err)
	}
	kind, b, err := protocol.NewReader(iotest.OneByteReader(&pipe), 1<<20).Next()
	if err != nil || kind != protocol.Done {
		t.Fatal(kind, err)
	}
	return b
}

func whole(t *testing.T, b *protocol.Body) {
	t.Helper()
	if err := b.Err(); err != nil {
		t.Error(err)
	}
}

func TestEverythingCrosses(t *testing.T) {
	result := node.ScriptResult{
		Payload: payload.Trusted([]byte(`{"a":[1,"ñ"]}`)), Next: "b", Locals: payload.Trusted([]byte(`{}`)),
		Header: []node.Header{{Name: "A", Value: "b"}, {Name: "C"}},
		Reply:  &node.Reply{Status: 201, Header: []node.Header{{Name: "D", Value: "e"}}, Body: []byte("body")},
	}
	limits := policy.DefaultLimits()
	limits.Steps, limits.Rows, limits.RunTime = 0, 0, 0 // are not about one script
	script := node.Script{Language: node.TypeScript, Entry: "main", Field: "data.script"}
	findings := []policy.Finding{{Rule: "r", Severity: policy.High, Message: "m", Line: 1, Column: 2}}
	f := new(protocol.Frame).Begin(protocol.Done).Bool(true).Int(-5).Text("x")
	f.AddResult(result)
	f.AddResult(node.ScriptResult{})
	f.AddLimits(limits)
	f.AddScript(script)
	f.AddFindings(findings)
	f.AddSource(protocol.Source{ID: 7, New: true, Code: "code"})
	f.AddSource(protocol.Source{ID: 7})
	b := cross(t, f)
	if !b.Bool() || b.Int() != -5 || b.Text() != "x" {
		t.Error("plain fields")
	}
	values := cmp.AllowUnexported(payload.Value{})
	for what, diff := range map[string]string{
		"result":     cmp.Diff(result, b.Result(), values),
		"no result":  cmp.Diff(node.ScriptResult{}, b.Result(), values),
		"limits":     cmp.Diff(limits, b.Limits()),
		"script":     cmp.Diff(script, b.Script()),
		"findings":   cmp.Diff(findings, b.Findings()),
		"new source": cmp.Diff(protocol.Source{ID: 7, New: true, Code: "code"}, b.Source()),
		"old source": cmp.Diff(protocol.Source{ID: 7}, b.Source()),
	} {
		if diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	whole(t, &b)
}

func TestFaultsCross(t *testing.T) {
	secret := errors.New("secret")
	sent := fault.Wrap(secret, fault.LimitExceeded, "100%% of it").AtNode("n").AtField("data.x").AtLine(3, 4).
		InWorkflow("w").OverLimit("limits.x").Retry(9)
	sent.Status, sent.Rule = 502, "no-eval"
	f := new(protocol.Frame).Begin(protocol.Done)
	f.AddFault(sent)
	f.AddFault(fault.New(fault.Invalid, "plain"))
	f.AddFault(sent)
	b := cross(t, f)
	got := b.Fault(nil)
	if diff := cmp.Diff(*sent, *got, cmpopts.IgnoreUnexported(fault.Fault{})); diff != "" {
		t.Error(diff)
	}
	if got.Unwrap().Error() != "secret" || errors.Is(got, secret) {
		t.Errorf("cause %v", got.Unwrap())
	}
	if got := b.Fault(sent); got.Unwrap() != nil || got.Message != "plain" {
		t.Errorf("got %v", got)
	}
	if got := b.Fault(sent); !errors.Is(got, secret) {
		t.Errorf("the original's cause is lost: %v", got.Unwrap())
	}
	whole(t, &b)
}

func TestFramesAreBounded(t *testing.T) {
	var pipe bytes.Buffer
	w := protocol.NewWriter(&pipe)
	for range 2 {
		if err := w.Send(new(protocol.Frame).Begin(protocol.Log).Raw(make([]byte, 5000))); err != nil {
			t.Fatal(err)
		}
	}
	r := protocol.NewReader(&pipe, 6000)
	if _, b, err := r.Next(); err != nil || len(b.Raw()) != 5000 {
		t.Error(err)
	}
	r.SetLimit(4999)
	if _, _, err := r.Next(); !errors.Is(err, protocol.ErrTooLarge) {
		t.Error(err)
	}
}

func TestEndsAreTold(t *testing.T) {
	var pipe bytes.Buffer
	if err := protocol.NewWriter(&pipe).Send(new(protocol.Frame).Begin(protocol.Log).Text("abc")); err != nil {
		t.Fatal(err)
	}
	all := pipe.Bytes()
	for n := range len(all) + 1 {
		r := protocol.NewReader(bytes.NewReader(all[:n]), 100)
		_, _, err := r.Next()
		want := io.ErrUnexpectedEOF
		switch n {
		case 0:
			want = io.EOF
		case len(all):
			want = nil
		}
		if !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", n, err, want)
		}
	}
}

// A list may not claim more than it holds, nor so much that reading it fills the
// memory.
func TestListsAreBounded(t *testing.T) {
	const claimed = 8 << 20
	f := new(protocol.Frame).Begin(protocol.Done).Raw(nil).Text("").Raw(nil).Int(claimed)
	for range claimed / 8 {
		f.Int(0).Int(0).Int(0).Int(0).Int(0).Int(0).Int(0).Int(0)
	}
	var pipe bytes.Buffer
	if err := protocol.NewWriter(&pipe).Send(f); err != nil {
		t.Fatal(err)
	}
	_, b, err := protocol.NewReader(&pipe, claimed*2).Next()
	if err != nil {
		t.Fatal(err)
	}
	if r := b.Result(); len(r.Header) > 0 || b.Err() == nil {
		t.Errorf("%d headers, error %v", len(r.Header), b.Err())
	}
}

// FuzzBody reads frames of a process that lies.
func FuzzBody(f *testing.F) {
	good := new(protocol.Frame).Begin(protocol.Done)
	good.AddResult(node.ScriptResult{Payload: payload.Trusted([]byte("1")), Reply: &node.Reply{Status: 200}})
	good.AddFault(fault.New(fault.Invalid, "x"))
	good.AddFindings([]policy.Finding{{Rule: "r"}})
	var pipe bytes.Buffer
	if err := protocol.NewWriter(&pipe).Send(good); err != nil {
		f.Fatal(err)
	}
	f.Add(pipe.Bytes())
	f.Add([]byte{3, 0, 0, 0, 1, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		began := time.Now()
		r := protocol.NewReader(bytes.NewReader(raw), 1<<16)
		for {
			_, b, err := r.Next()
			if err != nil {
				break
			}
			if v := b.Result().Payload; !v.IsZero() && b.Err() == nil {
				if _, err := payload.Parse(v.Bytes()); err != nil {
					t.Errorf("a payload that is not JSON: %q", v.Bytes())
				}
			}
			if b.Fault(nil).Code == "" {
				t.Error("a fault without a code")
			}
			b.Findings()
			b.Limits()
			b.Source()
		}
		if time.Since(began) > 5*time.Second {
			t.Error("slow")
		}
	})
}
