package plugin

import (
	"context"
	"encoding/json"
	"strconv"
)

// Function is what scripts call as plugins.NAME.FUNCTION(...).
type Function struct {
	Name        string
	Description string
	// Params is the JSON Schema of the array of arguments. Nil = none.
	Params   any
	Examples []Example

	// Run carries out the function. What it returns is the result, as JSON.
	Run func(ctx context.Context, args []json.RawMessage) (any, error)
}

// WithExamples is the function with examples.
func (f Function) WithExamples(examples ...Example) Function {
	f.Examples = examples
	return f
}

// FunctionOf0 is a function without arguments.
func FunctionOf0[Out any](name, description string, fn func(ctx context.Context) (Out, error)) Function {
	return typed(name, description, nil, func(ctx context.Context, _ []json.RawMessage) (any, error) { return fn(ctx) })
}

// FunctionOf1 is a function of one argument. The argument may be left out when A
// is a pointer. Arguments that do not fit are refused with InvalidArgument.
//
// It panics for a type that has no JSON Schema, as the others do.
func FunctionOf1[A, Out any](name, description string, fn func(ctx context.Context, a A) (Out, error)) Function {
	readA := reader[A]("args[0]", strict)
	return typed(name, description, []argument{argumentOf[A]()}, func(ctx context.Context, args []json.RawMessage) (any, error) {
		a, err := readA(args[0])
		if err != nil {
			return nil, err
		}
		return fn(ctx, a)
	})
}

// FunctionOf2 is a function of two arguments.
func FunctionOf2[A, B, Out any](name, description string, fn func(ctx context.Context, a A, b B) (Out, error)) Function {
	readA, readB := reader[A]("args[0]", strict), reader[B]("args[1]", strict)
	return typed(name, description, []argument{argumentOf[A](), argumentOf[B]()}, func(ctx context.Context, args []json.RawMessage) (any, error) {
		a, err := readA(args[0])
		if err != nil {
			return nil, err
		}
		b, err := readB(args[1])
		if err != nil {
			return nil, err
		}
		return fn(ctx, a, b)
	})
}

// FunctionOf3 is a function of three arguments.
func FunctionOf3[A, B, C, Out any](name, description string, fn func(ctx context.Context, a A, b B, c C) (Out, error)) Function {
	readA, readB, readC := reader[A]("args[0]", strict), reader[B]("args[1]", strict), reader[C]("args[2]", strict)
	list := []argument{argumentOf[A](), argumentOf[B](), argumentOf[C]()}
	return typed(name, description, list, func(ctx context.Context, args []json.RawMessage) (any, error) {
		a, err := readA(args[0])
		if err != nil {
			return nil, err
		}
		b, err := readB(args[1])
		if err != nil {
			return nil, err
		}
		c, err := readC(args[2])
		if err != nil {
			return nil, err
		}
		return fn(ctx, a, b, c)
	})
}

// argument is what is known of an argument.
type argument struct {
	schema   any
	optional bool
}

// typed is a function of arguments that are checked in number; missing ones are
// null.
func typed(name, description string, list []argument, run func(context.Context, []json.RawMessage) (any, error)) Function {
	schemas, least := make([]any, len(list)), 0
	for i, a := range list {
		schemas[i] = a.schema
		if !a.optional {
			least = i + 1
		}
	}
	params := map[string]any{"type": "array", "minItems": least, "maxItems": len(list)}
	if len(list) > 0 {
		params["prefixItems"] = schemas
	}
	return Function{Name: name, Description: description, Params: params, Run: func(ctx context.Context, args []json.RawMessage) (any, error) {
		if len(args) < least {
			field := "args[" + strconv.Itoa(len(args)) + "]"
			return nil, atField(field, "%s is missing; %s takes %s", field, name, count(least, len(list)))
		}
		if len(args) > len(list) {
			return nil, atField("args", "%s takes %s, not %d", name, count(least, len(list)), len(args))
		}
		for len(args) < len(list) {
			args = append(args, json.RawMessage("null"))
		}
		return run(ctx, args)
	}}
}

// count says how many arguments there may be.
func count(least, most int) string {
	text := strconv.Itoa(most)
	if least < most {
		text = strconv.Itoa(least) + " to " + text
	}
	if text == "1" {
		return "1 argument"
	}
	return text + " arguments"
}
