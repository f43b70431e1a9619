package protocol

import (
	"encoding/json"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// AddFault adds an error as a fault. Of its cause only the text crosses, for
// the log.
func (f *Frame) AddFault(err error) {
	v := fault.As(err)
	cause := ""
	if c := v.Unwrap(); c != nil {
		cause = c.Error()
	}
	f.Text(string(v.Code)).Text(v.Message).Text(v.Workflow).Text(v.Node).Text(v.Field).
		Int(int64(v.Line)).Int(int64(v.Column)).Text(v.Limit).Text(v.Rule).
		Int(int64(v.Status)).Int(int64(v.RetryAfter)).Text(v.Detail).Text(cause)
}

// maxDetail bounds Fault.Detail, in bytes.
const maxDetail = 80 << 10

// Fault reads a fault. When the other side got it from here, same is the
// original, whose causes it takes over.
func (b *Body) Fault(same *fault.Fault) *fault.Fault {
	read := fault.Fault{
		Code: fault.Code(b.Text()), Message: b.Text(), Workflow: b.Text(), Node: b.Text(), Field: b.Text(),
		Line: int(b.Int()), Column: int(b.Int()), Limit: b.Text(), Rule: b.Text(),
		Status: int(b.Int()), RetryAfter: int(b.Int()), Detail: b.Text(),
	}
	// What a script's process claims is embedded in JSON later.
	if !json.Valid([]byte(read.Detail)) || len(read.Detail) > maxDetail {
		read.Detail = ""
	}
	cause := remote{text: b.Text()}
	if read.Code == "" {
		b.fail()
		read.Code = fault.Internal
	}
	if same != nil && same.Code == read.Code && same.Message == read.Message {
		cause.original = same
	}
	if cause == (remote{}) {
		return &read
	}
	return read.Because(cause)
}

// remote is the cause of a fault of the other side.
type remote struct {
	text     string
	original *fault.Fault
}

func (r remote) Error() string {
	if r.text == "" && r.original != nil {
		return r.original.Error()
	}
	return r.text
}

func (r remote) Unwrap() error {
	if r.original == nil {
		return nil
	}
	return r.original
}
