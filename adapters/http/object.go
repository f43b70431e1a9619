package http

import (
	"mime"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// decodeObject reads a JSON object with known members. It fails with code
// malformed for anything else and names every unknown member.
func decodeObject(body []byte, known ...string) (map[string]payload.Value, error) {
	value, err := payload.Parse(body)
	if err != nil {
		return nil, err
	}
	if value.Kind() != payload.Object {
		return nil, fault.New(fault.Malformed, "the body must be a JSON object")
	}
	members := make(map[string]payload.Value, len(known))
	var unknown []string
	for name, member := range value.Fields() {
		if slices.Contains(known, name) {
			members[name] = member
		} else if len(unknown) < 10 && !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, fault.New(fault.Malformed, "unknown members: %s; known are %s",
			quoted(unknown), strings.Join(known, ", ")).AtField(unknown[0])
	}
	return members, nil
}

// quoted lists names for a message, each cut short.
func quoted(names []string) string {
	const longest = 60
	list := make([]string, len(names))
	for i, name := range names {
		if len(name) > longest {
			name = strings.ToValidUTF8(name[:longest], "") + "..."
		}
		list[i] = `"` + printable(name) + `"`
	}
	return strings.Join(list, ", ")
}

// stringMember is a member that must be a string; fallback when it is missing.
func stringMember(members map[string]payload.Value, name, fallback string) (string, error) {
	member, found := members[name]
	if !found {
		return fallback, nil
	}
	if member.Kind() != payload.String {
		return "", fault.New(fault.Malformed, "%q must be a string", name).AtField(name)
	}
	return member.String(), nil
}

// mediaType is the type of the request's body in lower case; empty when the
// client named none. It refuses charsets other than UTF-8.
func (ex *exchange) mediaType() (string, error) {
	header := ex.r.Header.Get("Content-Type")
	if header == "" {
		return "", nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return "", fault.New(fault.UnsupportedMedia, "the Content-Type cannot be understood")
	}
	if charset := strings.ToLower(params["charset"]); charset != "" && charset != "utf-8" && charset != "us-ascii" {
		return "", fault.New(fault.UnsupportedMedia, "the charset must be UTF-8")
	}
	return kind, nil
}

// requireJSON refuses bodies that say they are something else.
func (ex *exchange) requireJSON() error {
	kind, err := ex.mediaType()
	if err != nil {
		return err
	}
	if kind == "" || isJSON(kind) || kind == "application/octet-stream" {
		return nil
	}
	return fault.New(fault.UnsupportedMedia, "the body must be application/json, not %s", kind)
}

func isJSON(kind string) bool {
	return kind == "application/json" || strings.HasSuffix(kind, "+json")
}
