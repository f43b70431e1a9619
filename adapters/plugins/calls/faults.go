package calls

import (
	"encoding/json"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// codes pairs what plugins report with what the application knows. The first
// row of a code is how it is said in the other direction.
func codes() []struct {
	wire  wire.Code
	fault fault.Code
} {
	return []struct {
		wire  wire.Code
		fault fault.Code
	}{
		{wire.InvalidArgument, fault.Malformed},
		{wire.InvalidArgument, fault.Invalid},
		{wire.PermissionDenied, fault.Forbidden},
		{wire.PermissionDenied, fault.Disabled},
		{wire.NotFound, fault.NotFound},
		{wire.Conflict, fault.Conflict},
		{wire.PayloadTooLarge, fault.TooLarge},
		{wire.ResourceExhausted, fault.LimitExceeded},
		{wire.Internal, fault.PluginFailed},
		{wire.Internal, fault.Internal},
		{wire.Unavailable, fault.Unavailable},
		{wire.Unavailable, fault.Upstream},
		{wire.DeadlineExceeded, fault.UpstreamTimeout},
		{wire.Cancelled, fault.Cancelled},
	}
}

// Bounds, in bytes, of what a plugin may say of a failure.
const (
	maxMessage = 2000
	maxDetails = 64 << 10
	maxCode    = 64
)

// faultOf is a failure that a plugin reported. Its own code, whether to try
// again and its details are kept in Detail.
func faultOf(name string, e *wire.Error) error {
	code := fault.PluginFailed
	for _, row := range codes() {
		if row.wire == e.Code {
			code = row.fault
			break
		}
	}
	f := fault.New(code, "plugin %s: %s", name, shorten(e.Message, maxMessage))
	details := e.Details
	if _, err := jsonOf(details); err != nil || len(details) > maxDetails { // it may nest too deep
		details = nil
	}
	detail := struct {
		Plugin    string          `json:"plugin"`
		Code      wire.Code       `json:"code"`
		Retryable bool            `json:"retryable"`
		Details   json.RawMessage `json:"details,omitempty"`
	}{name, wire.Code(shorten(string(e.Code), maxCode)), e.Retryable, details}
	if b, err := json.Marshal(detail); err == nil {
		f = f.WithDetail(string(b))
	}
	if e.Code == wire.Unavailable || e.Code == wire.ResourceExhausted {
		f = f.Retry(1)
	}
	return f
}

func shorten(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// failureFrame tells a plugin what went wrong with a host call. Internals of
// ours stay here.
func failureFrame(err error) wire.Frame {
	f := fault.As(err)
	e := &wire.Error{Code: wire.Internal, Message: f.Message, Retryable: f.RetryAfter > 0}
	for _, row := range codes() {
		if row.fault == f.Code {
			e.Code = row.wire
			break
		}
	}
	if f.Code == fault.Internal {
		e.Message = "the host failed"
	}
	return wire.Failure(e)
}
