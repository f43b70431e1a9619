package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"slices"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// adminSetting is where the hash of the first admin token is kept.
const adminSetting = "admin_token_sha256"

// HashToken is what is stored of a token: the hex SHA-256 of it. Tokens are
// random, so a fast hash is enough.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// EnsureAdmin makes sure there is an admin token. It returns the token when it
// had to make one: the only moment at which it can be shown.
func (r *Runtime) EnsureAdmin(ctx context.Context) (made string, err error) {
	if r.cfg.AdminTokenHash != "" {
		r.admin.Store(&r.cfg.AdminTokenHash)
		return "", nil
	}
	token := r.IDs.Secret()
	hash := HashToken(token)
	stored, err := r.Settings.PutSettingIfAbsent(ctx, adminSetting, hash)
	if err != nil {
		return "", err
	}
	r.admin.Store(&stored)
	if stored != hash {
		return "", nil
	}
	return token, nil
}

// Authenticate checks a bearer token.
func (r *Runtime) Authenticate(ctx context.Context, bearer string, scope ports.Scope) (ports.Caller, error) {
	if bearer == "" {
		return ports.Caller{}, fault.New(fault.Unauthenticated, "this needs a token: send Authorization: Bearer TOKEN")
	}
	hash := HashToken(bearer)
	if admin := r.admin.Load(); admin != nil && subtle.ConstantTimeCompare([]byte(hash), []byte(*admin)) == 1 {
		return ports.Caller{Name: "admin"}, nil
	}
	t, err := r.Tokens.Token(ctx, hash, r.Clock.Now())
	if fault.CodeOf(err) == fault.NotFound {
		return ports.Caller{}, fault.New(fault.Unauthenticated, "the token is not known, or it expired")
	}
	if err != nil {
		return ports.Caller{}, err
	}
	if !slices.Contains(t.Scopes, string(scope)) && !slices.Contains(t.Scopes, string(ports.ScopeAdmin)) {
		return ports.Caller{}, fault.New(fault.Forbidden, "the token %q lacks the scope %q", t.Name, scope)
	}
	allowance, err := r.admitToken(ctx, t)
	return ports.Caller{Name: t.Name, Allowance: allowance}, err
}

// NewToken describes an API token to make.
type NewToken struct {
	Name      string
	Scopes    []ports.Scope
	Lifetime  time.Duration // 0 = it never expires
	PerMinute int           // requests in a minute; 0 = as many as the configuration says
}

// CreateToken makes an API token and returns it; only its hash is stored.
func CreateToken(ctx context.Context, d Deps, n NewToken) (string, error) {
	token := "nflow_" + d.IDs.Secret()
	now := d.Clock.Now()
	t := ports.Token{Hash: HashToken(token), Name: n.Name, Created: now, PerMinute: n.PerMinute}
	for _, s := range n.Scopes {
		t.Scopes = append(t.Scopes, string(s))
	}
	if n.Lifetime > 0 {
		t.Expires = now.Add(n.Lifetime)
	}
	return token, d.Tokens.PutToken(ctx, t)
}
