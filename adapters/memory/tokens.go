package memory

import (
	"context"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// PutToken implements ports.TokenStore; code conflict for a known hash.
func (s *Store) PutToken(ctx context.Context, t ports.Token) error {
	const op = "store the token"
	if err := alive(ctx, op); err != nil {
		return err
	}
	if err := checkKey(op, "hash", t.Hash); err != nil {
		return err
	}
	if err := checkText(op, "name", t.Name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.tokens[t.Hash]; ok {
		return fault.New(fault.Conflict, "cannot %s: it is already there", op)
	}
	t.Scopes = slices.Clone(t.Scopes)
	t.Created, t.Expires = stored(t.Created), stored(t.Expires)
	s.tokens[t.Hash] = t
	return nil
}

// Token implements ports.TokenStore. A token has expired from its Expires on.
func (s *Store) Token(ctx context.Context, hash string, now time.Time) (ports.Token, error) {
	if err := alive(ctx, "read the token"); err != nil {
		return ports.Token{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, ok := s.tokens[hash]
	if !ok || expired(t.Expires, now) {
		return ports.Token{}, fault.New(fault.NotFound, "there is no such token")
	}
	t.Scopes = slices.Clone(t.Scopes)
	return t, nil
}

// AppToken implements ports.TokenStore.
func (s *Store) AppToken(ctx context.Context, name string) (payload.Value, error) {
	if err := alive(ctx, "read the application token"); err != nil {
		return payload.Value{}, err
	}
	t, ok := s.designer.AppTokens[name]
	if !ok {
		return payload.Value{}, fault.New(fault.NotFound, "there is no application token %q", name)
	}
	return t, nil
}
