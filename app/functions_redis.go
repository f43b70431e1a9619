package app

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// maxHashName bounds keys and fields of hashes, in bytes.
const maxHashName = 1024

// redisFunctions are redis_hset(key, field, value, ...) or redis_hset(key, {field:
// value, ...}), redis_hget(key, field) -> text ("" when missing), redis_hdel(key,
// field, ...) -> number of fields there were, and redis_expire(key, seconds) ->
// whether there was such a key. Values that are no texts are stored as JSON. All
// scripts of all instances share the keys.
func redisFunctions() map[string]hostCall {
	return map[string]hostCall{
		"redis_hset": onHash(func(ctx context.Context, h *scriptHost, key string, a arguments) (payload.Value, error) {
			fields, err := hashFields(a)
			if err != nil {
				return payload.Value{}, err
			}
			return payload.Value{}, h.Hashes.SetFields(ctx, key, fields)
		}),
		"redis_hget": onHash(func(ctx context.Context, h *scriptHost, key string, a arguments) (payload.Value, error) {
			field, err := hashName(a, 1, "field")
			if err != nil {
				return payload.Value{}, err
			}
			text, err := h.Hashes.Field(ctx, key, field)
			if err != nil && fault.CodeOf(err) != fault.NotFound {
				return payload.Value{}, err
			}
			return payload.Text(text), nil
		}),
		"redis_hdel": onHash(func(ctx context.Context, h *scriptHost, key string, a arguments) (payload.Value, error) {
			var fields []string
			for i := 1; i < max(2, len(a.values)); i++ {
				field, err := hashName(a, i, "field")
				if err != nil {
					return payload.Value{}, err
				}
				fields = append(fields, field)
			}
			n, err := h.Hashes.DeleteFields(ctx, key, fields)
			if err != nil {
				return payload.Value{}, err
			}
			return payload.From(n)
		}),
		"redis_expire": onHash(func(ctx context.Context, h *scriptHost, key string, a arguments) (payload.Value, error) {
			seconds, err := strconv.ParseFloat(a.text(1), 64)
			if err != nil || !(math.Abs(seconds) <= math.MaxInt32) { // NaN is not
				return payload.Value{}, fault.New(fault.Invalid, "%s: argument 2 must be a number of seconds", a.function)
			}
			found, err := h.Hashes.ExpireHash(ctx, key, time.Duration(seconds*float64(time.Second)))
			return truth(found), err
		}),
	}
}

// onHash makes a function of its first argument, the key of a hash.
func onHash(do func(ctx context.Context, h *scriptHost, key string, a arguments) (payload.Value, error)) hostCall {
	return func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
		if h.Hashes == nil {
			return payload.Value{}, fault.New(fault.Disabled, "%s needs a Redis server; set redis.host", a.function)
		}
		key, err := hashName(a, 0, "key")
		if err != nil {
			return payload.Value{}, err
		}
		return do(ctx, h, key, a)
	}
}

func hashName(a arguments, i int, what string) (string, error) {
	name, err := a.required(i, what)
	if err != nil {
		return "", err
	}
	return name, checkHashName(a, name, what)
}

func checkHashName(a arguments, name, what string) error {
	if name == "" || len(name) > maxHashName {
		return fault.New(fault.Invalid, "%s: a %s has 1 to %d bytes, not %d", a.function, what, maxHashName, len(name))
	}
	return nil
}

// hashFields reads field, value, field, value... or one object.
func hashFields(a arguments) (map[string]string, error) {
	fields := make(map[string]string)
	if object := a.at(1); object.Kind() == payload.Object {
		for name, value := range object.Fields() {
			if err := checkHashName(a, name, "field"); err != nil {
				return nil, err
			}
			fields[name] = value.String()
		}
	} else {
		for i := 1; i < max(2, len(a.values)); i += 2 {
			name, err := hashName(a, i, "field")
			if err != nil {
				return nil, err
			}
			if i+1 >= len(a.values) {
				return nil, fault.New(fault.Invalid, "%s: the field %q has no value", a.function, name)
			}
			fields[name] = a.at(i + 1).String()
		}
	}
	if len(fields) == 0 {
		return nil, fault.New(fault.Invalid, "%s: a field and its value are missing", a.function)
	}
	return fields, nil
}
