package app

import (
	"context"
	"log/slog"
	"maps"
	"net/url"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// scriptHost is what one script sees of the runtime.
type scriptHost struct {
	*execution

	ctx   context.Context //nolint:containedctx // Global has no context of its own
	do    run.Do
	node  *flow.Node
	extra payload.Value // further globals, such as box_id for log()
}

var _ ports.Host = (*scriptHost)(nil)

// Request is the HTTP request being served.
func (h *scriptHost) Request() *ports.Inbound { return h.in }

// Module loads a stored module for require.
func (h *scriptHost) Module(ctx context.Context, name string) (node.Script, error) {
	m, err := h.library.module(ctx, name)
	if err != nil {
		return node.Script{}, err
	}
	if err := h.clearedModule(ctx, h.node.ID, name, m.Code); err != nil {
		return node.Script{}, err
	}
	return node.Script{Code: m.Code, Language: node.JavaScript}, nil
}

// Log writes a console line with its workflow, run and node.
func (h *scriptHost) Log(level, line string) {
	h.logger().Log(h.ctx, consoleLevel(level), line, "node", h.node.ID)
}

func consoleLevel(level string) slog.Level {
	switch level {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// Global returns a global variable of the designer's JavaScript world.
func (h *scriptHost) Global(name string) (payload.Value, bool) {
	if v, ok := h.extra.Field(name); ok {
		return v, true
	}
	if v, ok := h.nodeGlobal(name); ok {
		return v, true
	}
	return h.requestGlobal(name)
}

func (h *scriptHost) nodeGlobal(name string) (payload.Value, bool) {
	switch name {
	case "nflow_data", "dromedary_data":
		return h.node.Data, true
	case "__outputs":
		return h.node.Outline, true
	case "next":
		return payload.Text(h.node.DefaultOutput), true
	case "__flow_name":
		return payload.Text(h.node.Flow), true
	case "__flow_app":
		return payload.Text(h.published.ID), true
	case "wid":
		return payload.Text(h.id), true
	case "current_box":
		return payload.Text(h.node.ID), true
	case "prev_box":
		if h.do.Prev < 0 {
			return payload.Text(""), true
		}
		return payload.Text(h.published.graph.Node(h.do.Prev).ID), true
	case "vars", "path_vars":
		return payload.Merge(h.vars, payload.EmptyObject()), true
	case "env":
		return h.environment(), true
	case "plugins":
		return h.PluginManager.Functions(), true
	case "url_base":
		return payload.Text(h.cfg.URLBase), true
	}
	return payload.Value{}, false
}

func (h *scriptHost) requestGlobal(name string) (payload.Value, bool) {
	switch name {
	case "nflow_endpoint", "url_access":
		return payload.Text(requestURL(h.endpoint)), true
	case "auth_flag":
		flag := "false"
		if start := h.published.graph.Node(h.startNode).Start; start != nil && start.Auth {
			flag = "true"
		}
		return payload.Text(flag), true
	case "header":
		if h.in == nil {
			return payload.EmptyObject(), true
		}
		return listsValue(h.in.Header), true
	case "form":
		return h.formGlobal(), true
	case "post_data":
		return h.postGlobal(), true
	case "profile":
		profile, err := h.profile(h.ctx)
		if err != nil || len(profile.Bytes()) <= len("{}") {
			return payload.Value{}, true
		}
		return profile, true
	}
	return payload.Value{}, false
}

// formGlobal holds the fields of the form and of the query, each as a list.
func (h *scriptHost) formGlobal() payload.Value {
	if h.in == nil {
		return payload.EmptyObject()
	}
	query, err := url.ParseQuery(h.in.RawQuery)
	if err != nil {
		query = url.Values{}
	}
	maps.Copy(query, h.in.Form)
	return listsValue(query)
}

func (h *scriptHost) postGlobal() payload.Value {
	if h.in == nil {
		return payload.EmptyObject()
	}
	body, err := bodyValue(h.in)
	if err != nil || body.IsZero() {
		return payload.EmptyObject()
	}
	return body
}

// environment is what the operator lets scripts read, with what set_env changed
// in this run.
func (h *scriptHost) environment() payload.Value {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := maps.Clone(h.cfg.Env)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, h.env)
	v, err := payload.From(all)
	if err != nil { // strings always encode
		return payload.EmptyObject()
	}
	return v
}

// Call answers a host function.
func (h *scriptHost) Call(ctx context.Context, name string, args []payload.Value) (payload.Value, error) {
	call, ok := h.functions[name]
	if !ok {
		return payload.Value{}, fault.New(fault.NotFound, "there is no function %s", name)
	}
	return call(ctx, h, arguments{name, args})
}
