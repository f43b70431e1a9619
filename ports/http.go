package ports

import (
	"net/url"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Inbound is an HTTP request as the runtime sees it: read completely, with its
// body already bounded.
type Inbound struct {
	Method   string              `json:"method"`
	Path     string              `json:"path"` // decoded, without the query; a slash sent as %2F stays %2F
	RawQuery string              `json:"raw_query"`
	Scheme   string              `json:"scheme"` // "http" or "https"
	Host     string              `json:"host"`
	RealIP   string              `json:"real_ip"` // of the client, behind trusted proxies
	PeerIP   string              `json:"-"`       // of whoever is connected
	Header   map[string][]string `json:"header"`  // canonical names
	Body     []byte              `json:"body"`
	Form     url.Values          `json:"form"` // fields of a form body; nil for other bodies
	Files    []FormFile          `json:"files"`
	PathVars []PathVar           `json:"path_vars"` // set by routing
	// SessionID is the id in the visitor's verified cookie; empty = none.
	SessionID string `json:"-"`
}

// PathVar is a variable of the route, in path order.
type PathVar struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FormFile is an uploaded file.
type FormFile struct {
	Field       string `json:"field"`
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Content     []byte `json:"content"`
}

// Outbound is the answer to an Inbound.
type Outbound struct {
	Reply   node.Reply
	RunID   string
	Session SessionChange
	// Allowance is that of the workflow's own limit; zero = it has none.
	Allowance policy.Allowance
}

// SessionChange tells the border what to do with the visitor's cookie.
type SessionChange struct {
	Changed bool
	ID      string // the new id; empty with Changed = remove the cookie
	MaxAge  int    // seconds
}
