package sqlstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// PutToken implements ports.TokenStore; code conflict for a known hash.
func (s *Store) PutToken(ctx context.Context, t ports.Token) error {
	const op = "store the token"
	if t.Hash == "" {
		return fault.New(fault.Invalid, "cannot %s: it has no hash", op).AtField("hash")
	}
	if err := checkText(op, "hash", t.Hash, "name", t.Name); err != nil {
		return err
	}
	scopes, err := json.Marshal(t.Scopes)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "cannot %s", op)
	}
	_, err = s.exec(ctx, op, `
		INSERT INTO nf_tokens (hash, name, scopes, created, expires, per_minute) VALUES ($1, $2, $3, $4, $5, $6)`,
		t.Hash, t.Name, string(scopes), micros(t.Created), micros(t.Expires), int64(t.PerMinute))
	return err
}

// Token implements ports.TokenStore. A token has expired from its Expires on.
func (s *Store) Token(ctx context.Context, hash string, now time.Time) (ports.Token, error) {
	const op = "read the token"
	var r struct {
		Name, Scopes     string
		Created, Expires int64
		PerMinute        int `db:"per_minute"`
	}
	err := s.one(ctx, op, &r, fault.New(fault.NotFound, "there is no such token"),
		"SELECT name, scopes, created, expires, per_minute FROM nf_tokens WHERE hash = $1 AND (expires = 0 OR expires > $2)",
		hash, micros(now))
	if err != nil {
		return ports.Token{}, err
	}
	t := ports.Token{
		Hash: hash, Name: r.Name, Created: fromMicros(r.Created), Expires: fromMicros(r.Expires), PerMinute: r.PerMinute,
	}
	if err := json.Unmarshal([]byte(r.Scopes), &t.Scopes); err != nil {
		return ports.Token{}, fault.Wrap(err, fault.Internal, "cannot %s: its row in nf_tokens is damaged; delete it", op)
	}
	return t, nil
}

// AppToken implements ports.TokenStore. Of several rows with the name, an active
// one goes first.
func (s *Store) AppToken(ctx context.Context, name string) (payload.Value, error) {
	rows, err := s.query(ctx, getToken, name)
	if err != nil {
		return payload.Value{}, err
	}
	var chosen map[string]any
	for _, r := range rows {
		f := r.fields("id", "name", "token", "start", "expired", "active", "header", "token_type")
		if chosen == nil || !asBool(chosen["active"]) && asBool(f["active"]) {
			chosen = f
		}
	}
	if chosen == nil {
		return payload.Value{}, fault.New(fault.NotFound, "there is no application token %q", name)
	}
	return payload.From(map[string]any{
		"name":       name,
		"token":      textOrNull(chosen["token"]),
		"start":      numberOrText(chosen["start"]),
		"expired":    numberOrText(chosen["expired"]),
		"active":     asBool(chosen["active"]),
		"header":     textOrNull(chosen["header"]),
		"token_type": textOrNull(chosen["token_type"]),
	})
}

func textOrNull(cell any) any {
	if cell == nil {
		return nil
	}
	return asText(cell)
}

func numberOrText(cell any) any {
	if n, ok := asInt(cell); ok {
		return n
	}
	return textOrNull(cell)
}
