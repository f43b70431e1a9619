package node

import (
	"encoding/base64"
	"html"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// mailType sends a mail. Data: to, cc, bcc (a text with commas, or a list),
// from, subject, text, html, attachments: a list of {name, content,
// content_type, encoding = text | base64}. The payload passes through. What a
// reference stands for is one address, or a list of them, never a text with more
// commas; in html it is escaped, unless it is the whole of it.
func mailType() Type { return Type{Name: "mail", Compile: compileMail} }

type mail struct {
	to, cc, bcc   payload.Pattern
	from, subject payload.Expression
	text, html    payload.Expression
	attachments   payload.Pattern
}

func compileMail(d Definition) (Compiled, fault.List) {
	f := read(d)
	m := mail{
		from:    f.expression("from"),
		subject: f.expression("subject"),
		text:    f.expression("text"),
		html:    f.expression("html"),
	}
	if _, ok := f.get("to"); !ok {
		f.wrong("to", "is missing")
	}
	m.to, m.cc, m.bcc = f.recipients("to"), f.recipients("cc"), f.recipients("bcc")
	if f.text("text") == "" && f.text("html") == "" {
		f.wrong("text", "is missing; give data.text or data.html")
	}
	if list, ok := f.get("attachments"); ok && list.Kind() != payload.Array {
		f.wrong("attachments", `must be a list such as [{"name": "a.txt", "content": "..."}]`)
	}
	m.attachments, _ = f.pattern("attachments")
	return Compiled{Executor: m}, f.faults
}

func (m mail) Plan(in Input) (Step, error) {
	scope := in.Scope()
	var r MailRequest
	if err := m.texts(scope, &r); err != nil {
		return Step{}, err
	}
	for _, list := range []struct {
		field string
		from  payload.Pattern
		into  *[]string
	}{{"to", m.to, &r.To}, {"cc", m.cc, &r.CC}, {"bcc", m.bcc, &r.BCC}} {
		v, err := list.from.Render(scope)
		if err != nil {
			return Step{}, fault.As(err).AtField("data." + list.field)
		}
		*list.into = addresses(v)
	}
	files, err := m.attachments.Render(scope)
	if err != nil {
		return Step{}, fault.As(err).AtField("data.attachments")
	}
	if r.Attachments, err = attachments(files); err != nil {
		return Step{}, err
	}
	return ask(r)
}

// texts renders the parts that are texts.
func (m mail) texts(scope payload.Scope, r *MailRequest) error {
	plain := func(_, value string) string { return value }
	inHTML := func(_, value string) string { return html.EscapeString(value) }
	if m.html.IsReference() {
		inHTML = plain
	}
	for _, part := range []struct {
		field  string
		from   payload.Expression
		escape func(before, value string) string
		into   *string
	}{
		{"from", m.from, plain, &r.From}, {"subject", m.subject, plain, &r.Subject},
		{"text", m.text, plain, &r.Text}, {"html", m.html, inHTML, &r.HTML},
	} {
		text, err := part.from.TextEscaped(scope, part.escape)
		if err != nil {
			return fault.As(err).AtField("data." + part.field)
		}
		*part.into = text
	}
	return nil
}

// recipients reads a list of addresses, or a text that separates them by commas.
func (f *fields) recipients(name string) payload.Pattern {
	v, ok := f.get(name)
	if !ok {
		return payload.Pattern{}
	}
	var all []string
	for _, text := range oneOrMany(v) {
		all = append(all, splitAddresses(text)...)
	}
	list, err := payload.From(all)
	if err == nil {
		var p payload.Pattern
		if p, err = payload.ParsePattern(list); err == nil {
			return p
		}
	}
	f.wrong(name, "%s", fault.As(err).Message)
	return payload.Pattern{}
}

// splitAddresses splits a text at the commas that separate addresses; those in a
// quoted name or in a reference do not.
func splitAddresses(text string) []string {
	var all []string
	start, quoted, depth := 0, false, 0
	add := func(end int) {
		if one := strings.TrimSpace(text[start:end]); one != "" {
			all = append(all, one)
		}
		start = end + 1
	}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == '"' && depth == 0:
			quoted = !quoted
		case c == ',' && depth == 0 && !quoted:
			add(i)
		}
	}
	add(len(text))
	return all
}

// addresses lists what was rendered; a reference may stand for a list.
func addresses(v payload.Value) []string {
	var all []string
	for _, item := range v.Items() {
		for _, one := range oneOrMany(item) {
			if one = strings.TrimSpace(one); one != "" {
				all = append(all, one)
			}
		}
	}
	return all
}

func attachments(list payload.Value) ([]Attachment, error) {
	var all []Attachment
	for i, item := range list.Items() {
		a := Attachment{Name: item.FieldText("name"), ContentType: item.FieldText("content_type"), Content: []byte(item.FieldText("content"))}
		place := "data.attachments[" + strconv.Itoa(i) + "]"
		if a.Name == "" {
			return nil, fault.New(fault.Invalid, "has no name").AtField(place)
		}
		switch item.FieldText("encoding") {
		case "", "text":
		case "base64":
			content, err := base64.StdEncoding.DecodeString(string(a.Content))
			if err != nil {
				return nil, fault.New(fault.Invalid, "content is not valid base64").AtField(place)
			}
			a.Content = content
		default:
			return nil, fault.New(fault.Invalid, "encoding must be text or base64").AtField(place)
		}
		all = append(all, a)
	}
	return all, nil
}

func (m mail) Settle(in Input, r Result) (Step, error) {
	if _, ok := r.(Done); !ok {
		return unexpected(r)
	}
	return finish(Outcome{Payload: in.Payload})
}
