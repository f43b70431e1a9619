package app

import (
	"context"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// needs checks what the nodes of one document depend on.
type needs struct {
	*Runtime

	ctx       context.Context //nolint:containedctx // one check is one call
	workflow  string          // empty when it is not known
	engine    ports.ScriptEngine
	defaultJS string

	faults, warnings fault.List
	findings         int
}

// maxToldFindings bounds the findings told of one document.
const maxToldFindings = 1000

// checkNeeds looks for everything the nodes depend on. What a node needs that no
// start node leads to is only a warning, and so is a plugin, which may be
// installed later.
func (r *Runtime) checkNeeds(ctx context.Context, workflow string, g *flow.Graph, defaultJS string) (faults, warnings fault.List) {
	c := &needs{Runtime: r, ctx: ctx, workflow: workflow, engine: r.engineOf(workflow), defaultJS: defaultJS}
	for i := range g.Len() {
		n := g.Node(i)
		for _, need := range n.Needs {
			key := flow.Key{Flow: n.Flow, ID: n.ID}.String()
			if need.Kind == node.NeedPlugin {
				c.checkPlugin(need, n.Reachable, key)
				continue
			}
			if err := c.check(need, n, key); err != nil {
				f := fault.As(err).AtNode(key).AtField(need.Field)
				c.add(f, !n.Reachable)
			}
		}
	}
	c.checkDefault()
	return c.faults, c.warnings
}

func (c *needs) add(f *fault.Fault, harmless bool) {
	if harmless {
		c.warnings.Add(f)
		return
	}
	c.faults.Add(f)
}

func (c *needs) check(need node.Need, n *flow.Node, key string) error {
	switch need.Kind {
	case node.NeedScript:
		if !need.Script.Default {
			return c.checkScript(need.Script, n, key, "")
		}
		if strings.TrimSpace(c.defaultJS) == "" {
			return fault.New(fault.Invalid, "the start node asks for auth, but the workflow has no default_js with an auth() function")
		}
		script := need.Script
		script.Code = c.defaultJS
		_, err := c.readable(c.ctx, c.engine, script, subject{c.workflow, "", defaultField})
		return err // its findings are told once, by checkDefault
	case node.NeedModule:
		module, err := c.library.module(c.ctx, need.Name)
		if err != nil {
			return c.missing(err, "there is no module %q; inline code needs a return, as in \"return payload;\"", need.Name)
		}
		script := need.Script
		script.Code = module.Code
		return c.checkScript(script, n, key, "module "+need.Name)
	default:
		return c.checkOther(c.ctx, need)
	}
}

// checkOther checks what is no script.
func (r *Runtime) checkOther(ctx context.Context, need node.Need) error {
	switch need.Kind {
	case node.NeedTemplate:
		stored, err := r.library.template(ctx, need.Name)
		if err != nil {
			return r.missing(err, "there is no template %q", need.Name)
		}
		return r.Renderer.Check(need.Engine, stored.Content)
	case node.NeedTemplateText:
		return r.Renderer.Check(need.Engine, need.Name)
	case node.NeedDatabase:
		if names := r.Databases.Names(); !slices.Contains(names, need.Name) {
			return noDatabase(need.Name, names)
		}
	case node.NeedScript, node.NeedModule, node.NeedPlugin:
	}
	return nil
}

// checkScript gives the fault of a script that does not parse, and adds what the
// analysis finds in others; name is what it is called when it is not the node's
// own code.
func (c *needs) checkScript(s node.Script, n *flow.Node, key, name string) error {
	v, err := c.readable(c.ctx, c.engine, s, subject{c.workflow, key, name})
	if err != nil {
		if name == "" {
			return err
		}
		f := *fault.As(err)
		f.Message = name + ": " + f.Message
		return &f
	}
	c.tellFindings(v, name, s.Field, key, !n.Reachable)
	return nil
}

// defaultField is where the functions of a workflow's own stand.
const defaultField = "default_js"

// checkDefault checks default_js, which a workflow may have without a start node
// that asks for it: log() runs after every node.
func (c *needs) checkDefault() {
	if !c.cfg.Analysis.Enabled || strings.TrimSpace(c.defaultJS) == "" {
		return
	}
	script := node.Script{Code: c.defaultJS, Entry: "log", Language: node.JavaScript, Field: defaultField}
	v, err := c.readable(c.ctx, c.engine, script, subject{c.workflow, "", defaultField})
	if err != nil {
		c.warnings.Add(fault.As(err).AtField(defaultField))
		return
	}
	c.tellFindings(v, "", defaultField, "", false)
}

// tellFindings adds findings as warnings, and as faults those that would keep the
// script from running.
func (c *needs) tellFindings(v *verdict, name, field, key string, unreachable bool) {
	if !c.cfg.Analysis.Enabled {
		return
	}
	for _, finding := range v.findings {
		if c.findings++; c.findings > maxToldFindings {
			return
		}
		f := refusal(finding, name, field)
		f.Node = key
		_, blocks := c.cfg.Analysis.Blocking([]policy.Finding{finding})
		c.add(f, unreachable || !blocks)
	}
}

// missing turns not_found into a fault of the document; a store that is away
// stays what it is.
func (r *Runtime) missing(err error, format, name string) error {
	if fault.CodeOf(err) != fault.NotFound {
		return err
	}
	return fault.New(fault.Invalid, format, name)
}

func noDatabase(name string, names []string) error {
	known := "none is configured"
	if len(names) > 0 {
		known = "configured are " + strings.Join(names, ", ")
	}
	return fault.New(fault.Invalid, "there is no database %q; %s; add [databases.%s] to the configuration", name, known, name)
}
