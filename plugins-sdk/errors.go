package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Error is a failure with a code that workflows, scripts and HTTP clients see.
// What the host refuses is one too; find it with errors.As.
type Error = wire.Error

// Code says what kind of failure an Error is.
type Code = wire.Code

// The codes, with the HTTP status that an action answers with.
const (
	InvalidArgument   = wire.InvalidArgument   // 400
	PermissionDenied  = wire.PermissionDenied  // 403: a capability was not granted
	NotFound          = wire.NotFound          // 404
	Conflict          = wire.Conflict          // 409
	PayloadTooLarge   = wire.PayloadTooLarge   // 413
	ResourceExhausted = wire.ResourceExhausted // 429
	Internal          = wire.Internal          // 500
	Unavailable       = wire.Unavailable       // 503
	DeadlineExceeded  = wire.DeadlineExceeded  // 504
	Cancelled         = wire.Cancelled         // nobody waits any more
)

// Errorf is an error with a code. Errors that are none of this package's are
// reported as Internal.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Retryable is e saying that the same call may succeed later.
func Retryable(e *Error) *Error {
	retry := *e
	retry.Retryable = true
	return &retry
}

// WithDetails is e with any JSON that helps the caller. Details that are no JSON
// are left out.
func WithDetails(e *Error, details any) *Error {
	more := *e
	if b, err := json.Marshal(details); err == nil {
		more.Details = b
	}
	return &more
}

// CodeOf is the code an error is reported with; empty for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	return reported(err).Code
}

// reported is err as it crosses the boundary. An Error inside keeps its code,
// details and whether to retry; the message is that of the whole.
func reported(err error) *Error {
	var e *Error
	switch {
	case errors.As(err, &e) && e != nil:
		if err.Error() == e.Error() {
			return e // nothing is around it
		}
		whole := *e
		whole.Message = err.Error()
		return &whole
	case errors.Is(err, context.DeadlineExceeded):
		return Errorf(DeadlineExceeded, "%s", err)
	case errors.Is(err, context.Canceled):
		return Errorf(Cancelled, "%s", err)
	}
	return Errorf(Internal, "%s", err)
}
