package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// first are the cases about what a plugin says of itself.
func first() []check {
	return []check{
		{"the manifest is valid", "mend nflow-plugin.json; plugins-sdk/manifest.schema.json describes it", true, asCase((*bench).readManifest)},
		{"the artifact starts", "build it anew with nflow plugin build; it must speak version 1 of the contract, see plugins-sdk/ABI.md", true, asCase((*bench).open)},
		{"describe equals the manifest", "write nflow-plugin.json anew from the program, with nflow plugin build; nFlow refuses to load a plugin that says two things of itself", false, asCase((*bench).describe)},
		{"describe says the same twice", "give lists a fixed order, and leave times and random values out of the manifest", false, asCase((*bench).describeTwice)},
		{"schemas are JSON Schemas", "mend params of the manifest; schemas are of draft 2020-12 and refer only to themselves", false, asCase((*bench).compileSchemas)},
		{"examples fit their schemas", "mend the example or the schema; nFlow checks every call against it", false, asCase((*bench).checkExamples)},
		{"examples choose declared outputs", "add the output to outputs of the node, or mend next of the example", false, asCase((*bench).checkOutputs)},
		{"configure takes its settings", "give settings with --settings; with {} answer null, or an error such as invalid_argument that names what is missing", false, asCase((*bench).configure)},
		{"configure refuses garbage", "check the settings and answer invalid_argument", false, asCase((*bench).configureGarbage)},
	}
}

func asCase(f func(*bench, context.Context) error) func(context.Context, *bench) error {
	return func(ctx context.Context, b *bench) error { return f(b, ctx) }
}

func (b *bench) readManifest(context.Context) (err error) {
	b.manifest, err = plugin.ParseManifest(b.File.Manifest)
	return err
}

func (b *bench) asked(ctx context.Context) ([]byte, error) {
	r, err := b.call(ctx, ports.PluginCall{Op: ports.PluginDescribe}, hostFunc(deny))
	return r.Payload.Bytes(), err
}

func (b *bench) describe(ctx context.Context) error {
	text, err := b.asked(ctx)
	if err != nil {
		return err
	}
	m, err := plugin.ParseManifest(text)
	if err != nil {
		return fmt.Errorf("what it describes is no valid manifest: %w", err)
	}
	if field := b.manifest.Difference(m); field != "" {
		return fmt.Errorf("they differ in %s", field)
	}
	return nil
}

func (b *bench) describeTwice(ctx context.Context) error {
	once, err := b.asked(ctx)
	if err != nil {
		return err
	}
	twice, err := b.asked(ctx)
	if err != nil {
		return err
	}
	if !bytes.Equal(once, twice) && !same(payload.Trusted(once), payload.Trusted(twice)) {
		return errors.New("two descriptions differ")
	}
	return nil
}

// member is a node, function or action.
type member struct {
	place    string // in the manifest
	op       ports.PluginOp
	name     string
	schema   payload.Value
	outputs  []string
	examples []plugin.Example
}

func (m member) String() string { return string(m.op) + " " + m.name }

func (b *bench) members() []member {
	var list []member
	for i, n := range b.manifest.Nodes {
		list = append(list, member{fmt.Sprintf("nodes[%d]", i), ports.PluginNode, n.Type, n.Params, n.Outputs, n.Examples})
	}
	for i, f := range b.manifest.Functions {
		list = append(list, member{fmt.Sprintf("functions[%d]", i), ports.PluginFunction, f.Name, f.Params, nil, f.Examples})
	}
	for i, a := range b.manifest.Actions {
		list = append(list, member{fmt.Sprintf("actions[%d]", i), ports.PluginAction, a.Name, a.Params, nil, a.Examples})
	}
	return list
}

func (b *bench) compileSchemas(context.Context) error {
	var wrong fault.List
	for _, m := range b.members() {
		if _, err := b.Schemas.Compile(m.schema); err != nil {
			f := fault.As(err)
			wrong.Add(f.AtField(below(m.place+".params", f.Field)))
		}
	}
	return wrong.Err()
}

// below is a place inside another one.
func below(place, field string) string {
	if field == "" || field[0] == '[' {
		return place + field
	}
	return place + "." + field
}

// checked is what the schema of a member is about.
func (m member) checked(e plugin.Example) payload.Value {
	if m.op != ports.PluginNode {
		return e.Payload
	}
	if e.Params.IsZero() {
		return payload.EmptyObject()
	}
	return e.Params
}

func (b *bench) checkExamples(context.Context) error {
	var wrong fault.List
	for _, m := range b.members() {
		schema, err := b.Schemas.Compile(m.schema)
		if err != nil {
			continue // a case of its own
		}
		for i, e := range m.examples {
			for _, f := range schema.Check(m.checked(e)) {
				wrong.Add(f.AtField(below(fmt.Sprintf("%s.examples[%d]", m.place, i), f.Field)))
			}
		}
	}
	return wrong.Err()
}

func (b *bench) checkOutputs(context.Context) error {
	var wrong fault.List
	for _, m := range b.members() {
		for i, e := range m.examples {
			if e.Next != "" && len(m.outputs) > 0 && !slices.Contains(m.outputs, e.Next) {
				wrong.Add(fault.New(fault.Invalid, "%q is none of the outputs of %s", e.Next, m).AtField(fmt.Sprintf("%s.examples[%d].next", m.place, i)))
			}
		}
	}
	return wrong.Err()
}

func (b *bench) configure(ctx context.Context) error {
	_, err := b.call(ctx, ports.PluginCall{Op: ports.PluginConfigure, Payload: b.Settings}, b.host)
	if e, own := reported(err); own && e.Code != "internal" {
		return skipped("it refuses %s with %s: %s", brief(b.Settings), e.Code, e.Message)
	}
	return err
}

func (b *bench) configureGarbage(ctx context.Context) error {
	for _, garbage := range []string{`"settings"`, `[1,2]`, `7`} {
		_, err := b.call(ctx, ports.PluginCall{Op: ports.PluginConfigure, Payload: payload.Trusted([]byte(garbage))}, b.host)
		if err := blamed(err); err != nil {
			return fmt.Errorf("with %s %w", garbage, err)
		}
	}
	return b.again(ctx)
}

// again starts the plugin anew, with its settings.
func (b *bench) again(ctx context.Context) error {
	b.abandon(ctx)
	return b.ready(ctx)
}
