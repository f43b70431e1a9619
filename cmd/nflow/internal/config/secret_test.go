package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
)

const hush = "hush-hush-0123456789"

func TestSecretsHideThemselves(t *testing.T) {
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "secret", Secret(hush), "section", Mail{Password: hush})
	encoded, err := json.Marshal(Mail{Password: hush})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprint(Secret(hush)), fmt.Sprintf("%#v %+v %q %s", Secret(hush), Mail{Password: hush}, Secret(hush), Secret(hush)),
		string(encoded), logged.String(),
	} {
		if strings.Contains(shown, hush) {
			t.Errorf("the secret shows: %s", shown)
		}
	}
	if Secret(hush).Reveal() != hush {
		t.Error("Reveal does not give the value")
	}
}

func TestKeysThatHoldSecretsAreSecret(t *testing.T) {
	everyField(reflect.TypeFor[Config](), "", func(path string, f field) {
		if f.typ.Kind() == reflect.Int { // a limit on tokens is none
			return
		}
		for _, word := range []string{"password", "token", "secret", "dsn", "encryption_key"} {
			if strings.Contains(f.name, word) && !f.secret() && path != "plugins.grants.secret" { // only names
				t.Errorf("%s is not marked as a secret", path)
			}
		}
	})
}

func TestFaultsNeverRepeatSecrets(t *testing.T) {
	rows := []struct {
		name, toml string
		environ    []string
	}{
		{"values of the wrong type", "[redis]\npassword = ['" + hush + "']\n[databases]\nx = '" + hush + "'\n", nil},
		{"section as text", "database_nflow = '" + hush + "'\n", nil},
		{"unknown key", "[mail]\npasword = '" + hush + "'\n", nil},
		{"key of the wrong length", "[security]\nencryption_key = '" + hush + "'\n", nil},
		{"dsn of another driver", "[database_nflow]\ndriver='sqlite3'\ndsn='postgres://u:" + hush + "@h/d'\n", nil},
		{"dsn nobody reads", "[database_nflow]\ndriver='postgres'\ndsn='" + hush + "'\n", nil},
		{"syntax", "[mail]\npassword = " + hush + "\n", nil},
		{"secrets of a plugin", "[[plugins]]\nname='x'\n[plugins.secrets]\n'a b'='" + hush + "'\nB=['" + hush + "']\n", nil},
		{"secret as settings", "[[plugins]]\nname='x'\nsecrets='" + hush + "'\nconfig='" + hush + "'\n", nil},
		{"unknown variable", "", []string{"NFLOW_MAIL_PASWORD=" + hush}},
		{"two variables", "", []string{"NFLOW_DATABASE_DSN=" + hush, "NFLOW_DATABASE_NFLOW_DSN=other"}},
		{"key variable", "", []string{"NFLOW_SECURITY_ENCRYPTION_KEY=" + hush}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(row.toml, row.environ...)
			if err == nil {
				t.Fatal("no fault")
			}
			if strings.Contains(err.Error(), hush) {
				t.Errorf("the fault shows the secret: %v", err)
			}
		})
	}
}

func TestRedactedShowsAllButSecrets(t *testing.T) {
	c, err := load("[mail]\npassword='"+hush+"'\n[env]\nKEY='"+hush+"'\n[databases.shop]\ndriver='sqlite3'\ndsn='"+hush+"'\n[vm_pool]\nmax_size=77\n[[plugins]]\nname='x'\n[plugins.config]\nkey='"+hush+"'\n[plugins.secrets]\nKEY='"+hush+"'\n",
		"NFLOW_AUTH_ADMIN_TOKEN="+hush)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := json.Marshal(c.Redacted())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), hush) {
		t.Errorf("a secret shows: %s", shown)
	}
	for _, want := range []string{
		`"max_size":77`, `"admin_token":"[redacted]"`, `"KEY":"[redacted]"`, `"idle_timeout":"10m0s"`,
		`"shop":{"conn_max_lifetime":"5m0s","driver":"sqlite3","dsn":"[redacted]"`, `"config":{"key":"[redacted]"}`, `"max_payload":"8MiB"`, `"secrets":{"KEY":"[redacted]"}`, `"host":""`,
	} {
		if !strings.Contains(string(shown), want) {
			t.Errorf("%s is missing in %s", want, shown)
		}
	}
}
