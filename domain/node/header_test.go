package node_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func TestHeaderNames(t *testing.T) {
	for name, fine := range map[string]bool{
		"X-Trace": true, "x_1": true, "": false, "a b": false, "a:": false, "{{payload.x}}": false, "é": false, `a\r\nX`: false, `a\u0000`: false,
	} {
		for kind, rest := range map[string]string{"http": `"url":"http://x/",`, "response": ``} {
			data, err := payload.Parse([]byte(`{` + rest + `"headers":{"` + name + `":"v"}}`))
			if err != nil {
				t.Fatal(err)
			}
			typ, _ := node.NewRegistry(node.Builtins()...).Type(kind)
			_, faults := typ.Compile(node.Definition{ID: "n", Type: kind, Data: data})
			if fine != (len(faults) == 0) || !fine && faults[0].Field != "data.headers" {
				t.Errorf("%s, header %q: %v", kind, name, faults)
			}
		}
	}
}
