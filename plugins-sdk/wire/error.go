package wire

import "encoding/json"

// Code says what kind of failure an Error is. Codes are part of the contract.
type Code string

// The codes, with the HTTP status that an action answers with.
const (
	InvalidArgument   Code = "invalid_argument"   // 400
	PermissionDenied  Code = "permission_denied"  // 403: a capability was not granted
	NotFound          Code = "not_found"          // 404
	Conflict          Code = "conflict"           // 409
	PayloadTooLarge   Code = "payload_too_large"  // 413
	ResourceExhausted Code = "resource_exhausted" // 429
	Internal          Code = "internal"           // 500
	Unavailable       Code = "unavailable"        // 503
	DeadlineExceeded  Code = "deadline_exceeded"  // 504
	Cancelled         Code = "cancelled"          // nobody waits any more
)

// Error is a failure as it crosses the boundary.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Retryable says that the same call may succeed later.
	Retryable bool `json:"retryable,omitempty"`
	// Details is any JSON that helps the caller.
	Details json.RawMessage `json:"details,omitempty"`
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }
