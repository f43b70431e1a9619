package payload

import (
	"encoding/json"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Scope is what {{...}} expressions can see.
type Scope struct {
	Payload Value // {{payload.a.b}}
	Vars    Value // {{vars.x}}, the variables of the path
}

// Expression is a text with {{...}} references, parsed once. A reference is
// `root.key.key[0]`, optionally followed by `?? literal` for when it is missing or
// null.
type Expression struct {
	parts []part
}

// part is a literal text, or a reference when root is set.
type part struct {
	text     string
	root     string
	path     []string
	fallback Value
	source   string // the reference as written, for errors
}

// ParseExpression reads a text. It fails with code invalid on an unclosed
// brace pair, an unknown root or a malformed path.
func ParseExpression(s string) (Expression, error) {
	var e Expression
	for {
		open := strings.Index(s, "{{")
		if open < 0 {
			break
		}
		length := closing(s[open:])
		if length < 0 {
			return e, fault.New(fault.Invalid, "%q opens an expression that is not closed by }}", s[open:])
		}
		if open > 0 {
			e.parts = append(e.parts, part{text: s[:open]})
		}
		ref, err := parseReference(strings.TrimSpace(s[open+2 : open+length]))
		if err != nil {
			return e, err
		}
		e.parts = append(e.parts, ref)
		s = s[open+length+2:]
	}
	if s != "" {
		e.parts = append(e.parts, part{text: s})
	}
	return e, nil
}

// closing is the index of the }} that ends the expression at the beginning of s;
// -1 when there is none. A literal after ?? may hold braces of its own.
func closing(s string) int {
	end, mark := strings.Index(s, "}}"), strings.Index(s, "??")
	if mark < 0 || end < mark {
		return end
	}
	d := json.NewDecoder(strings.NewReader(s[mark+2:]))
	var literal json.RawMessage
	if d.Decode(&literal) != nil {
		return end
	}
	after := mark + 2 + int(d.InputOffset())
	if end = strings.Index(s[after:], "}}"); end < 0 {
		return end
	}
	return after + end
}

func parseReference(source string) (part, error) {
	p := part{source: source}
	ref, literal, has := strings.Cut(source, "??")
	if has {
		v, err := Parse([]byte(strings.TrimSpace(literal)))
		if err != nil {
			return p, fault.New(fault.Invalid, "{{%s}}: what follows ?? must be a JSON literal, such as \"none\" or 0", source)
		}
		p.fallback = v
	}
	keys, err := splitPath(strings.TrimSpace(ref))
	if err != nil {
		return p, fault.New(fault.Invalid, "{{%s}}: %s", source, err.Error())
	}
	p.root, p.path = keys[0], keys[1:]
	if p.root != "payload" && p.root != "vars" {
		return p, fault.New(fault.Invalid, "{{%s}}: unknown name %q; use payload or vars", source, p.root)
	}
	return p, nil
}

// splitPath cuts a.b[0].c into its keys.
func splitPath(s string) ([]string, error) {
	var keys []string
	for part := range strings.SplitSeq(s, ".") {
		name, indexes, has := strings.Cut(part, "[")
		keys = append(keys, name)
		if !has {
			continue
		}
		indexes, closed := strings.CutSuffix(indexes, "]")
		if !closed {
			return nil, malformedPath()
		}
		keys = append(keys, strings.Split(indexes, "][")...)
	}
	for _, k := range keys {
		if k == "" || strings.ContainsAny(k, " \t\n{}()[]\"'") {
			return nil, malformedPath()
		}
	}
	return keys, nil
}

func malformedPath() error {
	return fault.New(fault.Invalid, "a reference looks like payload.name or payload.items[0].id")
}

// IsLiteral reports whether the text holds no reference.
func (e Expression) IsLiteral() bool {
	for _, p := range e.parts {
		if p.root != "" {
			return false
		}
	}
	return true
}

// IsReference reports whether the text is one reference and nothing else.
func (e Expression) IsReference() bool { return len(e.parts) == 1 && e.parts[0].root != "" }

// Text renders the expression as text. It fails with code invalid when a
// reference is missing and has no ?? literal.
func (e Expression) Text(s Scope) (string, error) {
	return e.TextEscaped(s, func(_, value string) string { return value })
}

// TextEscaped is Text with every referenced value passed through escape, which
// also sees the text rendered so far.
func (e Expression) TextEscaped(s Scope, escape func(before, value string) string) (string, error) {
	if len(e.parts) == 1 && e.parts[0].root == "" {
		return e.parts[0].text, nil
	}
	var b strings.Builder
	for _, p := range e.parts {
		if p.root == "" {
			b.WriteString(p.text)
			continue
		}
		v, err := p.value(s)
		if err != nil {
			return "", err
		}
		b.WriteString(escape(b.String(), v.String()))
	}
	return b.String(), nil
}

// Value renders the expression as JSON: a lone reference keeps its type,
// everything else becomes a string.
func (e Expression) Value(s Scope) (Value, error) {
	if e.IsReference() {
		return e.parts[0].value(s)
	}
	text, err := e.Text(s)
	if err != nil {
		return Value{}, err
	}
	return Text(text), nil
}

func (p part) value(s Scope) (Value, error) {
	from := s.Payload
	if p.root == "vars" {
		from = s.Vars
	}
	v, found := from.Lookup(p.path...)
	if !p.fallback.IsZero() && v.Kind() == Null { // missing or null, as in JavaScript
		return p.fallback, nil
	}
	if found {
		return v, nil
	}
	return Value{}, fault.New(fault.Invalid, "{{%s}} has no value here; give a default with {{%s ?? \"...\"}}", p.source, p.source)
}
