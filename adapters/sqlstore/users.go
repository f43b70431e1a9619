package sqlstore

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// User implements ports.UserStore. An upgraded hash counts only as long as the
// designer's password is the one it was made from: who changes a password in the
// designer changes it here.
func (s *Store) User(ctx context.Context, username string) (ports.User, error) {
	u, err := s.designerUser(ctx, username)
	if err != nil {
		return ports.User{}, err
	}
	var ours []struct{ Hash, Replaces string }
	err = s.many(ctx, "read the user", usual, &ours, "SELECT hash, replaces FROM nf_credentials WHERE username = $1", username)
	if err != nil {
		return ports.User{}, err
	}
	if len(ours) > 0 && matches(ours[0].Replaces, u.Password) {
		u.Password = ours[0].Hash
	}
	return u, nil
}

// UpgradePassword implements ports.UserStore; code not_found for an unknown
// name.
func (s *Store) UpgradePassword(ctx context.Context, username, hash string) error {
	const op = "store the password hash"
	if err := checkText(op, "hash", hash); err != nil {
		return err
	}
	u, err := s.designerUser(ctx, username)
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, op, `
		INSERT INTO nf_credentials (username, hash, replaces) VALUES ($1, $2, $3)
		ON CONFLICT (username) DO UPDATE SET hash = excluded.hash, replaces = excluded.replaces`,
		username, hash, fingerprint(rand.Text(), u.Password))
	return err
}

func (s *Store) designerUser(ctx context.Context, username string) (ports.User, error) {
	rows, err := s.query(ctx, getUser, username)
	if err != nil {
		return ports.User{}, err
	}
	if len(rows) == 0 {
		return ports.User{}, fault.New(fault.NotFound, "there is no such user")
	}
	f := rows[0].fields("id", "username", "password", "rol", "active")
	id, _ := asInt(f["id"]) // a designer that names its users by text has no number to give
	active, told := f["active"]
	return ports.User{
		ID:       id,
		Username: username,
		Password: asText(f["password"]),
		Role:     asText(f["rol"]),
		Active:   !told || asBool(active), // a statement without the column selects the active ones itself
	}, nil
}

// fingerprint identifies a stored password without repeating it.
func fingerprint(salt, stored string) string {
	sum := sha256.Sum256([]byte(salt + ":" + stored))
	return salt + ":" + hex.EncodeToString(sum[:])
}

func matches(kept, stored string) bool {
	salt, _, _ := strings.Cut(kept, ":")
	return subtle.ConstantTimeCompare([]byte(kept), []byte(fingerprint(salt, stored))) == 1
}
