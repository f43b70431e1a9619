package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Fault is one failure: what happened, where, and how to mend it. Only Code and
// Message are always set. Message is written for the person who can mend it and
// never holds a secret or a Go internal; the cause, which may, is only logged.
type Fault struct {
	Code     Code
	Message  string
	Workflow string // id of the workflow, if known
	Node     string // id of the node, if known
	Field    string // dotted path of the field at fault, such as "data.path"
	Line     int    // 1-based line in the author's source; 0 = unknown
	Column   int    // 1-based column; 0 = unknown
	Limit    string // with LimitExceeded: the configuration key of the limit
	Rule     string // with Blocked: the rule of the static analysis
	Status   int    // with Upstream: the HTTP status that was answered
	// Detail is what a plugin said of its failure, a JSON object with code,
	// retryable and details.
	Detail string
	// RetryAfter is the number of seconds after which trying again makes sense;
	// 0 = no advice.
	RetryAfter int

	cause error
}

// New returns a fault with a formatted message.
func New(code Code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap is New with a cause that errors.Is and errors.As can reach.
func Wrap(cause error, code Code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Because returns a copy with another cause.
func (f *Fault) Because(cause error) *Fault {
	c := *f
	c.cause = cause
	return &c
}

// AtNode returns a copy placed at a node, unless it already has a place.
func (f *Fault) AtNode(id string) *Fault {
	if f.Node != "" {
		return f
	}
	c := *f
	c.Node = id
	return &c
}

// AtField returns a copy placed at a field.
func (f *Fault) AtField(path string) *Fault {
	c := *f
	c.Field = path
	return &c
}

// AtLine returns a copy placed at a 1-based line and column of a source.
func (f *Fault) AtLine(line, column int) *Fault {
	c := *f
	c.Line, c.Column = line, column
	return &c
}

// InWorkflow returns a copy placed in a workflow, unless it already has one.
func (f *Fault) InWorkflow(id string) *Fault {
	if f.Workflow != "" {
		return f
	}
	c := *f
	c.Workflow = id
	return &c
}

// OverLimit returns a copy that names the limit that was exceeded.
func (f *Fault) OverLimit(name string) *Fault {
	c := *f
	c.Limit = name
	return &c
}

// WithDetail returns a copy with what a plugin said of its failure.
func (f *Fault) WithDetail(object string) *Fault {
	c := *f
	c.Detail = object
	return &c
}

// Retry returns a copy that advises to try again after so many seconds.
func (f *Fault) Retry(seconds int) *Fault {
	c := *f
	c.RetryAfter = seconds
	return &c
}

// Place is the human readable position, such as
// "workflow shop, node pay, data.script line 3:7"; empty when nothing is known.
func (f *Fault) Place() string {
	var b strings.Builder
	add := func(sep, label, value string) {
		if value == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString(sep)
		}
		b.WriteString(label)
		b.WriteString(value)
	}
	add(", ", "workflow ", f.Workflow)
	add(", ", "node ", f.Node)
	add(", ", "", f.Field)
	if f.Line > 0 {
		add(" ", "line ", fmt.Sprintf("%d:%d", f.Line, f.Column))
	}
	return b.String()
}

// Error is the place followed by the message.
func (f *Fault) Error() string {
	if place := f.Place(); place != "" {
		return place + ": " + f.Message
	}
	return f.Message
}

// Unwrap returns the cause, which may be nil.
func (f *Fault) Unwrap() error { return f.cause }

// Is reports whether target is a fault of the same code, so that
// errors.Is(err, fault.New(fault.NotFound, "")) works.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// As returns err as a fault: the one in its chain, or a new Internal fault that
// wraps it. It returns nil for nil.
func As(err error) *Fault {
	if err == nil {
		return nil
	}
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	var l List
	if errors.As(err, &l) && len(l) > 0 {
		return l[0]
	}
	return Wrap(err, Internal, "internal error")
}

// CodeOf is the code of err: empty for nil, Internal for a foreign error.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return As(err).Code
}
