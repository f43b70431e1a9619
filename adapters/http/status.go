package http

import (
	"net/http"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// kind is how a code looks from outside.
type kind struct {
	status int
	title  string
}

// kinds is the one table from codes to statuses. A code without a row is our own
// mistake and reads as internal.
func kinds() map[fault.Code]kind {
	return map[fault.Code]kind{
		fault.Malformed:          {http.StatusBadRequest, "Malformed request"},
		fault.Unauthenticated:    {http.StatusUnauthorized, "Authentication required"},
		fault.Forbidden:          {http.StatusForbidden, "Forbidden"},
		fault.NotFound:           {http.StatusNotFound, "Not found"},
		fault.NoPlugin:           {http.StatusNotFound, "Plugin not installed"},
		fault.MethodNotAllowed:   {http.StatusMethodNotAllowed, "Method not allowed"},
		fault.Conflict:           {http.StatusConflict, "Conflict"},
		fault.PreconditionFailed: {http.StatusPreconditionFailed, "Precondition failed"},
		fault.TooLarge:           {http.StatusRequestEntityTooLarge, "Too large"},
		fault.UnsupportedMedia:   {http.StatusUnsupportedMediaType, "Unsupported media type"},
		fault.Invalid:            {http.StatusUnprocessableEntity, "Validation failed"},
		fault.LimitExceeded:      {http.StatusRequestTimeout, "Limit exceeded"},
		fault.ScriptFailed:       {http.StatusInternalServerError, "Script failed"},
		fault.PluginFailed:       {http.StatusInternalServerError, "Plugin failed"},
		fault.NodeFailed:         {http.StatusInternalServerError, "Node failed"},
		fault.QueryFailed:        {http.StatusInternalServerError, "Query failed"},
		fault.Disabled:           {http.StatusInternalServerError, "Feature disabled"},
		fault.Blocked:            {http.StatusUnprocessableEntity, "Script blocked"},
		fault.Internal:           {http.StatusInternalServerError, "Internal error"},
		fault.Upstream:           {http.StatusBadGateway, "Upstream failed"},
		fault.UpstreamTimeout:    {http.StatusGatewayTimeout, "Upstream timed out"},
		fault.Unavailable:        {http.StatusServiceUnavailable, "Unavailable"},
		fault.Cancelled:          {http.StatusServiceUnavailable, "Cancelled"},
	}
}

// pluginTime is the limit on one call of a plugin, which is outside, as an
// upstream server is.
const pluginTime = "plugins.call_timeout"

// rateLimits is the section whose limits bound callers instead of scripts.
const rateLimits = "rate_limit"

// statusOf is the status a fault is answered with. Two things bend the table:
// a limit on callers is 429, and once a workflow runs, what looks like the
// caller's mistake (a missing module, a denied outbound call) is the workflow's.
func (ex *exchange) statusOf(f *fault.Fault) (status int, title string) {
	k, known := ex.s.kinds[f.Code]
	if !known {
		k = ex.s.kinds[fault.Internal]
	}
	switch {
	case f.Code == fault.LimitExceeded && (f.RetryAfter > 0 || strings.HasPrefix(f.Limit, rateLimits)):
		return http.StatusTooManyRequests, "Too many requests"
	case f.Code == fault.LimitExceeded && f.Limit == pluginTime:
		return http.StatusGatewayTimeout, "Plugin timed out"
	case ex.runs && blamesWorkflow(f):
		return http.StatusInternalServerError, k.title
	default:
		return k.status, k.title
	}
}

func blamesWorkflow(f *fault.Fault) bool {
	switch f.Code {
	case fault.NoPlugin, fault.Blocked:
		return true
	case fault.Malformed, fault.Forbidden, fault.NotFound, fault.MethodNotAllowed, fault.Conflict,
		fault.PreconditionFailed, fault.TooLarge, fault.UnsupportedMedia, fault.Invalid:
		return f.Node != ""
	default:
		return false
	}
}
