package calls_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// FuzzAnswer: whatever a plugin answers, what comes through is JSON within the
// limits, or a fault.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"next":"a"}`), []byte(`{"a":1}`), byte(2))
	f.Add([]byte(`{"emitted":true}`), []byte(`[{"payload":1},{"payload":{},"next":"x"}]`), byte(2))
	f.Add([]byte(`{"encoding":"base64","status":404,"headers":{"A":"b"}}`), []byte(`"AP8="`), byte(4))
	f.Add([]byte(`{"error":{"code":"x","message":"\ud800","details":[1]}}`), []byte(``), byte(3))
	f.Add([]byte(``), []byte("\xff"), byte(0))
	ops := []ports.PluginOp{ports.PluginDescribe, ports.PluginConfigure, ports.PluginNode, ports.PluginFunction, ports.PluginAction}
	f.Fuzz(func(t *testing.T, header, body []byte, op byte) {
		r, err := open(answering(string(header), string(body))).Call(t.Context(), ports.PluginCall{Op: ops[int(op)%len(ops)]}, nil)
		if err != nil {
			if f := fault.As(err); f.Code == fault.Internal || f.Message == "" {
				t.Fatalf("%q %q gives %+v", header, body, f)
			}
			return
		}
		values := []payload.Value{r.Payload}
		for _, e := range r.Emitted {
			values = append(values, e.Payload)
		}
		for _, v := range values {
			if _, err := payload.Parse(v.Bytes()); err != nil || len(v.Bytes()) > 100 {
				t.Fatalf("%q came through: %v", v.Bytes(), err)
			}
		}
		if r.Status != 0 && (r.Status < 200 || r.Status > 599) {
			t.Fatalf("status %d", r.Status)
		}
	})
}
