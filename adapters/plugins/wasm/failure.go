package wasm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// breach is how a guest broke the contract.
type breach struct {
	code    fault.Code
	problem string
}

func (b breach) Error() string { return b.problem }

func tooBig(what string, size, most int) breach {
	return breach{fault.PluginFailed, fmt.Sprintf("%s has %d bytes or more; plugins.max_payload and headers allow %d", what, size, most)}
}

// explain says why an instance failed, and logs what helps its author.
func (t *transport) explain(ctx, inner context.Context, i *instance, err error) error {
	if inner.Err() != nil {
		return t.ended(ctx)
	}
	if trace := err.Error(); strings.Contains(trace, "\n") {
		const most = 4000
		t.cfg.Log.Warn("a plugin trapped", "plugin", t.spec.Name, "trace", trace[:min(len(trace), most)])
	}
	var b breach
	switch {
	case errors.As(err, &b):
		return fault.Wrap(err, b.code, "%s", b.problem)
	case i.memory.failed:
		return fault.Wrap(err, fault.Unavailable, "this machine has no memory left for it").Retry(1)
	case i.memory.refused:
		return fault.Wrap(err, fault.LimitExceeded, "it wanted more than %d MiB of memory and gave up (%s); raise plugins.memory_mb if it needs them", t.spec.MemoryBytes>>20, reason(err)).OverLimit("plugins.memory_mb")
	}
	return fault.Wrap(err, fault.PluginFailed, "%s", reason(err))
}

// reason is a trap in the words of its author.
func reason(err error) string {
	var exit *sys.ExitError
	if errors.As(err, &exit) {
		return fmt.Sprintf("it ended itself with exit code %d, as a panic or exit does; the log has what it printed", exit.ExitCode())
	}
	text := firstLine(err.Error())
	if at := strings.Index(text, "wasm error: "); at >= 0 {
		text = text[at+len("wasm error: "):]
	}
	text = strings.TrimSuffix(text, " (recovered by wazero)")
	if text == "stack overflow" {
		return "its calls nest too deep"
	}
	return "it trapped: " + text
}
