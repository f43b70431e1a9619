package kit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// callOf is the call of an example.
func (m member) callOf(e plugin.Example) call {
	c := ports.PluginCall{Op: m.op, Name: m.name, Payload: e.Payload, Workflow: "kit", Run: "kit", Node: "kit"}
	switch m.op {
	case ports.PluginNode:
		c.Params = m.checked(e)
	case ports.PluginFunction:
		if c.Payload.IsZero() {
			c.Payload = payload.Trusted([]byte("[]"))
		}
	case ports.PluginAction:
		c.Workflow, c.Run, c.Node = "", "", ""
		c.Request = &ports.PluginRequest{ContentType: "application/json", Caller: "kit"}
	case ports.PluginDescribe, ports.PluginConfigure:
	}
	return call{c, e.Result, e.Next}
}

// examples are one case for each example, and one for those without.
func (b *bench) examples() []check {
	var list []check
	var bare []string
	for _, m := range b.members() {
		if len(m.examples) == 0 {
			bare = append(bare, m.String())
		}
		for i, e := range m.examples {
			list = append(list, check{
				fmt.Sprintf("example %d of the %s", i+1, m),
				"mend the plugin, or the example in its manifest; examples are what users try first", false,
				func(ctx context.Context, b *bench) error { return b.example(ctx, m.callOf(e)) },
			})
		}
	}
	return append(list, check{"everything has an example", "add examples", false, func(context.Context, *bench) error {
		if len(bare) > 0 {
			return skipped("without examples these were not called as users do: %s; add examples to the manifest", strings.Join(bare, ", "))
		}
		return nil
	}})
}

func (b *bench) example(ctx context.Context, c call) error {
	b.host.asked()
	err := b.make(ctx, c)
	if err != nil && b.host.asked() {
		return skipped("it needs the network: %v", err)
	}
	if err == nil && b.proof == nil {
		b.proof = &c
	}
	return err
}

// contract are the cases about names and operations.
func contract() []check {
	const name = "answer not_found for names the plugin does not have"
	unknown := func(op ports.PluginOp, names ...string) func(context.Context, *bench) error {
		return func(ctx context.Context, b *bench) error {
			for _, n := range names {
				_, err := b.call(ctx, ports.PluginCall{Op: op, Name: n}, b.host)
				if err := expect(err, "not_found"); err != nil {
					return fmt.Errorf("not_found is expected for %.40q, but %w", n, err)
				}
			}
			return b.healthy(ctx)
		}
	}
	strange := []string{"", "🎉ñ日本", "a\x00b", "../../etc/passwd", "__proto__", "constructor", strings.Repeat("n", 10_000)}
	return []check{
		{"an unknown node is not found", name, false, unknown(ports.PluginNode, "no-such-node")},
		{"an unknown function is not found", name, false, unknown(ports.PluginFunction, "no-such-function")},
		{"an unknown action is not found", name, false, unknown(ports.PluginAction, "no-such-action")},
		{"strange names of nodes are not found", name, false, unknown(ports.PluginNode, strange[1:]...)},
		{"strange names of functions are not found", name, false, unknown(ports.PluginFunction, strange...)},
		{"strange names of actions are not found", name, false, unknown(ports.PluginAction, strange...)},
		{"names are those of their kind", name, false, otherKinds},
	}
}

// otherKinds calls nodes as functions, and so on.
func otherKinds(ctx context.Context, b *bench) error {
	has := map[string]bool{}
	for _, m := range b.members() {
		has[m.String()] = true
	}
	for _, m := range b.members() {
		for _, op := range []ports.PluginOp{ports.PluginNode, ports.PluginFunction, ports.PluginAction} {
			if has[string(op)+" "+m.name] {
				continue
			}
			_, err := b.call(ctx, ports.PluginCall{Op: op, Name: m.name}, b.host)
			if err := expect(err, "not_found"); err != nil {
				return fmt.Errorf("the %s called as a %s: not_found is expected, but %w", m, op, err)
			}
		}
	}
	return b.healthy(ctx)
}

// last are the cases about the end.
func last() []check {
	return []check{
		{"errors are fit to be seen", "give one of the codes of plugins-sdk/ABI.md and a message for the caller; keep stacks, files and addresses to the log", false, asCase((*bench).errors)},
		{"it ends in time", "end when nFlow closes the plugin; do not wait for anything", false, asCase((*bench).ends)},
		{"it starts again after its end", "keep nothing that a second start falls over, such as locks and temporary files", false, func(ctx context.Context, b *bench) error {
			if err := b.again(ctx); err != nil {
				return err
			}
			return b.healthy(ctx)
		}},
	}
}

func (b *bench) errors(context.Context) error {
	var lines []string
	for _, s := range b.slips {
		lines = append(lines, s.name+": "+s.problem)
	}
	if len(lines) > 0 {
		return errors.New(strings.Join(lines, "\n"))
	}
	return nil
}

func (b *bench) ends(ctx context.Context) error {
	if err := b.ready(ctx); err != nil {
		return err
	}
	p := b.plugin
	b.plugin = nil
	return p.Close(ctx)
}

// exampleOf is the first example, or an empty one.
func exampleOf(m member) plugin.Example {
	if len(m.examples) > 0 {
		return m.examples[0]
	}
	return plugin.Example{}
}
