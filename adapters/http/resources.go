package http

import (
	"net/http"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// Templates of the fixed API.
const (
	workflowPath  = "/api/workflow/{id}"
	workflowsPath = "/api/admin/workflows"
	documentPath  = workflowsPath + "/{id}"
	versionsPath  = documentPath + "/versions"
	activatePath  = versionsPath + "/{version}/activate"
	runsPath      = "/api/admin/runs"
	modulePath    = "/api/admin/modules/{name}"
	templatePath  = "/api/admin/templates/{name}"
	pluginPath    = "/api/plugin/{name}/{action}"
	pluginsPath   = "/api/admin/plugins"
	debugPlugins  = "/debug/plugins"
	debugPath     = "/debug/"
)

// resources is the whole API; whoever reads this list has read it all.
func (s *Server) resources() []resource {
	read := func(do func(*exchange) error) action { return action{scope: ports.ScopeRead, do: do} }
	admin := func(do func(*exchange) error) action { return action{scope: ports.ScopeAdmin, do: do} }
	type actions = map[string]action
	list := []resource{
		{workflowPath, actions{http.MethodPost: {scope: ports.ScopeRun, patient: true, do: runWorkflow}}},
		{workflowsPath, actions{http.MethodGet: read(listWorkflows)}},
		{documentPath, actions{
			http.MethodGet:    read(getDocument),
			http.MethodPut:    admin(putDocument),
			http.MethodDelete: admin(deleteWorkflow),
		}},
		{versionsPath, actions{http.MethodGet: read(listVersions)}},
		{activatePath, actions{http.MethodPost: admin(activateVersion)}},
		{runsPath, actions{http.MethodGet: read(listRuns)}},
		{runsPath + "/{id}", actions{http.MethodGet: read(getRun)}},
		{modulePath, actions{http.MethodGet: read(getModule), http.MethodPut: admin(putModule)}},
		{templatePath, actions{http.MethodGet: read(getTemplate), http.MethodPut: admin(putTemplate)}},
		{pluginPath, actions{http.MethodPost: {scope: ports.ScopeRun, patient: true, do: pluginAction}}},
		{pluginsPath, actions{http.MethodGet: read(listPlugins)}},
		{pluginsPath + "/{name}/{switch}", actions{http.MethodPost: {scope: ports.ScopeAdmin, patient: true, do: switchPlugin}}},
		{debugPlugins, actions{http.MethodGet: read(listPlugins)}},
	}
	if s.deps.Debug != nil {
		list = append(list, resource{debugPath, actions{anyMethod: {patient: true, do: s.debug}}})
	}
	if s.cfg.MonitorEnabled {
		list = append(list, s.monitorResources(s.cfg.MonitorAddress == "")...)
	}
	return list
}

// monitorResources are health and, if wanted, metrics.
func (s *Server) monitorResources(metrics bool) []resource {
	public := func(do func(*exchange) error) map[string]action {
		return map[string]action{http.MethodGet: {do: do}}
	}
	list := []resource{
		{s.cfg.HealthPath, public(getHealth)},
		{s.cfg.HealthPath + "/live", public(getLive)},
		{s.cfg.HealthPath + "/ready", public(getReady)},
	}
	if metrics {
		list = append(list, resource{s.cfg.MetricsPath, public(getMetrics)})
	}
	return list
}

func (s *Server) debug(ex *exchange) error {
	s.deps.Debug.ServeHTTP(ex, ex.r)
	return nil
}
