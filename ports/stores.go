package ports

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Workflow is one immutable version of a workflow document.
type Workflow struct {
	ID        string // 1 to 200 bytes
	Version   int    // 1, 2, 3...; 0 for a row of the designer's own table
	Document  []byte // exactly as it was given
	DefaultJS string // auth() and log() of the application; may be empty
	Created   time.Time
	Author    string // who published it; may be empty
}

// VersionInfo describes a version without its document.
type VersionInfo struct {
	Version int       `json:"version"`
	Active  bool      `json:"active"`
	Created time.Time `json:"created"`
	Author  string    `json:"author,omitempty"`
	Bytes   int       `json:"bytes"`
}

// AnyVersion as an expected version writes whatever is there.
const AnyVersion = -1

// WorkflowReader reads published workflows. Rows of the designer's table are
// part of the answers unless a workflow of ours with the same id replaced or
// deleted them.
type WorkflowReader interface {
	// Active lists the active version of every workflow, by id.
	Active(ctx context.Context) ([]Workflow, error)
	// Workflow returns a version; 0 = the active one. Code not_found.
	Workflow(ctx context.Context, id string, version int) (Workflow, error)
	// Versions lists the history, newest first; empty for an unknown id.
	Versions(ctx context.Context, id string) ([]VersionInfo, error)
}

// WorkflowWriter changes what is published. Every call takes the version the
// caller believes to be active (0 = none of ours yet, AnyVersion = do not check)
// and fails with precondition_failed when it is another. What is acknowledged
// is on disk.
type WorkflowWriter interface {
	// Put stores a new version, activates it and returns its number. Numbers are
	// never used again, not even after Delete.
	Put(ctx context.Context, w Workflow, expected int) (int, error)
	// Activate makes an older version the active one; code not_found.
	Activate(ctx context.Context, id string, version, expected int) error
	// Delete withdraws the workflow, keeping its history; code not_found.
	Delete(ctx context.Context, id string, expected int) error
}

// Module is stored JavaScript; its code defines main() or module.exports.
type Module struct {
	Name string `json:"name"`
	Code string `json:"code"`
	Form string `json:"form,omitempty"` // the designer's form for it
	Mod  string `json:"mod,omitempty"`  // the designer's description of it
}

// Template is a stored template.
type Template struct {
	Name    string `json:"name"`
	Content string `json:"content"`
}

// Library holds stored modules and templates; ours go before the designer's.
// Get methods give code not_found.
type Library interface {
	Module(ctx context.Context, name string) (Module, error)
	Template(ctx context.Context, name string) (Template, error)
	PutModule(ctx context.Context, m Module) error
	PutTemplate(ctx context.Context, t Template) error
}

// LibraryIndex lists what a Library holds, for moving it elsewhere.
type LibraryIndex interface {
	// Modules and Templates list everything, ours and the designer's, by name.
	Modules(ctx context.Context) ([]Module, error)
	Templates(ctx context.Context) ([]Template, error)
}

// User is a person who may log in to an application.
type User struct {
	ID       int64
	Username string
	Password string // stored form: plain, digest or argon2id; never leaves the application
	Role     string
	Active   bool
}

// UserStore reads the designer's users and keeps upgraded hashes beside them.
type UserStore interface {
	// User gives code not_found for an unknown name. Password is the upgraded
	// hash when there is one.
	User(ctx context.Context, username string) (User, error)
	// UpgradePassword keeps a hash for a user, in our own table.
	UpgradePassword(ctx context.Context, username, hash string) error
}

// Token is an API token; only a hash of it is stored.
type Token struct {
	Hash    string // hex SHA-256 of the token
	Name    string
	Scopes  []string // run, read, admin
	Created time.Time
	Expires time.Time // zero = never
	// PerMinute is how many requests it may make in a minute; 0 = as many as the
	// configuration says.
	PerMinute int
}

// TokenStore keeps API tokens.
type TokenStore interface {
	PutToken(ctx context.Context, t Token) error
	// Token gives code not_found for an unknown hash, expired ones included.
	Token(ctx context.Context, hash string, now time.Time) (Token, error)
	// AppToken returns a row of the designer's api_tokens by its name, as an
	// object with the columns name, token, start, expired, active, header,
	// token_type; code not_found.
	AppToken(ctx context.Context, name string) (payload.Value, error)
}

// Settings are small values that all instances share, such as the cookie key.
type Settings interface {
	// Setting returns a value; code not_found.
	Setting(ctx context.Context, key string) (string, error)
	// PutSettingIfAbsent stores a value unless there is one and returns the one
	// that is stored afterwards.
	PutSettingIfAbsent(ctx context.Context, key, value string) (string, error)
}

// Session is what an application remembers of a visitor.
type Session struct {
	Key     string        // a digest of the id in the cookie
	Version int           // grows with each save; 0 = not stored yet
	Values  payload.Value // object of objects: section, then key
	Created time.Time
	Expires time.Time
}

// SessionStore keeps sessions.
type SessionStore interface {
	// Session gives code not_found for an unknown or expired key.
	Session(ctx context.Context, key string, now time.Time) (Session, error)
	// SaveSession stores the session if its Version is the stored one (0 = it
	// must not exist) and returns the new version; code conflict otherwise.
	SaveSession(ctx context.Context, s Session) (int, error)
	DeleteSession(ctx context.Context, key string) error
	// DropExpiredSessions deletes what expired before now, at most so many, and says
	// how many. Fewer than most means that it is done.
	DropExpiredSessions(ctx context.Context, now time.Time, most int) (int, error)
}

// Pinger says whether a backend answers.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Compactor gives the space of deleted rows back to the operating system.
type Compactor interface {
	// Vacuum frees up to so many pages, in small steps; a backend that does so by
	// itself does nothing.
	Vacuum(ctx context.Context, pages int) error
}
