package app

import (
	"context"
	"crypto/subtle"
	"net/textproto"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// userFunctions are validate_user(name, password) -> boolean, get_user(name) ->
// {id, username, rol, active} or null (never a password), validate_token(name)
// -> whether the request carries the application's token of that name, and
// get_token(name) -> what is known of it, without the token itself.
func userFunctions() map[string]hostCall {
	return map[string]hostCall{
		"validate_user": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			ok, err := h.verifyUser(ctx, a.text(0), a.text(1))
			return truth(ok), err
		},
		"get_user": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			u, err := h.Users.User(ctx, a.text(0))
			if fault.CodeOf(err) == fault.NotFound {
				return null(), nil
			}
			if err != nil {
				return payload.Value{}, err
			}
			return payload.From(map[string]any{"id": u.ID, "username": u.Username, "rol": u.Role, "active": u.Active})
		},
		"validate_token": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			ok, err := h.verifyAppToken(ctx, a.text(0))
			return truth(ok), err
		},
		"get_token": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			t, err := h.Tokens.AppToken(ctx, a.text(0))
			if fault.CodeOf(err) == fault.NotFound {
				return null(), nil
			}
			if err != nil {
				return payload.Value{}, err
			}
			return payload.From([]payload.Value{t.Without("token")})
		},
	}
}

// verifyUser checks a password and upgrades how it is stored. An unknown user
// costs as much time as a wrong password.
func (r *Runtime) verifyUser(ctx context.Context, name, password string) (bool, error) {
	u, err := r.Users.User(ctx, name)
	if fault.CodeOf(err) == fault.NotFound {
		_, _ = r.Passwords.Hash(password) // only for the time it takes
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ok, outdated := r.Passwords.Verify(u.Password, password)
	if !ok || !u.Active {
		if outdated || u.Password == "" { // such a form is compared at once, which would tell it from an unknown user
			_, _ = r.Passwords.Hash(password)
		}
		return false, nil
	}
	if outdated {
		hash, err := r.Passwords.Hash(password)
		if err != nil {
			return false, err
		}
		if err := r.Users.UpgradePassword(ctx, name, hash); err != nil {
			return false, err
		}
	}
	return true, nil
}

// verifyAppToken compares the request's header with a row of api_tokens.
func (h *scriptHost) verifyAppToken(ctx context.Context, name string) (bool, error) {
	t, err := h.Tokens.AppToken(ctx, name)
	if fault.CodeOf(err) == fault.NotFound || h.in == nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var row struct {
		Token     string        `json:"token"`
		Active    payload.Value `json:"active"`
		Expired   *int64        `json:"expired"`
		Header    string        `json:"header"`
		TokenType string        `json:"token_type"`
	}
	if err := t.Decode(&row); err != nil {
		return false, nil //nolint:nilerr // a row without its fields opens nothing
	}
	active := row.Active.IsTrue() || row.Active.String() == "1"
	if !active || row.Token == "" || row.Header == "" || row.Expired != nil && *row.Expired < h.Clock.Now().Unix() {
		return false, nil
	}
	want := row.Token
	if row.TokenType != "" {
		want = row.TokenType + " " + row.Token
	}
	got := headerOf(h.in, textproto.CanonicalMIMEHeaderKey(row.Header))
	return subtle.ConstantTimeCompare([]byte(want), []byte(got)) == 1, nil
}
