package node

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// fields reads the data of a definition and collects every fault it finds.
type fields struct {
	data   payload.Value
	faults fault.List
}

func read(d Definition) *fields { return &fields{data: d.Data} }

func (f *fields) wrong(name, format string, args ...any) {
	f.add(fault.New(fault.Invalid, format, args...).AtField("data." + name))
}

// add keeps the first fault of each field: what follows from it is no news.
func (f *fields) add(one *fault.Fault) {
	for _, earlier := range f.faults {
		if earlier.Field == one.Field {
			return
		}
	}
	f.faults.Add(one)
}

// get returns a field that is set: not missing, null or an empty string.
func (f *fields) get(name string) (payload.Value, bool) {
	v, ok := f.data.Field(name)
	return v, ok && v.Kind() != payload.Null && string(v.Bytes()) != `""`
}

// text reads a string; numbers and booleans are taken as written.
func (f *fields) text(name string) string {
	v, ok := f.get(name)
	if !ok {
		return ""
	}
	if k := v.Kind(); k == payload.Object || k == payload.Array {
		f.wrong(name, "must be a text")
		return ""
	}
	return v.String()
}

func (f *fields) requiredText(name string) string {
	s := f.text(name)
	if strings.TrimSpace(s) == "" {
		f.wrong(name, "is missing")
	}
	return s
}

// choice reads one of some words; the first is the default.
func (f *fields) choice(name string, allowed ...string) string {
	s := f.text(name)
	if s == "" {
		return allowed[0]
	}
	if !slices.Contains(allowed, s) {
		f.wrong(name, "%q is not one of %s", s, strings.Join(allowed, ", "))
	}
	return s
}

// flag reads true, false and the designer's "true" and "false".
func (f *fields) flag(name string) bool {
	v, ok := f.get(name)
	if !ok {
		return false
	}
	switch v.String() {
	case "true":
		return true
	case "false":
		return false
	}
	f.wrong(name, "must be true or false")
	return false
}

// number reads a whole number, also when written as a text.
func (f *fields) number(name string, fallback, least, most int) int {
	s := f.text(name)
	if s == "" {
		return fallback
	}
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < least || n > most {
		f.wrong(name, "must be a whole number from %d to %d", least, most)
	}
	return n
}

// duration reads seconds as a number, or a text such as "1500ms".
func (f *fields) duration(name string) time.Duration {
	s := f.text(name)
	if s == "" {
		return 0
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		s = strconv.FormatFloat(n, 'f', -1, 64) + "s"
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		f.wrong(name, `must be a number of seconds or a text such as "1500ms"`)
	}
	return d
}

// expression reads a text with {{...}} references.
func (f *fields) expression(name string) payload.Expression {
	e, err := payload.ParseExpression(f.text(name))
	if err != nil {
		f.wrong(name, "%s", fault.As(err).Message)
	}
	return e
}

// pattern reads any JSON with {{...}} references in its texts; set is false when
// the field is not there.
func (f *fields) pattern(name string) (p payload.Pattern, set bool) {
	v, ok := f.data.Field(name)
	if !ok {
		return p, false
	}
	p, err := payload.ParsePattern(v)
	if err != nil {
		f.wrong(name, "%s", fault.As(err).Message)
	}
	return p, true
}

// object is pattern for a field that must be an object.
func (f *fields) object(name string) payload.Pattern {
	v, ok := f.get(name)
	if !ok {
		return payload.Pattern{}
	}
	if v.Kind() != payload.Object {
		f.wrong(name, "must be an object")
		return payload.Pattern{}
	}
	p, _ := f.pattern(name)
	return p
}

// headerObject is object for header lines, whose names are fixed.
func (f *fields) headerObject(name string) payload.Pattern {
	lines, _ := f.get(name)
	for header := range lines.Fields() {
		if header == "" || strings.ContainsFunc(header, func(r rune) bool { return !isTokenRune(r) }) {
			f.wrong(name, "%q cannot be the name of a header", header)
		}
	}
	return f.object(name)
}

// isTokenRune reports whether HTTP allows a character in a header's name.
func isTokenRune(r rune) bool {
	return strings.ContainsRune("!#$%&'*+-.^_`|~", r) || r < 0x80 && isWord(byte(r))
}

// isName reports whether a text can only be the name of something stored, not
// code or a template: words of letters, digits and . _ - / separated by spaces.
func isName(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("._-/ ", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r < 0xC0 {
			return false
		}
	}
	first, _, _ := strings.Cut(strings.TrimLeft(s, " "), " ")
	return first != "" && first != "return" && first != "throw" && !strings.HasPrefix(first, "//")
}

// headers renders an object of header lines; a list gives one line per item.
func headers(p payload.Pattern, s payload.Scope) ([]Header, error) {
	v, err := p.Render(s)
	if err != nil {
		return nil, err
	}
	var lines []Header
	for name, value := range v.Fields() {
		for _, one := range oneOrMany(value) {
			if strings.ContainsAny(one, "\r\n\x00") {
				return nil, fault.New(fault.Invalid, "the header %q holds a line break", name)
			}
			lines = append(lines, Header{Name: name, Value: one})
		}
	}
	return lines, nil
}

// oneOrMany is the texts of a list, or the one text of anything else.
func oneOrMany(v payload.Value) []string {
	if v.Kind() != payload.Array {
		return []string{v.String()}
	}
	var all []string
	for _, item := range v.Items() {
		all = append(all, item.String())
	}
	return all
}

// keepAs stores a result under a field of the payload, or makes it the payload
// when no field is named.
func keepAs(field string, current, result payload.Value) payload.Value {
	if field == "" {
		return result
	}
	return current.With(field, result)
}
