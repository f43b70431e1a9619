package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Sections of a session with a meaning of their own.
const (
	authSection = "auth-session" // profile, redirect_url
	formSection = "nflow_form"   // the parked run
	profileKey  = "profile"
)

// session is the visitor's session during one request. It is read when first
// needed; changes are kept as a list and stored together, and applied again when
// another request stored the session in between.
type session struct {
	runtime *Runtime

	mu      sync.Mutex
	id      string // from the cookie; empty = none yet
	loaded  bool
	stored  ports.Session
	values  payload.Value // with the pending changes
	changes []sessionChange
	rotate  bool // give the visitor a new id
	cookie  ports.SessionChange
}

// sessionChange sets a key of a section; an empty key means the whole section,
// and a zero value removes.
type sessionChange struct {
	section, key string
	value        payload.Value
}

func newSession(r *Runtime, id string) *session { return &session{runtime: r, id: id} }

// sessionKey is what is stored of a cookie's id, so that a stolen database gives
// nobody a session.
func sessionKey(id string) string {
	sum := sha256.Sum256([]byte("nflow session " + id))
	return hex.EncodeToString(sum[:])
}

// section returns a part of the session, an object.
func (s *session) section(ctx context.Context, name string) (payload.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return payload.Value{}, err
	}
	section, ok := s.values.Field(name)
	if !ok {
		return payload.EmptyObject(), nil
	}
	return section, nil
}

func (s *session) change(ctx context.Context, c sessionChange) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.load(ctx); err != nil {
		return err
	}
	next := apply(s.values, c)
	if err := s.fits(s.values, next); err != nil {
		return err
	}
	s.changes = append(s.changes, c)
	s.values = next
	return nil
}

// fits refuses a session that grows beyond its limit; one that was beyond it
// before may still shrink.
func (s *session) fits(before, after payload.Value) error {
	most, size := s.runtime.cfg.SessionBytes, len(after.Bytes())
	if most > 0 && size > most && size > len(before.Bytes()) {
		return fault.New(fault.LimitExceeded, "the session would hold %d bytes; the most is %d", size, most).OverLimit("auth.session_max_bytes")
	}
	return nil
}

// username is that of the visitor's profile, when the run has looked at the
// session; nobody waits for a store to know it.
func (s *session) username() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.loaded {
		return ""
	}
	section, _ := s.values.Field(authSection)
	profile, _ := section.Field(profileKey)
	name, _ := profile.Field("username")
	return name.String()
}

// renew makes flush give the visitor a new id, as after a login.
func (s *session) renew() {
	s.mu.Lock()
	s.rotate = true
	s.mu.Unlock()
}

func (s *session) load(ctx context.Context) error {
	if s.loaded {
		return nil
	}
	s.values = payload.EmptyObject()
	if s.id != "" {
		stored, err := s.runtime.Sessions.Session(ctx, sessionKey(s.id), s.runtime.Clock.Now())
		switch {
		case fault.CodeOf(err) == fault.NotFound:
			s.id = ""
		case err != nil:
			return err
		default:
			s.stored, s.values = stored, stored.Values
		}
	}
	s.loaded = true
	return nil
}

func apply(values payload.Value, c sessionChange) payload.Value {
	if c.key == "" {
		if c.value.IsZero() {
			return values.Without(c.section)
		}
		return values.With(c.section, c.value)
	}
	section, _ := values.Field(c.section)
	if c.value.IsZero() {
		return values.With(c.section, payload.Merge(section.Without(c.key), payload.EmptyObject()))
	}
	return values.With(c.section, section.With(c.key, c.value))
}

// maxSessionTries bounds how often flush starts over when others keep storing
// the same session.
const maxSessionTries = 20

// flush stores the pending changes.
func (s *session) flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.runtime.Clock.Now()
	used := s.loaded && s.stored.Version > 0
	stale := used && s.stored.Expires.Sub(now) < s.runtime.cfg.SessionIdle/2
	if len(s.changes) == 0 && !stale {
		return nil
	}
	for range maxSessionTries {
		err := s.save(ctx)
		if fault.CodeOf(err) != fault.Conflict {
			return err
		}
		known := s.stored.Version > 0
		s.loaded, s.stored = false, ports.Session{}
		if err := s.load(ctx); err != nil {
			return err
		}
		if known && s.id == "" { // a session of our own would take the visitor's new one away
			return fault.New(fault.Conflict, "another request renewed or ended the session meanwhile; please try again")
		}
		stored := s.values
		for _, c := range s.changes {
			s.values = apply(s.values, c)
		}
		if err := s.fits(stored, s.values); err != nil {
			return err
		}
	}
	return fault.New(fault.Unavailable, "the session is being written by too many requests at once").Retry(1)
}

func (s *session) save(ctx context.Context) error {
	r := s.runtime
	now := r.Clock.Now()
	next := s.stored
	next.Values = s.values
	old := s.id
	if old == "" || s.rotate {
		s.id = r.IDs.Secret()
		next.Key, next.Version = sessionKey(s.id), 0
	}
	if next.Created.IsZero() {
		next.Created = now
	}
	next.Expires = now.Add(r.cfg.SessionIdle)
	if last := next.Created.Add(r.cfg.SessionMaxAge); next.Expires.After(last) {
		next.Expires = last
	}
	version, err := r.Sessions.SaveSession(ctx, next)
	if err != nil {
		s.id = old
		return err
	}
	if old != "" && old != s.id {
		if err := r.Sessions.DeleteSession(ctx, sessionKey(old)); err != nil {
			return err
		}
	}
	next.Version = version
	s.stored, s.changes, s.rotate = next, nil, false
	s.cookie = ports.SessionChange{Changed: true, ID: s.id, MaxAge: int(next.Expires.Sub(now).Seconds())}
	return nil
}

// cookieChange is what the visitor's browser is to be told.
func (s *session) cookieChange() ports.SessionChange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cookie
}
