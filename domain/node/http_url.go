package node

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// target renders the URL. A value stays inside the part it was written in: it
// cannot add or climb path segments, add query fields or name another host. Only
// a URL that begins with a reference takes that one as it is.
func (h httpCall) target(s payload.Scope) (string, error) {
	inPath := false
	target, err := h.url.TextEscaped(s, func(before, value string) string {
		_, rest, absolute := strings.Cut(before, "://")
		switch {
		case !absolute:
			return value
		case strings.ContainsAny(rest, "?#"):
			return url.QueryEscape(value)
		case strings.Contains(rest, "/"):
			inPath = true
			return url.PathEscape(value)
		}
		return escapeAuthority(value)
	})
	if err == nil && inPath && climbs(target) {
		return "", fault.New(fault.Invalid, "a value makes a segment of the path . or .., which would lead elsewhere")
	}
	return target, err
}

// escapeAuthority leaves what names a host or port and escapes the rest, which
// no server's name may hold.
func escapeAuthority(value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		if isWord(c) && c < 0x80 || strings.IndexByte("-.~:[]", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// climbs reports whether a server may read a segment of the path as . or ..
func climbs(target string) bool {
	_, rest, _ := strings.Cut(target, "://")
	path := rest[:strings.IndexAny(rest+"?", "?#")]
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	segments := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' })
	return slices.Contains(segments, ".") || slices.Contains(segments, "..")
}

func (h httpCall) withQuery(target string, s payload.Scope) (string, error) {
	v, err := h.query.Render(s)
	if err != nil || v.Kind() != payload.Object {
		return target, err
	}
	values := url.Values{}
	for name, value := range v.Fields() {
		values[name] = oneOrMany(value)
	}
	if len(values) == 0 {
		return target, nil
	}
	target, fragment, has := strings.Cut(target, "#")
	separator := "?"
	if strings.Contains(target, "?") {
		separator = "&"
	}
	target += separator + values.Encode()
	if has {
		target += "#" + fragment
	}
	return target, nil
}
