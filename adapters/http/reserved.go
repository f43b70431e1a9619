package http

import "strings"

// reservedPaths tells the server's own paths from those workflows may declare.
// It is asked for every request, so it compares prefixes and nothing more.
type reservedPaths struct {
	health, healthChildren, metrics string // empty = not served here
}

func newReservedPaths(cfg Config) reservedPaths {
	var p reservedPaths
	if !cfg.MonitorEnabled {
		return p
	}
	p.health, p.healthChildren = cfg.HealthPath, cfg.HealthPath+"/"
	if cfg.MonitorAddress == "" {
		p.metrics = cfg.MetricsPath
	}
	return p
}

// holds judges the decoded path, so that no spelling of a reserved path reaches
// a workflow.
func (p reservedPaths) holds(path string) bool {
	if reservedAPI(path) {
		return true
	}
	return p.health != "" && (path == p.health || strings.HasPrefix(path, p.healthChildren)) ||
		p.metrics != "" && path == p.metrics
}

func reservedAPI(path string) bool {
	if rest, found := strings.CutPrefix(path, "/api/"); found {
		return strings.HasPrefix(rest, "workflow/") || strings.HasPrefix(rest, "admin/") ||
			strings.HasPrefix(rest, "plugin/")
	}
	return strings.HasPrefix(path, "/debug/")
}
