package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// answer is what became of a host call.
type answer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *plugin.Error   `json:"error,omitempty"`
}

// world are functions that look at what is around the plugin.
func world() []plugin.Function {
	return []plugin.Function{
		plugin.FunctionOf2("host", "makes a host call and tells what came of it", func(ctx context.Context, method string, args json.RawMessage) (answer, error) {
			return ask(ctx, method, args)
		}),
		plugin.FunctionOf2("hosts", "makes a host call n times", func(ctx context.Context, method string, n int) (int, error) {
			for i := range n {
				if a, err := ask(ctx, method, json.RawMessage(fmt.Sprintf(`{"n":%d}`, i))); err != nil || a.Error != nil || string(a.Result) != fmt.Sprintf(`{"n":%d}`, i) {
					return i, plugin.Errorf(plugin.Internal, "call %d: %s %v %v", i, a.Result, a.Error, err)
				}
			}
			return n, nil
		}),
		plugin.FunctionOf2("print", "prints a text some times, to stdout and stderr", func(_ context.Context, text string, times int) (bool, error) {
			for range times {
				fmt.Fprintln(os.Stdout, text)
				fmt.Fprintln(os.Stderr, text)
			}
			return true, nil
		}),
		plugin.FunctionOf0("env", "the environment", func(context.Context) (map[string]string, error) {
			all := map[string]string{}
			for _, one := range os.Environ() {
				name, value, _ := strings.Cut(one, "=")
				all[name] = value
			}
			return all, nil
		}),
		plugin.FunctionOf1("readfile", "the content of a file", func(_ context.Context, path string) (string, error) {
			b, err := os.ReadFile(path)
			if err != nil {
				return "", plugin.Errorf(plugin.PermissionDenied, "%v", err)
			}
			return string(b), nil
		}),
		plugin.FunctionOf1("writefile", "writes a file", func(_ context.Context, path string) (bool, error) {
			if err := os.WriteFile(path, []byte("written"), 0o600); err != nil {
				return false, plugin.Errorf(plugin.PermissionDenied, "%v", err)
			}
			return true, nil
		}),
	}
}

func ask(ctx context.Context, method string, args json.RawMessage) (answer, error) {
	var result json.RawMessage
	err := plugin.HostFrom(ctx).Call(ctx, method, args, &result)
	if typed := (*plugin.Error)(nil); errors.As(err, &typed) {
		return answer{Error: typed}, nil
	}
	return answer{Result: result}, err
}
