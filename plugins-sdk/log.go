package plugin

import (
	"context"
	"fmt"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Debug writes a line to nFlow's log, with the plugin and the run it belongs to.
// Fields are names and values in turns. A line that cannot be written is lost.
func (h Host) Debug(ctx context.Context, message string, fields ...any) {
	h.log(ctx, "debug", message, fields)
}

// Info is like Debug, for what operators want to know.
func (h Host) Info(ctx context.Context, message string, fields ...any) {
	h.log(ctx, "info", message, fields)
}

// Warn is like Debug, for what operators should look at.
func (h Host) Warn(ctx context.Context, message string, fields ...any) {
	h.log(ctx, "warn", message, fields)
}

// Error is like Debug, for what went wrong.
func (h Host) Error(ctx context.Context, message string, fields ...any) {
	h.log(ctx, "error", message, fields)
}

func (h Host) log(ctx context.Context, level, message string, fields []any) {
	args := map[string]any{"level": level, "message": message}
	if len(fields) > 0 {
		args["fields"] = fieldsOf(fields)
	}
	_ = h.Call(ctx, string(wire.Log), args, nil)
}

// fieldsOf makes an object of names and values in turns. Values that are no JSON
// become text.
func fieldsOf(list []any) map[string]any {
	fields := make(map[string]any, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		name := fmt.Sprint(list[i])
		if i+1 == len(list) {
			fields["!"] = name // a name without a value
			break
		}
		value := list[i+1]
		if err, isError := value.(error); isError {
			value = err.Error()
		} else if _, err := encode(value); err != nil {
			value = fmt.Sprint(value)
		}
		fields[name] = value
	}
	return fields
}
