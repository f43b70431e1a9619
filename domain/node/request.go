package node

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Request is something a node wants done. The set is closed: each request below
// has exactly one result type.
type Request interface{ request() }

// Language is the language of a script.
type Language string

// The languages.
const (
	JavaScript Language = "js"
	TypeScript Language = "ts"
)

// Script is code to run: its own text, or the name of a stored module.
type Script struct {
	Code     string
	Module   string // when set, Code is loaded from the stored module
	Default  bool   // when set, Code is the workflow's own default_js
	Language Language
	// Entry is the function to call, such as "main"; when empty, the code is the
	// body of a function and what it returns is the new payload.
	Entry string
	Field string // field of the node the code stands in, for error messages
}

// ScriptRequest runs a script; answered by ScriptResult.
type ScriptRequest struct {
	Script  Script
	Payload payload.Value
	Locals  payload.Value // values kept by c.Set, an object
}

// HTTPRequest calls an HTTP server; answered by HTTPResult.
type HTTPRequest struct {
	Method  string
	URL     string
	Header  []Header
	Body    []byte
	Timeout time.Duration // of each try
	Retries int           // tries after the first; only for methods safe to repeat
	// MaxBytes bounds the body of the answer; 0 = the run's limit.
	MaxBytes int
	// OnlyHosts, when set, are the only hosts that may be called, redirects
	// included; see plugin.PermitsHost.
	OnlyHosts []string
}

// QueryMode says what a statement gives back.
type QueryMode string

// The modes.
const (
	Rows QueryMode = "rows" // an array of objects
	Row  QueryMode = "row"  // the first row as an object, or null
	Exec QueryMode = "exec" // {"rows_affected": n, "last_insert_id": n}
)

// Statement is one SQL statement with its parameters, in placeholder order.
type Statement struct {
	Query  string // placeholders are $1, $2... or ?
	Params []payload.Value
	Mode   QueryMode
}

// QueryRequest runs statements on a configured database, in one transaction when
// there are several; answered by QueryResult.
type QueryRequest struct {
	Database   string // a name from [databases]
	Statements []Statement
	MaxRows    int // more rows than this is an error; 0 = the run's limit
}

// Attachment is a file in a mail.
type Attachment struct {
	Name        string
	ContentType string // empty = by the name's extension
	Content     []byte
}

// MailRequest sends a mail through the configured server; answered by Done.
type MailRequest struct {
	From        string // empty = [mail] from
	To, CC, BCC []string
	Subject     string
	Text, HTML  string // at least one is set
	Attachments []Attachment
}

// TemplateEngine is a template language.
type TemplateEngine string

// The template languages.
const (
	HTMLTemplate TemplateEngine = "html"     // Go's html/template
	Mustache     TemplateEngine = "mustache" // mustache, HTML escaped
)

// RenderRequest fills a template; answered by RenderResult.
type RenderRequest struct {
	Engine TemplateEngine
	Source string // inline template text
	Stored string // or the name of a stored template
	Data   payload.Value
}

// PluginRequest runs a plugin's node; answered by PluginResult.
type PluginRequest struct {
	Plugin  string
	Node    string        // empty = the plugin's only one
	Params  payload.Value // an object
	Payload payload.Value
}

// SessionRequest sets one value in the visitor's session; answered by Done.
type SessionRequest struct {
	Session string // section of the session, such as "auth-session"
	Key     string
	Value   payload.Value
}

func (ScriptRequest) request()  {}
func (HTTPRequest) request()    {}
func (QueryRequest) request()   {}
func (MailRequest) request()    {}
func (RenderRequest) request()  {}
func (PluginRequest) request()  {}
func (SessionRequest) request() {}
