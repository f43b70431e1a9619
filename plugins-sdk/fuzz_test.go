package plugin_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// FuzzCall sends anything at all: the answer is always a frame of the contract.
func FuzzCall(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"op":"function","name":"one"}`, `[{"text":""}]`}, {`{"op":"function","name":"two"}`, `[1,"x"]`},
		{`{"op":"node","name":"same","params":{"text":"output_1"}}`, `{"text":"a","list":[{"must":""}]}`},
		{`{"op":"action","name":"bytes","encoding":"base64"}`, `"AP8="`}, {`{"op":"describe"}`, ``}, {`{"op":"configure"}`, `{}`},
		{`{"op":"x"}`, `1`}, {`{`, ``}, {`{"deadline_ms":1}`, `null`},
	} {
		f.Add([]byte(seed[0]), []byte(seed[1]))
	}
	p := kinds()
	f.Fuzz(func(t *testing.T, header, payload []byte) {
		answer := p.Call(context.Background(), wire.Frame{Header: header, Payload: payload}, nil)
		var r wire.Response
		if err := json.Unmarshal(answer.Header, &r); err != nil {
			t.Fatalf("header %q: %v", answer.Header, err)
		}
		if r.Error != nil && (r.Error.Code == "" || r.Error.Message == "") {
			t.Errorf("an error that says nothing: %s", answer.Header)
		}
		if len(answer.Payload) > 0 && !json.Valid(answer.Payload) {
			t.Errorf("payload %q", answer.Payload)
		}
	})
}
