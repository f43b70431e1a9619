package goja

import (
	"context"
	"errors"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func pluginHost() *fakeHost {
	return &fakeHost{
		globals: map[string]string{"plugins": `{"hello":["greet","fail"],"tables":["parse"]}`},
		functions: map[string]func(context.Context, []payload.Value) (payload.Value, error){
			pluginCall: func(_ context.Context, args []payload.Value) (payload.Value, error) {
				if args[1].String() == "fail" {
					return payload.Value{}, fault.New(fault.Unavailable, "plugin hello: down").
						WithDetail(`{"plugin":"hello","code":"unavailable","retryable":true,"details":{"in":"5s"}}`)
				}
				return payload.From(args)
			},
		},
	}
}

func TestPluginFunctions(t *testing.T) {
	for _, row := range []struct{ name, code, want string }{
		{"call", `return plugins.hello.greet("Ana", {a: 1}, undefined);`, `["hello","greet",["Ana",{"a":1},null]]`},
		{"no arguments", `return plugins.tables.parse();`, `["tables","parse",[]]`},
		{"list", `return Object.keys(plugins).concat(Object.keys(plugins.hello));`, `["hello","tables","greet","fail"]`},
		{"unknown plugin", `return [typeof plugins.nope, "nope" in plugins, "hello" in plugins];`, `["undefined",false,true]`},
		{"unknown function", `return typeof plugins.hello.nope;`, `"undefined"`},
		{"computed name", `const p = "hello"; return plugins[p]["greet"](1);`, `["hello","greet",[1]]`},
		{
			"typed failure", `try { plugins.hello.fail(); } catch (e) { return [e.name, e.code, e.pluginCode, e.plugin, e.retryable, e.details]; }`,
			`["NflowError","unavailable","unavailable","hello",true,{"in":"5s"}]`,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			result, err := scriptCall{code: row.code, payload: `{}`, host: pluginHost()}.run(t, testEngine())
			if err != nil {
				t.Fatal(err)
			}
			if got := string(result.Payload.Bytes()); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestUncaughtPluginFailureKeepsItsDetail(t *testing.T) {
	_, err := scriptCall{code: `plugins.hello.fail();`, payload: `{}`, host: pluginHost()}.run(t, testEngine())
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != fault.Unavailable || f.Detail == "" {
		t.Errorf("got %v", err)
	}
}
