package config

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func FuzzLoad(f *testing.F) {
	manual, err := os.ReadFile("testdata/manual.toml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(manual, "NFLOW_DATABASES_A_DSN", "x")
	f.Add([]byte("[databases.a]\ndsn='x'\n[databases.'a-']"), "NFLOW_DATABASES_A__DSN", "x")
	f.Add([]byte("plugins=[[],{}]\nenv={a=1}"), "NFLOW_ENV_A_FILE", "config.toml")
	f.Add([]byte("[vm_pool]\nidle_timeout=-9223372036854775808\n"), "NFLOW_SERVICE_PORT", "1")
	f.Add([]byte("a.b.'c.d'=[{x={y=1}}]\n[[a.z]]\n"), "NFLOW__PORT_", "://")
	f.Add([]byte("[[plugins]]\nname='a'\n[plugins.grants]\nfs=['/a=']\n[[plugins]]\nmax_payload='9999999999GiB'\nconfig={a=nan}\n"), "NFLOW_PLUGINS_0_NAME", "x")
	f.Add([]byte("plugins=[{name='a',sha256={any=''}},{}]\n[a]\n[[a.b]]\n[[a.b.c]]\n[a.b.c.d]\n"), "NFLOW_PLUGIN_HOST_DIR", "x")
	f.Fuzz(func(t *testing.T, toml []byte, name, value string) {
		src := Source{ReadFile: files{DefaultPath: string(toml)}.read, Environ: []string{name + "=" + value, "NFLOW_SERVICE_HOST=h"}}
		c, err := Load(src)
		c.Redacted()
		if _, e := policy.NewEgress(c.Egress.Allow, c.Egress.Deny, c.Egress.AllowPrivate); err == nil && e != nil {
			t.Errorf("accepted, but the egress policy says %v", e)
		}
		faults := Unsupported(c)
		if err != nil && !errors.As(err, &faults) {
			t.Fatalf("not a fault.List: %T", err)
		}
		for _, one := range faults {
			if strings.TrimSpace(one.Message) == "" || one.Code == "" || one.Code == fault.Internal {
				t.Errorf("a fault nobody can mend: %#v", one)
			}
			if one.Line > strings.Count(string(toml), "\n")+1 {
				t.Errorf("line %d is outside the file", one.Line)
			}
		}
	})
}
