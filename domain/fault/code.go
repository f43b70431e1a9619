package fault

// Code is the stable, machine readable name of a kind of failure. Codes are
// part of the public API: clients match on them, so they are never renamed.
type Code string

// The codes, grouped by who can mend the failure.
const (
	// The caller sent something wrong.
	Malformed          Code = "malformed"           // not decodable at all
	Unauthenticated    Code = "unauthenticated"     // no credentials, or wrong ones
	Forbidden          Code = "forbidden"           // valid credentials without the right
	NotFound           Code = "not_found"           // no such thing
	MethodNotAllowed   Code = "method_not_allowed"  // the path exists, the method does not
	Conflict           Code = "conflict"            // two things claim the same place
	PreconditionFailed Code = "precondition_failed" // somebody else wrote first
	TooLarge           Code = "too_large"           // a body or document over its limit
	UnsupportedMedia   Code = "unsupported_media"   // a content type nobody reads
	Invalid            Code = "invalid"             // well formed, but it breaks a rule

	// The workflow is wrong.
	ScriptFailed Code = "script_failed" // a script threw or returned something unusable
	NodeFailed   Code = "node_failed"   // any other node could not do its work
	QueryFailed  Code = "query_failed"  // a database refused a statement
	NoPlugin     Code = "plugin_not_installed"
	PluginFailed Code = "plugin_failed"    // a plugin crashed, broke the contract or reported an internal error
	Disabled     Code = "feature_disabled" // a switch in the configuration is off
	Blocked      Code = "script_blocked"   // the static analysis refused a script

	// A limit stopped the work; Fault.Limit names it.
	LimitExceeded Code = "limit_exceeded"

	// The world around us failed.
	Upstream        Code = "upstream_failed"
	UpstreamTimeout Code = "upstream_timeout"
	Unavailable     Code = "unavailable" // a store or backend is away, or we are saturated
	Cancelled       Code = "cancelled"   // the client left or the operator cancelled
	Internal        Code = "internal"    // our own mistake
)
