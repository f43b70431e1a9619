package http

import (
	"net/http"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// listVersions is GET /api/admin/workflows/{id}/versions, newest first.
func listVersions(ex *exchange) error {
	versions, err := ex.s.deps.Publisher.Versions(ex.r.Context(), ex.vars["id"])
	if err != nil {
		return err
	}
	if versions == nil {
		versions = []ports.VersionInfo{}
	}
	return ex.json(http.StatusOK, map[string]any{"versions": versions})
}

// activateVersion is POST /api/admin/workflows/{id}/versions/{version}/activate.
func activateVersion(ex *exchange) error {
	version, err := strconv.ParseUint(ex.vars["version"], 10, 31)
	if err != nil || version == 0 {
		return fault.New(fault.Malformed, "the version must be a number from 1").AtField("version")
	}
	expected, err := changeOf(ex.r.Header)
	if err != nil {
		return err
	}
	info, err := ex.s.deps.Publisher.Activate(ex.r.Context(), ex.vars["id"], int(version), expected)
	if err != nil {
		return err
	}
	ex.Header().Set("ETag", etag(info.Version))
	return ex.json(http.StatusOK, info)
}
