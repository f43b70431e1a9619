package flow

import (
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// checkPattern refuses what cannot be a route. Segments are texts, :name or
// {name}.
func checkPattern(pattern string, reserved []string) error {
	if !strings.HasPrefix(pattern, "/") {
		return fault.New(fault.Invalid, "the path %q must begin with /", pattern)
	}
	if strings.ContainsAny(pattern, "?#\\ \t\r\n\x00") {
		return fault.New(fault.Invalid, "the path %q holds a character that paths cannot hold", pattern)
	}
	for _, prefix := range reserved {
		if pattern == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(pattern, strings.TrimSuffix(prefix, "/")+"/") {
			return fault.New(fault.Conflict, "the path %q is reserved for the runtime itself", pattern)
		}
	}
	names := map[string]bool{}
	for segment := range strings.SplitSeq(trimSlash(pattern), "/") {
		name, isVar := variable(segment)
		switch {
		case isVar && (name == "" || strings.ContainsAny(name, ":{}")):
			return fault.New(fault.Invalid, "the path %q has a variable without a proper name", pattern)
		case isVar && names[name]:
			return fault.New(fault.Invalid, "the path %q uses the variable %q twice", pattern, name)
		case isVar:
			names[name] = true
		case strings.Contains(segment, "*"):
			return fault.New(fault.Invalid, "the path %q holds *; there are no wildcards, only variables such as /files/:name", pattern)
		case strings.ContainsAny(segment, "{}"):
			return fault.New(fault.Invalid, "the path %q: a variable takes a whole segment, as in /users/{id}", pattern)
		}
	}
	return nil
}

// variable returns the name in a :name or {name} segment.
func variable(segment string) (string, bool) {
	if strings.HasPrefix(segment, ":") {
		return segment[1:], true
	}
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		return segment[1 : len(segment)-1], true
	}
	return "", false
}

// shape is the pattern with its variables' names left out: two routes of one
// shape cannot be told apart.
func shape(pattern string) string {
	segments := strings.Split(trimSlash(pattern), "/")
	for i, s := range segments {
		if _, isVar := variable(s); isVar {
			segments[i] = ":"
		}
	}
	return strings.Join(segments, "/")
}

// trimSlash drops the first slash and any last one: /a/ and /a are one route.
func trimSlash(path string) string {
	return strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
}
