package http

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Modules and templates are read and written either as JSON or as their bare
// text: a body of type application/json is an object, any other is the text; an
// Accept header that asks for text or JavaScript gets the text.

// getModule is GET /api/admin/modules/{name}.
func getModule(ex *exchange) error {
	m, err := ex.s.deps.Library.Module(ex.r.Context(), ex.vars["name"])
	if err != nil {
		return err
	}
	return ex.either(m, "text/javascript; charset=utf-8", m.Code)
}

// getTemplate is GET /api/admin/templates/{name}.
func getTemplate(ex *exchange) error {
	t, err := ex.s.deps.Library.Template(ex.r.Context(), ex.vars["name"])
	if err != nil {
		return err
	}
	return ex.either(t, "text/plain; charset=utf-8", t.Content) // not text/html: a template is not a page to run
}

// putModule is PUT /api/admin/modules/{name}. What the body does not name stays
// as it is.
func putModule(ex *exchange) error {
	text, members, err := ex.textOrObject("code", "form", "mod")
	if err != nil {
		return err
	}
	ctx := ex.r.Context()
	m, err := ex.s.deps.Library.Module(ctx, ex.vars["name"])
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return err
	}
	m.Name = ex.vars["name"]
	if members == nil {
		m.Code = text
	}
	for name, field := range map[string]*string{"code": &m.Code, "form": &m.Form, "mod": &m.Mod} {
		if *field, err = stringMember(members, name, *field); err != nil {
			return err
		}
	}
	if err := ex.s.deps.Library.PutModule(ctx, m); err != nil {
		return err
	}
	return ex.noContent()
}

// putTemplate is PUT /api/admin/templates/{name}.
func putTemplate(ex *exchange) error {
	text, members, err := ex.textOrObject("content")
	if err != nil {
		return err
	}
	if members != nil {
		if _, found := members["content"]; !found {
			return fault.New(fault.Malformed, "content is missing").AtField("content")
		}
		if text, err = stringMember(members, "content", ""); err != nil {
			return err
		}
	}
	t := ports.Template{Name: ex.vars["name"], Content: text}
	if err := ex.s.deps.Library.PutTemplate(ex.r.Context(), t); err != nil {
		return err
	}
	return ex.noContent()
}

// textOrObject reads the body as text or, when it is JSON, as an object.
func (ex *exchange) textOrObject(known ...string) (string, map[string]payload.Value, error) {
	kind, err := ex.mediaType()
	if err != nil {
		return "", nil, err
	}
	if kind == "multipart/form-data" || kind == "application/x-www-form-urlencoded" {
		return "", nil, fault.New(fault.UnsupportedMedia, "send text/plain or application/json, not %s", kind)
	}
	body, err := ex.body()
	if err != nil {
		return "", nil, err
	}
	if isJSON(kind) {
		members, err := decodeObject(body, known...)
		return "", members, err
	}
	if !utf8.Valid(body) {
		return "", nil, fault.New(fault.Malformed, "the text is not valid UTF-8")
	}
	return string(body), nil, nil
}

// either answers with the text or with JSON.
func (ex *exchange) either(v any, textType, text string) error {
	ex.Header().Add("Vary", "Accept")
	if wantsText(ex.r.Header.Get("Accept")) {
		ex.raw(http.StatusOK, textType, []byte(text))
		return nil
	}
	return ex.json(http.StatusOK, v)
}

func wantsText(accept string) bool {
	for _, item := range strings.Split(strings.ToLower(accept), ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.HasPrefix(kind, "text/") || kind == "application/javascript" {
			return true
		}
	}
	return false
}
