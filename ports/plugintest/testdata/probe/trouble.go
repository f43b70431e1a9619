package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

// kept holds what grow takes, so that nothing is given back.
var kept [][]byte

type failure struct {
	Code      plugin.Code     `json:"code"`
	Message   string          `json:"message,omitempty"`
	Retryable bool            `json:"retryable,omitempty"`
	Details   json.RawMessage `json:"details,omitempty"`
}

// trouble are functions that fail, in good ways and bad ones. Those that take
// long tell the host first that they began.
func trouble() []plugin.Function {
	return []plugin.Function{
		plugin.FunctionOf1("fail", "fails as it is told", func(_ context.Context, f failure) (any, error) {
			return nil, &plugin.Error{Code: f.Code, Message: f.Message, Retryable: f.Retryable, Details: f.Details}
		}),
		plugin.FunctionOf1("panic", "panics", func(_ context.Context, text string) (any, error) { panic(text) }),
		plugin.FunctionOf1("crash", "panics where nobody catches it", func(_ context.Context, text string) (any, error) {
			go panic(text)
			select {}
		}),
		plugin.FunctionOf1("exit", "ends the program", func(_ context.Context, code int) (any, error) {
			os.Exit(code)
			return nil, nil
		}),
		plugin.FunctionOf0("spin", "never ends and never looks up", func(ctx context.Context) (int, error) {
			began(ctx)
			n := 0
			for {
				n++
			}
		}),
		plugin.FunctionOf1("sleep", "waits for some milliseconds, or its cancellation", func(ctx context.Context, ms int) (string, error) {
			began(ctx)
			select {
			case <-time.After(time.Duration(ms) * time.Millisecond):
				return "slept", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}),
		plugin.FunctionOf1("deaf", "waits for some milliseconds, whatever happens", func(ctx context.Context, ms int) (string, error) {
			began(ctx)
			time.Sleep(time.Duration(ms) * time.Millisecond)
			return "slept", nil
		}),
		plugin.FunctionOf0("grow", "takes memory until there is none", func(context.Context) (int, error) {
			for {
				b := make([]byte, 1<<20)
				for i := range b {
					b[i] = byte(i)
				}
				kept = append(kept, b)
			}
		}),
		plugin.FunctionOf1("bad", "answers with anything, even if it is no JSON", func(_ context.Context, text string) (any, error) {
			return plugin.Trusted(text), nil
		}),
	}
}

// began tells the host that a call is at work.
func began(ctx context.Context) { _ = plugin.HostFrom(ctx).Call(ctx, "probe.began", struct{}{}, nil) }
