package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Session implements ports.SessionStore. A session has expired from its Expires
// on; the zero time means never.
func (s *Store) Session(ctx context.Context, key string, now time.Time) (ports.Session, error) {
	var r struct {
		Version          int
		Content          []byte
		Created, Expires int64
	}
	err := s.one(ctx, "read the session", &r, fault.New(fault.NotFound, "there is no such session"),
		"SELECT version, content, created, expires FROM nf_sessions WHERE key = $1 AND (expires = 0 OR expires > $2)",
		key, micros(now))
	if err != nil {
		return ports.Session{}, err
	}
	return ports.Session{
		Key: key, Version: r.Version, Values: payload.Trusted(r.Content),
		Created: fromMicros(r.Created), Expires: fromMicros(r.Expires),
	}, nil
}

// SaveSession implements ports.SessionStore. A session that expired before this
// one was created does not count as stored.
func (s *Store) SaveSession(ctx context.Context, session ports.Session) (int, error) {
	const op = "store the session"
	if session.Key == "" {
		return 0, fault.New(fault.Invalid, "cannot %s: it has no key", op).AtField("key")
	}
	if err := checkText(op, "key", session.Key); err != nil {
		return 0, err
	}
	query := `
		UPDATE nf_sessions SET version = version + 1, content = $3, created = $4, expires = $5
		WHERE key = $1 AND version = $2 RETURNING version`
	if session.Version == 0 {
		query = `
		INSERT INTO nf_sessions (key, version, content, created, expires) VALUES ($1, $2 + 1, $3, $4, $5)
		ON CONFLICT (key) DO UPDATE SET version = nf_sessions.version + 1, content = excluded.content,
			created = excluded.created, expires = excluded.expires
		WHERE nf_sessions.expires <> 0 AND nf_sessions.expires <= excluded.created
		RETURNING version`
	}
	var version int
	err := s.writing(ctx, op, usual, func(ctx context.Context, q conn) error {
		err := q.get(ctx, &version, query, session.Key, int64(session.Version), session.Values.Bytes(),
			micros(session.Created), micros(session.Expires))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "another request changed the session meanwhile")
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// DeleteSession implements ports.SessionStore; an unknown key is fine.
func (s *Store) DeleteSession(ctx context.Context, key string) error {
	if !storable(key) {
		return nil
	}
	_, err := s.exec(ctx, "delete the session", "DELETE FROM nf_sessions WHERE key = $1", key)
	return err
}

// DropExpiredSessions implements ports.SessionStore.
func (s *Store) DropExpiredSessions(ctx context.Context, now time.Time, most int) (int, error) {
	return s.exec(ctx, "delete expired sessions", `
		DELETE FROM nf_sessions WHERE key IN (
			SELECT key FROM nf_sessions WHERE expires <> 0 AND expires <= $1 ORDER BY expires LIMIT $2)`,
		micros(now), int64(most))
}
