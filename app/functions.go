package app

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// hostCall carries out a host function for a script.
type hostCall func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error)

// Functions lists the names that scripts may call and the runtime answers; those
// that begin with __ are for the engine alone.
func Functions() []string {
	names := slices.Sorted(maps.Keys(allFunctions()))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "__") })
}

func allFunctions() map[string]hostCall {
	all := make(map[string]hostCall)
	for _, group := range []map[string]hostCall{
		httpFunctions(), textFunctions(), fileFunctions(), mailFunctions(),
		sessionFunctions(), profileFunctions(), userFunctions(), otpFunctions(), modelFunctions(), runFunctions(), processFunctions(), redisFunctions(), pluginFunctions(),
	} {
		maps.Copy(all, group)
	}
	return all
}
