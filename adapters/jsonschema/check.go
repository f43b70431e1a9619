package jsonschema

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	lib "github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Bounds of a check: steps it may always take, further ones for each byte of the
// value, and how many faults are worth telling.
const (
	baseSteps    = 100_000
	stepsPerByte = 10
	maxFaults    = 20
)

// anything is the schema that was not given.
type anything struct{}

var _ ports.Schema = anything{}

// Check implements ports.Schema.
func (anything) Check(payload.Value) fault.List { return nil }

// compiled is a schema with as many machines as there are checks at once.
type compiled struct{ machines sync.Pool }

var _ ports.Schema = (*compiled)(nil)

// Check implements ports.Schema.
func (c *compiled) Check(v payload.Value) fault.List {
	doc, err := decode(v.Bytes())
	if err != nil {
		return fault.List{fault.As(err)}
	}
	if f := numbers(doc); f != nil {
		return fault.List{f}
	}
	m, ok := c.machines.Get().(*machine)
	if !ok {
		return fault.List{fault.New(fault.Internal, "a JSON Schema that compiled once does not any more")}
	}
	defer c.machines.Put(m)
	m.left = baseSteps + stepsPerByte*len(v.Bytes())
	return m.check(doc)
}

func (m *machine) check(doc any) (faults fault.List) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); ok && errors.Is(err, errSteps) {
			faults = fault.List{fault.New(fault.Invalid, "checking it against its JSON Schema takes too many steps; make it smaller or flatter, or the schema simpler")}
			return
		}
		faults = fault.List{fault.New(fault.Invalid, "its JSON Schema cannot be applied to it")}
	}()
	err := m.root.Validate(doc)
	var tree *lib.ValidationError
	if !errors.As(err, &tree) {
		return nil
	}
	explainer{doc: doc, at: m.at}.tree(tree, &faults)
	if faults = tidy(faults); len(faults) == 0 { // every failure has a leaf, but silence would be a yes
		faults = fault.List{fault.New(fault.Invalid, "does not fit its JSON Schema")}
	}
	return faults
}

// tidy orders faults, leaves out what is said twice, and keeps the first ones.
func tidy(list fault.List) fault.List {
	slices.SortStableFunc(list, func(a, b *fault.Fault) int {
		if c := strings.Compare(a.Field, b.Field); c != 0 {
			return c
		}
		return strings.Compare(a.Message, b.Message)
	})
	list = slices.CompactFunc(list, func(a, b *fault.Fault) bool { return a.Field == b.Field && a.Message == b.Message })
	if len(list) > maxFaults {
		list = list[:maxFaults]
	}
	return list
}

// numbers finds a number that arithmetic on fractions would take for ever with.
func numbers(doc any) *fault.Fault {
	switch v := doc.(type) {
	case map[string]any:
		for key, member := range v {
			if f := numbers(member); f != nil {
				return f.AtField(join(memberPath(key), f.Field))
			}
		}
	case []any:
		for i, item := range v {
			if f := numbers(item); f != nil {
				return f.AtField(join("["+strconv.Itoa(i)+"]", f.Field))
			}
		}
	case json.Number:
		if !sane(v) {
			return fault.New(fault.Invalid, "is the number %s, which is too large or too small", short(string(v)))
		}
	}
	return nil
}

// sane numbers fit a float64 and have few digits.
func sane(n json.Number) bool {
	if len(n) > 400 {
		return false
	}
	_, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	if exponent == "" {
		return true
	}
	e, err := strconv.Atoi(exponent)
	return err == nil && e >= -400 && e <= 400
}
