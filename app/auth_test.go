package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestScopes(t *testing.T) {
	w := newWorld(t)
	token := map[string]string{"none": "", "unknown": "nflow_guessed"}
	for name, scopes := range map[string][]ports.Scope{
		"run": {ports.ScopeRun}, "read": {ports.ScopeRead}, "both": {ports.ScopeRun, ports.ScopeRead}, "root": {ports.ScopeAdmin}, "nothing": nil,
	} {
		made, err := app.CreateToken(t.Context(), w.deps, app.NewToken{Name: name, Scopes: scopes})
		if err != nil || !strings.HasPrefix(made, "nflow_") {
			t.Fatal(made, err)
		}
		token[name] = made
		if _, err := w.store.Token(t.Context(), made, w.clock.Now()); err == nil {
			t.Error("the token itself is stored")
		}
	}
	tests := []struct {
		token string
		scope ports.Scope
		want  fault.Code
	}{
		{"run", ports.ScopeRun, ""}, {"run", ports.ScopeRead, fault.Forbidden}, {"run", ports.ScopeAdmin, fault.Forbidden},
		{"read", ports.ScopeRead, ""}, {"read", ports.ScopeRun, fault.Forbidden},
		{"both", ports.ScopeRun, ""}, {"both", ports.ScopeRead, ""}, {"both", ports.ScopeAdmin, fault.Forbidden},
		{"root", ports.ScopeRun, ""}, {"root", ports.ScopeRead, ""}, {"root", ports.ScopeAdmin, ""},
		{"nothing", ports.ScopeRun, fault.Forbidden},
		{"none", ports.ScopeRun, fault.Unauthenticated}, {"unknown", ports.ScopeRun, fault.Unauthenticated},
	}
	for _, tt := range tests {
		caller, err := w.Authenticate(t.Context(), token[tt.token], tt.scope)
		if fault.CodeOf(err) != tt.want || err == nil && caller.Name != tt.token {
			t.Errorf("%s for %s: got %q, %v", tt.token, tt.scope, caller.Name, err)
		}
	}
}

func TestTokensExpire(t *testing.T) {
	w := newWorld(t)
	token, err := app.CreateToken(t.Context(), w.deps,
		app.NewToken{Name: "brief", Scopes: []ports.Scope{ports.ScopeRun}, Lifetime: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.pass(59 * time.Minute)
	if _, err := w.Authenticate(t.Context(), token, ports.ScopeRun); err != nil {
		t.Error(err)
	}
	w.clock.pass(time.Minute)
	if _, err := w.Authenticate(t.Context(), token, ports.ScopeRun); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("got %v", err)
	}
}

func TestAdminToken(t *testing.T) {
	w := newWorld(t)
	made, err := w.EnsureAdmin(t.Context())
	if err != nil || made == "" {
		t.Fatal(made, err)
	}
	if caller, err := w.Authenticate(t.Context(), made, ports.ScopeAdmin); err != nil || caller.Name != "admin" {
		t.Errorf("got %q, %v", caller.Name, err)
	}
	if again, err := w.EnsureAdmin(t.Context()); again != "" || err != nil {
		t.Errorf("the token is shown once, got %q, %v", again, err)
	}
	if _, err := w.Authenticate(t.Context(), made, ports.ScopeAdmin); err != nil {
		t.Error("the token still works:", err)
	}
	if stored, err := w.store.Setting(t.Context(), "admin_token_sha256"); err != nil || strings.Contains(stored, made) || stored != app.HashToken(made) {
		t.Errorf("stored is %q, %v", stored, err)
	}
	configured := newWorld(t, func(_ *app.Deps, c *app.Config) { c.AdminTokenHash = app.HashToken("chosen") })
	if made, err := configured.EnsureAdmin(t.Context()); made != "" || err != nil {
		t.Errorf("got %q, %v", made, err)
	}
	if _, err := configured.Authenticate(t.Context(), "chosen", ports.ScopeAdmin); err != nil {
		t.Error(err)
	}
	before := newStopped(t, memory.Designer{})
	if _, err := before.Authenticate(t.Context(), "", ports.ScopeAdmin); fault.CodeOf(err) != fault.Unauthenticated {
		t.Errorf("without an admin nobody is one, got %v", err)
	}
}

// A token store that is away is no wrong token.
func TestTokenStoreAway(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Authenticate(ctx, "x", ports.ScopeRun); fault.CodeOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}
