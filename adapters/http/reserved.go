package http

import "strings"

// reservedPaths tells the server's own paths from those workflows may declare.
// It is asked for every request, so it compares prefixes and nothing more.
type reservedPaths struct {
	health, metrics ownPath
}

func newReservedPaths(cfg Config) reservedPaths {
	var p reservedPaths
	if !cfg.MonitorEnabled {
		return p
	}
	p.health = newOwnPath(cfg.HealthPath)
	if cfg.MonitorAddress == "" {
		p.metrics = newOwnPath(cfg.MetricsPath)
	}
	return p
}

// ownPath is a path of the server with everything below it; the zero ownPath is
// none.
type ownPath struct{ path, below string }

func newOwnPath(path string) ownPath { return ownPath{path: path, below: path + "/"} }

func (o ownPath) holds(path string) bool {
	return o.path != "" && (path == o.path || strings.HasPrefix(path, o.below))
}

// holds judges the decoded path, so that no spelling of a reserved path reaches
// a workflow.
func (p reservedPaths) holds(path string) bool {
	if reservedAPI(path) {
		return true
	}
	return p.health.holds(path) || p.metrics.holds(path)
}

func reservedAPI(path string) bool {
	if rest, found := strings.CutPrefix(path, "/api/"); found {
		return strings.HasPrefix(rest, "workflow/") || strings.HasPrefix(rest, "admin/") ||
			strings.HasPrefix(rest, "plugin/")
	}
	return strings.HasPrefix(path, "/debug/")
}
