package protocol

import (
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// AddResult adds what a script left behind.
func (f *Frame) AddResult(r node.ScriptResult) {
	f.AddValue(r.Payload).Text(r.Next).AddValue(r.Locals)
	f.addHeader(r.Header)
	f.Bool(r.Reply != nil)
	if r.Reply != nil {
		f.Int(int64(r.Reply.Status))
		f.addHeader(r.Reply.Header)
		f.Raw(r.Reply.Body)
	}
}

// Result reads what a script left behind.
func (b *Body) Result() node.ScriptResult {
	r := node.ScriptResult{Payload: b.Untrusted(), Next: b.Text(), Locals: b.Untrusted(), Header: b.header()}
	if b.Bool() {
		r.Reply = &node.Reply{Status: int(b.Int()), Header: b.header(), Body: b.Raw()}
	}
	return r
}

func (f *Frame) addHeader(header []node.Header) {
	f.Int(int64(len(header)))
	for _, h := range header {
		f.Text(h.Name).Text(h.Value)
	}
}

func (b *Body) header() []node.Header {
	n := b.Count(2, maxHeader)
	if n == 0 {
		return nil
	}
	header := make([]node.Header, 0, n)
	for range n {
		header = append(header, node.Header{Name: b.Text(), Value: b.Text()})
	}
	return header
}

// The most elements that a list of a worker may have.
const (
	maxHeader   = 10_000
	maxFindings = 1_000
	MaxArgs     = 10_000
	MaxGlobals  = 1_000
)

// AddFindings adds the findings of the static analysis.
func (f *Frame) AddFindings(findings []policy.Finding) {
	f.Int(int64(len(findings)))
	for _, one := range findings {
		f.Text(one.Rule).Text(string(one.Severity)).Text(one.Message).Int(int64(one.Line)).Int(int64(one.Column))
	}
}

// Findings reads findings.
func (b *Body) Findings() []policy.Finding {
	n := b.Count(5, maxFindings)
	var findings []policy.Finding
	for range n {
		findings = append(findings, policy.Finding{
			Rule: b.Text(), Severity: policy.Severity(b.Text()), Message: b.Text(), Line: int(b.Int()), Column: int(b.Int()),
		})
	}
	return findings
}
