package node

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// templateType renders a template. Data: template (its text, or the name of a
// stored one), engine = html | mustache, as = response or a field of the
// payload, status (200), content_type (text/html). Templates see the fields of
// the payload, and payload and vars themselves.
func templateType() Type { return Type{Name: "template", Compile: compileTemplate} }

type template struct {
	request     RenderRequest
	as          string
	status      int
	contentType string
}

const asResponse = "response"

func compileTemplate(d Definition) (Compiled, fault.List) {
	f := read(d)
	t := template{
		request:     RenderRequest{Engine: TemplateEngine(f.choice("engine", string(HTMLTemplate), string(Mustache)))},
		as:          f.text("as"),
		status:      f.number("status", 200, 200, 599),
		contentType: f.text("content_type"),
	}
	if t.as == "" {
		t.as = asResponse
	}
	if t.contentType == "" {
		t.contentType = "text/html; charset=utf-8"
	}
	text := f.requiredText("template")
	need := Need{Kind: NeedTemplateText, Field: "data.template", Name: text, Engine: t.request.Engine}
	if isName(text) {
		need.Kind = NeedTemplate
		t.request.Stored = text
	} else {
		t.request.Source = text
	}
	return Compiled{Executor: t, Needs: []Need{need}}, f.faults
}

func (t template) Plan(in Input) (Step, error) {
	r := t.request
	itself := payload.Merge(payload.Member("payload", in.Payload), payload.Member("vars", in.Vars))
	r.Data = payload.Merge(in.Payload, itself)
	return ask(r)
}

func (t template) Settle(in Input, r Result) (Step, error) {
	res, ok := r.(RenderResult)
	if !ok {
		return unexpected(r)
	}
	if t.as != asResponse {
		return finish(Outcome{Payload: in.Payload.With(t.as, payload.Text(res.Text))})
	}
	reply := &Reply{
		Status: t.status,
		Header: []Header{{"Content-Type", t.contentType}},
		Body:   []byte(res.Text),
	}
	return finish(Outcome{Payload: in.Payload, Reply: reply})
}
