package node

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// mailType sends a mail. Data: to, cc, bcc (a text with commas, or a list),
// from, subject, text, html, attachments: a list of {name, content,
// content_type, encoding = text | base64}. The payload passes through.
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
	m.to, _ = f.pattern("to")
	m.cc, _ = f.pattern("cc")
	m.bcc, _ = f.pattern("bcc")
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
	for _, part := range []struct {
		field string
		from  payload.Expression
		into  *string
	}{{"from", m.from, &r.From}, {"subject", m.subject, &r.Subject}, {"text", m.text, &r.Text}, {"html", m.html, &r.HTML}} {
		text, err := part.from.Text(scope)
		if err != nil {
			return Step{}, fault.As(err).AtField("data." + part.field)
		}
		*part.into = text
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

// addresses splits texts at the commas that separate addresses; those in a
// quoted name do not.
func addresses(v payload.Value) []string {
	var all []string
	for _, text := range oneOrMany(v) {
		quoted := false
		for _, one := range strings.FieldsFunc(text, func(r rune) bool {
			quoted = quoted != (r == '"')
			return r == ',' && !quoted
		}) {
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
		get := func(key string) string { v, _ := item.Field(key); return v.String() }
		a := Attachment{Name: get("name"), ContentType: get("content_type"), Content: []byte(get("content"))}
		place := "data.attachments[" + strconv.Itoa(i) + "]"
		if a.Name == "" {
			return nil, fault.New(fault.Invalid, "has no name").AtField(place)
		}
		switch get("encoding") {
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
