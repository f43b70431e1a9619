package http

import (
	"mime"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// pluginAction is POST /api/plugin/{name}/{action}.
func pluginAction(ex *exchange) error {
	plugins, err := ex.plugins()
	if err != nil {
		return err
	}
	call, err := ex.pluginCall()
	if err != nil {
		return err
	}
	result, err := plugins.Action(ex.r.Context(), ex.vars["name"], ex.vars["action"], call)
	if err != nil {
		return err
	}
	return ex.pluginAnswer(result)
}

// plugins are those of the server; without any, no name is one of theirs.
func (ex *exchange) plugins() (ports.Plugins, error) {
	if ex.s.deps.Plugins == nil {
		return nil, fault.New(fault.NoPlugin, "no plugin named %q is installed", ex.vars["name"]).AtField("name")
	}
	return ex.s.deps.Plugins, nil
}

// pluginCall is the request as a plugin sees it: JSON as it is, and everything
// else as bytes with their content type.
func (ex *exchange) pluginCall() (ports.PluginCall, error) {
	query, err := ex.anyQuery()
	if err != nil {
		return ports.PluginCall{}, err
	}
	body, err := ex.body()
	if err != nil {
		return ports.PluginCall{}, err
	}
	contentType := ex.r.Header.Get("Content-Type")
	call := ports.PluginCall{Request: &ports.PluginRequest{
		Query: query, Headers: pluginHeaders(ex.r.Header), ContentType: printable(contentType), Caller: ex.subject,
	}}
	media, _, _ := mime.ParseMediaType(contentType) // what cannot be read is no JSON
	switch {
	case len(body) == 0:
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		call.Payload, err = payload.Parse(body)
	default:
		call.Request.Body = body
	}
	return call, err
}

// pluginHeaders are the headers a plugin may see: none that says who the caller
// is or where it came from.
func pluginHeaders(h http.Header) map[string]string {
	seen := map[string]string{}
	for name, values := range h {
		switch {
		case strings.HasPrefix(name, "X-Plugin-"):
		case slices.Contains([]string{"Accept", "Accept-Language", "Content-Language", "Idempotency-Key", "If-Match", "If-None-Match", "User-Agent"}, name):
		default:
			continue
		}
		seen[name] = printable(strings.Join(values, ", "))
	}
	return seen
}

// pluginAnswer writes what an action gave back. Of its headers only those pass
// that describe the body; a plugin sets no cookies and redirects nobody.
func (ex *exchange) pluginAnswer(result ports.PluginResult) error {
	body, contentType := result.Body, "application/octet-stream"
	if body == nil {
		body, contentType = result.Payload.Bytes(), "application/json"
	}
	ex.ownHeaders(contentType)
	// What a plugin answers is data, also when somebody opens it in a browser.
	ex.Header().Set("Content-Security-Policy", "sandbox")
	for name, value := range result.Headers {
		if name = textproto.CanonicalMIMEHeaderKey(name); pluginMaySet(name) {
			ex.Header().Set(name, printable(value))
		}
	}
	status := result.Status
	if status == 0 {
		status = http.StatusOK
	}
	ex.send(status, body)
	return nil
}

func pluginMaySet(name string) bool {
	switch name {
	case "Content-Type", "Content-Disposition", "Content-Language", "Cache-Control", "Etag", "Expires", "Last-Modified", "Retry-After", "Vary":
		return true
	}
	return strings.HasPrefix(name, "X-Plugin-") && isToken(name)
}

type pluginPage struct {
	Plugins []ports.PluginInfo `json:"plugins"`
}

// listPlugins is GET /api/admin/plugins and GET /debug/plugins.
func listPlugins(ex *exchange) error {
	page := pluginPage{Plugins: []ports.PluginInfo{}}
	if ex.s.deps.Plugins != nil {
		page.Plugins = append(page.Plugins, ex.s.deps.Plugins.Plugins()...)
	}
	return ex.json(http.StatusOK, page)
}

// switchPlugin is POST /api/admin/plugins/{name}/reload, enable and disable.
func switchPlugin(ex *exchange) error {
	name, ctx := ex.vars["name"], ex.r.Context()
	plugins, err := ex.plugins()
	if err != nil {
		return err
	}
	switch what := ex.vars["switch"]; what {
	case "reload":
		err = plugins.ReloadPlugin(ctx, name)
	case "enable", "disable":
		err = plugins.SwitchPlugin(ctx, name, what == "disable")
	default:
		err = fault.New(fault.NotFound, "a plugin can be told reload, enable or disable, not %q", printable(what))
	}
	if err != nil {
		return err
	}
	for _, info := range plugins.Plugins() {
		if info.Name == name {
			return ex.json(http.StatusOK, info)
		}
	}
	return ex.noContent()
}
