package ports

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// HTTPClient calls HTTP servers for nodes and scripts. It follows redirects,
// verifies TLS, obeys the egress policy at dial time and never reads more than
// MaxBytes. Faults: forbidden (egress), upstream_failed, upstream_timeout,
// limit_exceeded (answer too large), cancelled, invalid (bad URL). A non-2xx
// status is not a fault here.
type HTTPClient interface {
	Do(ctx context.Context, r node.HTTPRequest) (node.HTTPResult, error)
}

// Databases are the targets of db nodes, by configured name. Faults: not_found
// (no such database, naming those that exist), query_failed (the server's
// message), upstream_failed (not reachable), limit_exceeded (too many rows),
// cancelled. Nothing of a failed transaction stays.
type Databases interface {
	Query(ctx context.Context, r node.QueryRequest) (node.QueryResult, error)
	Names() []string
}

// Mailer hands mails to a server; it returns once the server took the mail.
// Faults: feature_disabled (no [mail]), invalid (bad address), upstream_failed,
// upstream_timeout.
type Mailer interface {
	Send(ctx context.Context, m node.MailRequest) error
}

// Renderer fills templates. Faults: invalid, with the line of the template.
type Renderer interface {
	Check(engine node.TemplateEngine, source string) error
	Render(ctx context.Context, engine node.TemplateEngine, source string, data payload.Value) (string, error)
}

// Clock tells the time.
type Clock interface {
	Now() time.Time
}

// Ticker paces what happens again and again.
type Ticker interface {
	// Tick delivers on the channel every so often, dropping ticks for a slow
	// reader, until stop is called.
	Tick(every time.Duration) (ticks <-chan time.Time, stop func())
}

// Identifiers makes names nobody can guess.
type Identifiers interface {
	RunID() string  // sortable by time, unique
	Secret() string // 256 random bits, URL safe
}

// Passwords hashes and verifies passwords.
type Passwords interface {
	// Hash returns an argon2id hash in PHC form.
	Hash(password string) (string, error)
	// Verify compares in constant time. stored may be PHC argon2id, bcrypt, an
	// unsalted hex digest (sha-224/256/512, sha-1, md5) or plain text; outdated
	// is true when it is not the argon2id this version writes.
	Verify(stored, password string) (ok, outdated bool)
}

// Command is a program to start: no shell is involved.
type Command struct {
	Path      string   // absolute
	Args      []string // without the program's name
	Stdin     []byte
	MaxOutput int // bytes of standard output, and as many of standard error
}

// CommandResult is what a finished program left behind.
type CommandResult struct {
	ExitCode       int // -1 when a signal ended it
	Stdout, Stderr []byte
}

// Processes starts programs for scripts, with an empty environment, and waits.
// Nothing the program started outlives the call. Faults: node_failed (cannot be
// started), limit_exceeded (too much output), cancelled.
type Processes interface {
	Exec(ctx context.Context, c Command) (CommandResult, error)
}

// Files is the one directory scripts may use when the file system is enabled.
// Names are slash separated and relative; no name leads outside.
type Files interface {
	Read(name string) ([]byte, error)
	Write(name string, content []byte) error
}
