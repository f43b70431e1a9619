package app

import (
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// bodyValue is the body of a request as JSON: a JSON body as it is, a form as an
// object of its fields, other texts as a string; zero when there is no body.
func bodyValue(in *ports.Inbound) (payload.Value, error) {
	contentType := headerOf(in, "Content-Type")
	switch {
	case len(in.Body) == 0 && len(in.Form) == 0:
		return payload.Value{}, nil
	case strings.Contains(contentType, "json"):
		return payload.Parse(in.Body)
	case looksLikeJSON(in.Body):
		// curl -d sends JSON under a form's content type unless told otherwise.
		if v, err := payload.Parse(in.Body); err == nil {
			return v, nil
		}
	}
	if in.Form != nil {
		return fieldsValue(in.Form)
	}
	return payload.From(string(in.Body))
}

func looksLikeJSON(b []byte) bool {
	return len(b) > 1 && (b[0] == '{' || b[0] == '[')
}

// fieldsValue makes an object of form fields or a query: one value gives a
// string, several give a list.
func fieldsValue(fields url.Values) (payload.Value, error) {
	object := make(map[string]any, len(fields))
	for name, values := range fields {
		switch {
		case name == flow.NextField:
		case len(values) == 1:
			object[name] = values[0]
		default:
			object[name] = values
		}
	}
	return payload.From(object)
}

// listsValue is fieldsValue with a list for every name, as scripts see form and
// header.
func listsValue(fields map[string][]string) payload.Value {
	if fields == nil {
		return payload.EmptyObject()
	}
	v, err := payload.From(fields)
	if err != nil { // lists of strings always encode
		return payload.EmptyObject()
	}
	return v
}

// firstPayload is what the first node receives: the query, the body and the path
// variables merged, later ones winning. A body that is not an object stands
// under "body".
func firstPayload(in *ports.Inbound, vars payload.Value) (payload.Value, error) {
	body, err := bodyValue(in)
	if err != nil {
		return body, err
	}
	if !body.IsZero() && body.Kind() != payload.Object {
		body = payload.Member("body", body)
	}
	if in.RawQuery == "" && vars.IsZero() && body.Kind() == payload.Object {
		return body, nil
	}
	query, err := queryValue(in)
	if err != nil {
		return query, err
	}
	return payload.Merge(query, body, vars, payload.EmptyObject()), nil
}

func queryValue(in *ports.Inbound) (payload.Value, error) {
	if in.RawQuery == "" {
		return payload.Value{}, nil
	}
	query, err := url.ParseQuery(in.RawQuery)
	if err != nil {
		return payload.Value{}, fault.New(fault.Malformed, "the query string is not well formed")
	}
	return fieldsValue(query)
}

func pathVars(m flow.Match) payload.Value {
	if len(m.Names) == 0 {
		return payload.Value{}
	}
	vars := make(map[string]string, len(m.Names))
	for i, name := range m.Names {
		vars[name] = m.Values[i]
	}
	v, err := payload.From(vars)
	if err != nil { // strings always encode
		return payload.Value{}
	}
	return v
}

func headerOf(in *ports.Inbound, name string) string {
	if values := in.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// nextNode is the node a request asks to go on at; empty = start afresh.
func nextNode(in *ports.Inbound, c flow.Continuation) string {
	if c.Node != "" {
		return c.Node
	}
	if id := in.Form.Get(flow.NextField); id != "" {
		return id
	}
	if strings.Contains(in.RawQuery, flow.NextField) {
		if query, err := url.ParseQuery(in.RawQuery); err == nil {
			return query.Get(flow.NextField)
		}
	}
	return ""
}
