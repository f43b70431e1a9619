package memory

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Session implements ports.SessionStore. A session has expired from its Expires
// on; the zero time means never.
func (s *Store) Session(ctx context.Context, key string, now time.Time) (ports.Session, error) {
	if err := alive(ctx, "read the session"); err != nil {
		return ports.Session{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	found, ok := s.sessions[key]
	if !ok || expired(found.Expires, now) {
		return ports.Session{}, fault.New(fault.NotFound, "there is no such session")
	}
	return found, nil
}

// SaveSession implements ports.SessionStore. A session that expired before this
// one was created does not count as stored.
func (s *Store) SaveSession(ctx context.Context, session ports.Session) (int, error) {
	const op = "store the session"
	if err := alive(ctx, op); err != nil {
		return 0, err
	}
	if err := checkKey(op, "key", session.Key); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	present, ok := s.sessions[session.Key]
	free := session.Version == 0 && (!ok || expired(present.Expires, session.Created))
	if !free && (!ok || session.Version == 0 || session.Version != present.Version) {
		return 0, fault.New(fault.Conflict, "another request changed the session meanwhile")
	}
	session.Version = present.Version + 1
	session.Created, session.Expires = stored(session.Created), stored(session.Expires)
	s.sessions[session.Key] = session
	return session.Version, nil
}

// DeleteSession implements ports.SessionStore; an unknown key is fine.
func (s *Store) DeleteSession(ctx context.Context, key string) error {
	if err := alive(ctx, "delete the session"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, key)
	return nil
}

// DropExpiredSessions implements ports.SessionStore.
func (s *Store) DropExpiredSessions(ctx context.Context, now time.Time, most int) (int, error) {
	if err := alive(ctx, "delete expired sessions"); err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dropped := 0
	for key, session := range s.sessions {
		if dropped < most && expired(session.Expires, now) {
			delete(s.sessions, key)
			dropped++
		}
	}
	return dropped, nil
}
