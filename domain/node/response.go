package node

import (
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// responseType answers the HTTP request. Data: status (200), headers, body (the
// payload). Connected outputs go on after the answer.
func responseType() Type { return Type{Name: "response", Compile: compileResponse} }

type response struct {
	status  payload.Expression
	headers payload.Pattern
	body    payload.Pattern
	hasBody bool
}

func compileResponse(d Definition) (Compiled, fault.List) {
	f := read(d)
	r := response{status: f.expression("status")}
	if r.status.IsLiteral() {
		f.number("status", 200, 200, 599)
	}
	r.headers = f.headerObject("headers")
	r.body, r.hasBody = f.pattern("body")
	return Compiled{Executor: r}, f.faults
}

func (r response) Plan(in Input) (Step, error) {
	scope := in.Scope()
	status, err := r.statusOf(scope)
	if err != nil {
		return Step{}, fault.As(err).AtField("data.status")
	}
	lines, err := headers(r.headers, scope)
	if err != nil {
		return Step{}, fault.As(err).AtField("data.headers")
	}
	body := in.Payload
	if r.hasBody {
		if body, err = r.body.Render(scope); err != nil {
			return Step{}, fault.As(err).AtField("data.body")
		}
	}
	reply := ValueReply(status, body)
	if headerValue(lines, "Content-Type") != "" {
		reply.Header = nil
	}
	reply.Header = append(reply.Header, lines...)
	return finish(Outcome{Payload: in.Payload, Reply: &reply})
}

func (r response) statusOf(s payload.Scope) (int, error) {
	text, err := r.status.Text(s)
	if err != nil || text == "" {
		return 200, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 200 || n > 599 {
		return 0, fault.New(fault.Invalid, "%q is not the status of an HTTP answer", text)
	}
	return n, nil
}

func (r response) Settle(_ Input, res Result) (Step, error) { return unexpected(res) }

// ValueReply answers with a value: a text as it is, everything else as JSON.
func ValueReply(status int, v payload.Value) Reply {
	if v.Kind() == payload.String {
		return Reply{Status: status, Header: []Header{{"Content-Type", "text/plain; charset=utf-8"}}, Body: []byte(v.String())}
	}
	return Reply{Status: status, Header: []Header{{"Content-Type", "application/json"}}, Body: v.Bytes()}
}
