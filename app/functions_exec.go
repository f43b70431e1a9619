package app

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// processFunctions are exec([program, argument...], {stdin, timeout}), which
// starts a program and gives {code, stdout, stderr} when it has ended; code is -1
// when a signal ended it. stdin is a text; timeout is in seconds, and without one
// the program has the time of its script. No shell is involved, so arguments need
// no quotes. It obeys the process switch and the list of programs.
func processFunctions() map[string]hostCall {
	return map[string]hostCall{"exec": execProgram}
}

func execProgram(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
	command, err := h.commandFrom(a)
	if err != nil {
		return payload.Value{}, err
	}
	timeout, err := execOptions(&command, a, h.cfg.Limits.PayloadBytes)
	if err != nil {
		return payload.Value{}, err
	}
	within := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		within, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	result, err := h.Processes.Exec(within, command)
	if err != nil {
		if within.Err() != nil && ctx.Err() == nil {
			return payload.Value{}, fault.Wrap(err, fault.UpstreamTimeout, "%s: %q took longer than %s and was ended", a.function, command.Path, timeout)
		}
		return payload.Value{}, err
	}
	return payload.From(map[string]any{
		"code": result.ExitCode, "stdout": validText(result.Stdout), "stderr": validText(result.Stderr),
	})
}

// commandFrom reads the program and its arguments, and asks whether the script
// may start it.
func (h *scriptHost) commandFrom(a arguments) (ports.Command, error) {
	c := ports.Command{MaxOutput: h.cfg.Limits.ResponseBytes}
	list := a.at(0)
	var words []string
	if list.Kind() == payload.Array {
		for i, word := range list.Items() {
			if word.Kind() != payload.String && word.Kind() != payload.Number {
				return c, fault.New(fault.Invalid, "%s: the program and its arguments are texts, but item %d of the list is not", a.function, i+1)
			}
			words = append(words, word.String())
		}
	}
	path := ""
	if len(words) > 0 {
		path = words[0]
	}
	// The switch comes first: whatever the arguments, that is what is to be mended.
	if err := h.cfg.Features.RequireExecutable(a.function, path); err != nil && (path != "" || fault.CodeOf(err) == fault.Disabled) {
		return c, err
	}
	if path == "" {
		return c, fault.New(fault.Invalid, `%s: give program and arguments as a list, such as ["/usr/bin/convert", "a.png"]; no shell is used`, a.function)
	}
	c.Path, c.Args = path, words[1:]
	return c, nil
}

// execOptions reads {stdin, timeout}.
func execOptions(c *ports.Command, a arguments, maxStdin int) (timeout time.Duration, err error) {
	options, err := a.object(1, "options")
	if err != nil {
		return 0, err
	}
	for name, value := range options.Fields() {
		switch name {
		case "stdin":
			if value.Kind() != payload.String && value.Kind() != payload.Null {
				return 0, fault.New(fault.Invalid, "%s: stdin must be a text; use JSON.stringify for anything else", a.function)
			}
			if len(value.String()) > maxStdin {
				return 0, fault.New(fault.LimitExceeded, "%s: stdin has more than %d bytes", a.function, maxStdin).OverLimit("limits.max_payload_bytes")
			}
			c.Stdin = []byte(value.String())
		case "timeout":
			seconds, err := strconv.ParseFloat(value.String(), 64)
			if value.Kind() != payload.Number || err != nil || seconds <= 0 || seconds > math.MaxInt32 {
				return 0, fault.New(fault.Invalid, "%s: timeout must be a number of seconds above 0", a.function)
			}
			timeout = max(1, time.Duration(seconds*float64(time.Second)))
		default:
			return 0, fault.New(fault.Invalid, "%s: there is no option %q; known are stdin and timeout", a.function, name)
		}
	}
	return timeout, nil
}
