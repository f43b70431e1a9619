package config

import (
	"reflect"
	"time"
)

// Redacted is the configuration for people to look at: nested objects by
// section and key, durations as text, secrets masked when they are set. The
// values of [env] are masked too, since scripts keep their keys there.
func (c Config) Redacted() map[string]any {
	return redactTable(reflect.ValueOf(c))
}

func redactTable(v reflect.Value) map[string]any {
	out := map[string]any{}
	for _, f := range fields(v.Type()) {
		out[f.name] = redactValue(f, v.Field(f.index))
	}
	return out
}

func redactValue(f field, v reflect.Value) any {
	switch {
	case f.isSection():
		return redactTable(v)
	case f.isNamed():
		out := map[string]any{}
		for _, name := range sortedKeys(v) {
			out[name] = redactTable(v.MapIndex(reflect.ValueOf(name)))
		}
		return out
	case f.isTexts():
		out := map[string]any{}
		for _, name := range sortedKeys(v) {
			text := v.MapIndex(reflect.ValueOf(name)).String()
			if f.secret() {
				text = Secret(text).String()
			}
			out[name] = text
		}
		return out
	case f.isArray():
		out := make([]any, v.Len())
		for i := range out {
			out[i] = redactTable(v.Index(i))
		}
		return out
	case f.isFree(): // it may hold anything, so only its keys are shown
		out := map[string]any{}
		for _, name := range sortedKeys(v) {
			out[name] = mask
		}
		return out
	}
	switch value := v.Interface().(type) {
	case Secret:
		return value.String()
	case time.Duration:
		return value.String()
	case Bytes:
		return value.String()
	}
	return v.Interface()
}
