package memory

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// User implements ports.UserStore.
func (s *Store) User(ctx context.Context, username string) (ports.User, error) {
	if err := alive(ctx, "read the user"); err != nil {
		return ports.User{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	u, ok := s.designer.user(username)
	if !ok {
		return ports.User{}, fault.New(fault.NotFound, "there is no such user")
	}
	if hash, ok := s.credentials[username]; ok {
		u.Password = hash
	}
	return u, nil
}

// UpgradePassword implements ports.UserStore; code not_found for an unknown
// name.
func (s *Store) UpgradePassword(ctx context.Context, username, hash string) error {
	const op = "store the password hash"
	if err := alive(ctx, op); err != nil {
		return err
	}
	if err := checkText(op, "hash", hash); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.designer.user(username); !ok {
		return fault.New(fault.NotFound, "there is no such user")
	}
	s.credentials[username] = hash
	return nil
}
