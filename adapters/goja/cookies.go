package goja

import (
	"math"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// cookieMethods are the methods of c about cookies.
func cookieMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"Cookie":    (*web).cookie,
		"Cookies":   (*web).cookies,
		"SetCookie": (*web).setCookie,
	}
}

func (w *web) sent() []*http.Cookie {
	in := http.Request{Header: http.Header(w.request.Header)}
	return in.Cookies()
}

// cookie gives a cookie of the request by name, or null.
func (w *web) cookie(c js.FunctionCall) js.Value {
	name := textOf(c.Argument(0))
	for _, sent := range w.sent() {
		if sent.Name == name {
			return w.cookieObject(sent)
		}
	}
	return js.Null()
}

func (w *web) cookies(js.FunctionCall) js.Value {
	list := []any{}
	for _, sent := range w.sent() {
		list = append(list, w.cookieObject(sent))
	}
	return w.run.vm.NewArray(list...)
}

func (w *web) cookieObject(sent *http.Cookie) js.Value {
	obj := w.run.vm.NewObject()
	w.run.put(obj, "name", sent.Name)
	w.run.put(obj, "value", sent.Value)
	define(obj, "Name", w.run.vm.ToValue(sent.Name))
	define(obj, "Value", w.run.vm.ToValue(sent.Value))
	return obj
}

// setCookie takes an object with the members of Go's http.Cookie, in any
// spelling of their names: {Name, Value, Path, Domain, Expires, MaxAge, Secure,
// HttpOnly, SameSite}.
func (w *web) setCookie(c js.FunctionCall) js.Value {
	from, ok := c.Argument(0).(*js.Object)
	if !ok {
		w.run.throwType("c.SetCookie expects an object such as {Name: \"a\", Value: \"b\", Path: \"/\"}")
	}
	var cookie http.Cookie
	for _, key := range from.Keys() {
		w.cookieMember(&cookie, plainKey(key), from.Get(key))
	}
	if err := cookie.Valid(); err != nil {
		w.run.throwType("the cookie %q is not valid: %s", cookie.Name, strings.TrimPrefix(err.Error(), "http: "))
	}
	w.keepHeader(node.Header{Name: "Set-Cookie", Value: cookie.String()})
	return js.Undefined()
}

func plainKey(key string) string { return strings.ReplaceAll(strings.ToLower(key), "_", "") }

func (w *web) cookieMember(cookie *http.Cookie, key string, v js.Value) { //nolint:gosec // The script's author decides on the flags of the script's own cookies.
	switch key {
	case "name":
		cookie.Name = textOf(v)
	case "value":
		cookie.Value = textOf(v)
	case "path":
		cookie.Path = textOf(v)
	case "domain":
		cookie.Domain = textOf(v)
	case "expires":
		cookie.Expires = w.date(v)
	case "maxage":
		cookie.MaxAge = int(v.ToInteger())
	case "secure":
		cookie.Secure = v.ToBoolean()
	case "httponly":
		cookie.HttpOnly = v.ToBoolean()
	case "samesite":
		cookie.SameSite = sameSite(textOf(v))
	}
}

// date reads a Date, milliseconds, or an HTTP or ISO date.
func (w *web) date(v js.Value) time.Time {
	if _, isText := v.(js.String); isText {
		if t, err := http.ParseTime(v.String()); err == nil {
			return t
		}
		if t, err := time.Parse(time.RFC3339, v.String()); err == nil {
			return t
		}
		w.run.throwType("%q is not a date", v.String())
	}
	ms := v.ToFloat()
	if math.IsNaN(ms) {
		w.run.throwType("a cookie's date is not valid")
	}
	return time.UnixMilli(int64(ms)).UTC()
}

// sameSite reads the word, or the number Go has for it.
func sameSite(s string) http.SameSite {
	switch strings.ToLower(s) {
	case "lax", "2":
		return http.SameSiteLaxMode
	case "strict", "3":
		return http.SameSiteStrictMode
	case "none", "4":
		return http.SameSiteNoneMode
	}
	return http.SameSiteDefaultMode
}

// answerHeader is a header of the answer as set so far, or "".
func (w *web) answerHeader(name string) string {
	name = textproto.CanonicalMIMEHeaderKey(name)
	for _, h := range w.header {
		if h.Name == name {
			return h.Value
		}
	}
	return ""
}
