package app

import (
	"context"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// checkNeeds looks for everything the nodes depend on. What a node needs that no
// start node leads to is only a warning, and so is a plugin, which may be
// installed later.
func (r *Runtime) checkNeeds(ctx context.Context, g *flow.Graph, defaultJS string) (faults, warnings fault.List) {
	for i := range g.Len() {
		n := g.Node(i)
		for _, need := range n.Needs {
			err := r.checkNeed(ctx, need, defaultJS)
			if err == nil {
				continue
			}
			f := fault.As(err).AtNode(flow.Key{Flow: n.Flow, ID: n.ID}.String()).AtField(need.Field)
			if !n.Reachable || need.Kind == node.NeedPlugin {
				warnings.Add(f)
				continue
			}
			faults.Add(f)
		}
	}
	return faults, warnings
}

func (r *Runtime) checkNeed(ctx context.Context, need node.Need, defaultJS string) error {
	switch need.Kind {
	case node.NeedScript:
		return r.checkScript(ctx, need.Script, defaultJS)
	case node.NeedModule:
		module, err := r.library.module(ctx, need.Name)
		if err != nil {
			return r.missing(err, "there is no module %q; inline code needs a return, as in \"return payload;\"", need.Name)
		}
		script := need.Script
		script.Code = module.Code
		if _, err := r.Engine.Check(ctx, script); err != nil {
			f := *fault.As(err)
			f.Message = "module " + need.Name + ": " + f.Message
			return &f
		}
		return nil
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
	case node.NeedPlugin:
		return noPlugin(need.Name)
	}
	return nil
}

func (r *Runtime) checkScript(ctx context.Context, s node.Script, defaultJS string) error {
	if !s.Default {
		_, err := r.Engine.Check(ctx, s)
		return err
	}
	if strings.TrimSpace(defaultJS) == "" {
		return fault.New(fault.Invalid, "the start node asks for auth, but the workflow has no default_js with an auth() function")
	}
	s.Code = defaultJS
	_, err := r.Engine.Check(ctx, s)
	return err
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

func noPlugin(name string) error {
	return fault.New(fault.NoPlugin, "the plugin %q is not installed", name)
}
