package http

import (
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// authorize checks the bearer token. It runs before the body is read, so that
// strangers cannot make the server read anything.
func (ex *exchange) authorize(scope ports.Scope) error {
	token := bearer(ex.r.Header.Get("Authorization"))
	caller, err := ex.s.deps.Authenticator.Authenticate(ex.r.Context(), token, scope)
	ex.subject = caller.Name
	ex.counted(caller.Allowance)
	if err == nil {
		return nil
	}
	challenge := `Bearer realm="nflow"`
	switch code := fault.CodeOf(err); {
	case code == fault.Unauthenticated && token != "":
		challenge += `, error="invalid_token"`
	case code == fault.Forbidden:
		challenge += `, error="insufficient_scope", scope="` + string(scope) + `"`
	case code != fault.Unauthenticated:
		return err
	}
	ex.Header().Set("WWW-Authenticate", challenge)
	return err
}

// bearer returns the token of an Authorization header; empty = none.
func bearer(header string) string {
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
