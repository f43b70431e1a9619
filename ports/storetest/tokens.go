package storetest

import (
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func tokenTests() []test {
	return []test{
		{"tokens", tokens},
		{"expiry", tokenExpiry},
		{"a known hash is a conflict", tokenConflict},
		{"64 writers: one stores the hash", tokenRace},
		{"nothing is shared with the caller", tokenAliases},
		{"a designer's token", appToken},
	}
}

func tokens(t *testing.T, s Stores) {
	for _, token := range []ports.Token{
		{Hash: "h1", Name: odd(), Scopes: []string{"run", "admin"}, Created: noon(), Expires: noon().Add(time.Hour)},
		{Hash: "h2", Name: odd(), Scopes: []string{"a b", odd()}, Created: noon(), PerMinute: 120},
		{Hash: "h3"},
	} {
		must(t, s.Tokens.PutToken(ctx(t), token))
		got, err := s.Tokens.Token(ctx(t), token.Hash, noon())
		must(t, err)
		same(t, token.Hash, got, token)
	}
	for _, hash := range []string{"", "H1", "h1\x00", "nobody"} {
		_, err := s.Tokens.Token(ctx(t), hash, noon())
		fails(t, hash, err, fault.NotFound)
	}
	fails(t, "no hash", s.Tokens.PutToken(ctx(t), ports.Token{Name: "a"}), fault.Invalid)
	fails(t, "bad name", s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h4", Name: "\x00"}), fault.Invalid)
}

func tokenExpiry(t *testing.T, s Stores) {
	must(t, s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h", Expires: noon()}))
	_, err := s.Tokens.Token(ctx(t), "h", noon().Add(-time.Microsecond))
	must(t, err)
	for _, late := range []time.Duration{0, time.Microsecond, 24 * time.Hour} {
		_, err := s.Tokens.Token(ctx(t), "h", noon().Add(late))
		fails(t, late.String(), err, fault.NotFound)
	}
	elsewhere := time.FixedZone("elsewhere", 5*3600)
	_, err = s.Tokens.Token(ctx(t), "h", noon().Add(-time.Second).In(elsewhere))
	must(t, err)
	must(t, s.Tokens.PutToken(ctx(t), ports.Token{Hash: "far", Expires: time.Date(9999, 12, 31, 0, 0, 0, 0, elsewhere)}))
	_, err = s.Tokens.Token(ctx(t), "far", noon())
	must(t, err)
}

func tokenConflict(t *testing.T, s Stores) {
	must(t, s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h", Name: "first"}))
	fails(t, "second", s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h", Name: "second"}), fault.Conflict)
	got, err := s.Tokens.Token(ctx(t), "h", noon())
	must(t, err)
	same(t, "name", got.Name, "first")
}

func tokenRace(t *testing.T, s Stores) {
	c := ctx(t)
	winner(t, race(func(int) error { return s.Tokens.PutToken(c, ports.Token{Hash: "h"}) }), fault.Conflict)
}

func tokenAliases(t *testing.T, s Stores) {
	scopes := []string{"run"}
	must(t, s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h", Scopes: scopes}))
	scopes[0] = "admin"
	got, err := s.Tokens.Token(ctx(t), "h", noon())
	must(t, err)
	same(t, "after changing what was put", got.Scopes, []string{"run"})
	got.Scopes[0] = "admin"
	got, err = s.Tokens.Token(ctx(t), "h", noon())
	must(t, err)
	same(t, "after changing what was read", got.Scopes, []string{"run"})
}

func appToken(t *testing.T, s Stores) {
	got, err := s.Tokens.AppToken(ctx(t), Designer().AppTokenName)
	must(t, err)
	same(t, "token", got, Designer().AppToken)
	for _, name := range []string{"", "Billing", "billing\x00", "t0k"} {
		_, err := s.Tokens.AppToken(ctx(t), name)
		fails(t, name, err, fault.NotFound)
	}
}
