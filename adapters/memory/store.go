package memory

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Store is an empty database at first. It is safe for concurrent use.
type Store struct {
	mu          sync.RWMutex
	designer    Designer
	workflows   map[string]*history
	modules     map[string]ports.Module
	templates   map[string]ports.Template
	credentials map[string]string
	tokens      map[string]ports.Token
	settings    map[string]string
	sessions    map[string]ports.Session
	runs        map[string]ports.RunRecord
	plugins     map[string][]ports.StoredPlugin // oldest first
	switches    map[string]ports.PluginSwitch
	values      map[string]map[string]payload.Value // by space and key
	tracker     []ports.TrackerRow                  // oldest first
	revision    int64                               // of the last change to workflows
}

var (
	_ ports.WorkflowReader = (*Store)(nil)
	_ ports.WorkflowWriter = (*Store)(nil)
	_ ports.Library        = (*Store)(nil)
	_ ports.UserStore      = (*Store)(nil)
	_ ports.TokenStore     = (*Store)(nil)
	_ ports.Settings       = (*Store)(nil)
	_ ports.SessionStore   = (*Store)(nil)
	_ ports.RunStore       = (*Store)(nil)
	_ ports.PluginStore    = (*Store)(nil)
	_ ports.PluginSwitches = (*Store)(nil)
	_ ports.KeyValues      = (*Store)(nil)
	_ ports.Pinger         = (*Store)(nil)

	_ ports.WorkflowChanges = (*Store)(nil)
	_ ports.TrackerStore    = (*Store)(nil)
)

// New returns an empty store.
func New() *Store { return NewOver(Designer{}) }

// NewOver returns a store that holds nothing but rows of a designer.
func NewOver(d Designer) *Store {
	return &Store{
		designer:    d,
		workflows:   make(map[string]*history),
		modules:     make(map[string]ports.Module),
		templates:   make(map[string]ports.Template),
		credentials: make(map[string]string),
		tokens:      make(map[string]ports.Token),
		settings:    make(map[string]string),
		sessions:    make(map[string]ports.Session),
		runs:        make(map[string]ports.RunRecord),
		plugins:     make(map[string][]ports.StoredPlugin),
		switches:    make(map[string]ports.PluginSwitch),
		values:      make(map[string]map[string]payload.Value),
	}
}

// Ping implements ports.Pinger.
func (s *Store) Ping(ctx context.Context) error { return alive(ctx, "reach the store") }

// alive fails with code cancelled when ctx has ended. op completes "cannot ...".
func alive(ctx context.Context, op string) error {
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, fault.Cancelled, "cannot %s: the request was cancelled or took too long", op)
	}
	return nil
}

// checkText fails with code invalid on the first text a database could not keep:
// one with a zero byte or broken UTF-8. The list is field, text, field, text...
func checkText(op string, fieldsAndTexts ...string) error {
	for i := 0; i+1 < len(fieldsAndTexts); i += 2 {
		if s := fieldsAndTexts[i+1]; !utf8.ValidString(s) || strings.Contains(s, "\x00") {
			return fault.New(fault.Invalid, "cannot %s: the text holds a zero byte or is not UTF-8", op).
				AtField(fieldsAndTexts[i])
		}
	}
	return nil
}

// checkKey is checkText for what must not be empty.
func checkKey(op, field, key string) error {
	if key == "" {
		return fault.New(fault.Invalid, "cannot %s: its %s is empty", op, field).AtField(field)
	}
	return checkText(op, field, key)
}

// stored is a time as a database keeps it: UTC, in whole microseconds.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMicro(t.UnixMicro()).UTC()
}

// expired says whether something that expires at t (zero = never) has at now.
func expired(t, now time.Time) bool { return !t.IsZero() && !t.After(stored(now)) }
