package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

const digest = "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"

func TestPlugins(t *testing.T) {
	c, err := load(`
[plugin_host]
dir = "/srv/plugins"
[plugin_host.trusted_keys]
acme = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
[[plugins]]
name = "hello"
path = "hello.wasm"
isolation = "process"
engine = "interpreter"
sha256 = { any = "` + digest + `", "linux/amd64" = "` + digest + `" }
call_timeout = "250ms"
memory_mb = 8
max_payload = "64 KiB"
enabled = false
dev = true
[plugins.grants]
http = ["api.example.com"]
kv = ["hello"]
env = ["LANG"]
secret = ["token"]
fs = ["/data=/srv/data"]
[plugins.config]
greeting = "hi"
nested = { n = 1, since = 2026-01-02 }
[plugins.secrets]
token = "hush"
[[plugins]]
name = "native"
path = "/srv/native"
no_tls = true
call_timeout = 3
max_payload = 2048
[[plugins]]
name = "stored"
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Plugin{
		{
			Name: "hello", Path: "hello.wasm", Isolation: "process", Engine: "interpreter",
			SHA256: map[string]string{"any": digest, "linux/amd64": digest}, CallTimeout: 250 * time.Millisecond,
			MemoryMB: 8, MaxConcurrent: 4, MaxQueue: 256, MaxPayload: 64 << 10, Dev: true,
			Grants: Grants{
				HTTP: []string{"api.example.com"}, KV: []string{"hello"}, Env: []string{"LANG"},
				Secret: []string{"token"}, FS: []string{"/data=/srv/data"},
			},
			Config: c.Plugins[0].Config, Secrets: map[string]Secret{"token": "hush"},
		},
		{
			Name: "native", Enabled: true, Path: "/srv/native", Isolation: "inproc", Engine: "compiler",
			CallTimeout: 3 * time.Second, MaxConcurrent: 4, MaxQueue: 256, MaxPayload: 2048, NoTLS: true,
		},
		{
			Name: "stored", Enabled: true, Isolation: "inproc", Engine: "compiler",
			CallTimeout: 10 * time.Second, MaxConcurrent: 4, MaxQueue: 256, MaxPayload: 8 << 20,
		},
	}
	if diff := cmp.Diff(want, c.Plugins); diff != "" {
		t.Errorf("plugins (-want +got):\n%s", diff)
	}
	settings, err := c.Plugins[0].Settings()
	if got := string(settings.Bytes()); err != nil || got != `{"greeting":"hi","nested":{"n":1,"since":"2026-01-02"}}` {
		t.Errorf("settings %s, error %v", got, err)
	}
	if none, err := c.Plugins[1].Settings(); err != nil || !none.IsZero() {
		t.Errorf("settings of a plugin without: %s, error %v", none, err)
	}
	if diff := cmp.Diff(plugin.Capabilities{HTTP: []string{"api.example.com"}, KV: []string{"hello"}, Env: []string{"LANG"},
		Secret: []string{"token"}, FS: []string{"/data=/srv/data"}}, c.Plugins[0].Grants.Capabilities()); diff != "" {
		t.Error(diff)
	}
	if got := string(c.PluginHost.Keys()["acme"]); got != "01234567890123456789012345678901" || c.PluginHost.RefreshInterval != 5*time.Second {
		t.Errorf("key %q, refreshed every %s", got, c.PluginHost.RefreshInterval)
	}
}

func TestKnownKind(t *testing.T) {
	for want, plugins := range map[string][]Plugin{
		"wasm":    {{Path: "a.wasm"}, {Path: "a", Kind: "wasm"}, {Kind: "wasm"}},
		"process": {{Path: "a", Kind: "process"}, {Kind: "process"}},
		"":        {{}, {Path: "a"}},
	} {
		for _, p := range plugins {
			if kind := p.knownKind(); kind != want {
				t.Errorf("%+v: kind %q, want %q", p, kind, want)
			}
		}
	}
}

func TestPluginFaults(t *testing.T) {
	head := "[[plugins]]\nname='a'\n"
	rows := []struct {
		name, toml string
		want       []string
	}{
		{"no table", "plugins = [1]\n", []string{"config.toml line 1:1: plugins must be an array of tables; write [[plugins]]"}},
		{"one table", "[plugins]\nname='a'\n", []string{"config.toml line 1:2: plugins must be an array of tables; write [[plugins]]"}},
		{"names", "[[plugins]]\npath='a.wasm'\n[[plugins]]\nname=''\n[[plugins]]\nname='A b'\n", []string{
			"config.toml line 1:3: plugins[0] needs a name",
			`config.toml line 4:1: plugins[1].name "" is no name for a plugin; use a-z, 0-9, _ and -, at most 64, beginning with a letter`,
			`config.toml line 6:1: plugins[2].name "A b" is no name for a plugin; use a-z, 0-9, _ and -, at most 64, beginning with a letter`}},
		{"twice", head + head + head, []string{
			`config.toml line 4:1: plugins[1].name is "a", which plugins[0].name is as well; give each plugin a name of its own`,
			`config.toml line 6:1: plugins[2].name is "a", which plugins[0].name is as well; give each plugin a name of its own`}},
		{"unknown keys", head + "pth='x'\n[plugins.grants]\nhtp=[]\n[[plugins]]\nname='b'\nmemory=1\n", []string{
			`config.toml line 3:1: plugins[0].pth is not a known key of [[plugins]]; did you mean "path"?`,
			`config.toml line 5:1: plugins[0].grants.htp is not a known key of [plugins.grants]; did you mean "http"?`,
			"config.toml line 8:1: plugins[1].memory is not a known key of [[plugins]]; did you mean \"memory_mb\"?"}},
		{"inline", "plugins = [{name='a'}, {name='b', grants={kv=['/']}}]\n", []string{
			`config.toml line 1:43: plugins[1].grants.kv holds what cannot be granted: "/" is no name; use letters, digits, _ and -`}},
		{"values", head + "kind='exe'\nisolation='vm'\nengine='jit'\nmemory_mb=-1\nmax_concurrent=0\nmax_queue=-1\ncall_timeout='0s'\nenabled='no'\n", []string{
			`config.toml line 3:1: plugins[0].kind must be "wasm" or "process", not "exe"`,
			`config.toml line 4:1: plugins[0].isolation must be "inproc" or "process", not "vm"`,
			`config.toml line 5:1: plugins[0].engine must be "compiler" or "interpreter", not "jit"`,
			"config.toml line 6:1: plugins[0].memory_mb is -1; it must be 0 or more",
			"config.toml line 7:1: plugins[0].max_concurrent is 0; it must be 1 or more",
			"config.toml line 8:1: plugins[0].max_queue is -1; it must be 0 or more",
			"config.toml line 9:1: plugins[0].call_timeout is 0s; it must be 1ms or more",
			"config.toml line 10:1: plugins[0].enabled must be true or false (without quotes), not a text"}},
		{"sizes", head + "max_payload='8MB'\n" + "[[plugins]]\nname='b'\nmax_payload=1\n[[plugins]]\nname='c'\nmax_payload='2GiB'\n[[plugins]]\nname='d'\nmax_payload='9999999999999GiB'\n[[plugins]]\nname='e'\nmax_payload=true\n", []string{
			`config.toml line 3:1: plugins[0].max_payload must be a number of bytes, or a size such as "64KiB" or "8MiB", not "8MB"`,
			"config.toml line 6:1: plugins[1].max_payload is 1; it must be 1KiB or more",
			"config.toml line 9:1: plugins[2].max_payload is 2GiB; it must be 1GiB or less",
			"config.toml line 12:1: plugins[3].max_payload is too large",
			`config.toml line 15:1: plugins[4].max_payload must be a number of bytes, or a size such as "64KiB" or "8MiB", not true or false`}},
		{"program", head + "kind='process'\nisolation='inproc'\nengine='compiler'\n", []string{
			"config.toml line 4:1: plugins[0].isolation is for WebAssembly only, but the plugin is a program, which always has a process of its own; remove it",
			"config.toml line 5:1: plugins[0].engine is for WebAssembly only, but the plugin is a program, which always has a process of its own; remove it"}},
		{"module", head + "path='p.wasm'\nno_tls=true\nmemory_mb=5000\n[[plugins]]\nname='b'\npath='b.wasm'\nkind='process'\n", []string{
			"config.toml line 4:1: plugins[0].no_tls is for programs only, but the plugin is WebAssembly; remove it",
			"config.toml line 5:1: plugins[0].memory_mb is 5000, more than the 4096 that WebAssembly can use; lower it",
			`config.toml line 9:1: plugins[1].kind is "process", but plugins[1].path is a WebAssembly module; write kind = "wasm", with isolation = "process" to run it in a process of its own`}},
		{"digests", head + "[plugins.sha256]\nlinux='" + digest + "'\nany='12'\n'linux/arm64'=''\n[[plugins]]\nname='b'\nsha256='x'\n", []string{
			`config.toml line 4:1: plugins[0].sha256.linux is no platform; write any, or "OS/ARCH" in quotes such as "linux/amd64"`,
			`config.toml line 5:1: plugins[0].sha256.any must be a SHA-256 digest, 64 hexadecimal digits, not "12"`,
			"config.toml line 6:1: plugins[0].sha256.linux/arm64 is empty; give the digest that nflow plugin pin prints",
			"config.toml line 9:1: plugins[1].sha256 is a section, not a text; write [plugins.sha256] on a line of its own"}},
		{"grants", head + "[plugins.grants]\nhttp=['https://x']\nkv=['a b']\nenv=['A-B']\nfs=['data=/srv','/a','/b=rel','/c=/srv','/c=/tmp']\nsecret=['none']\n", []string{
			`config.toml line 4:1: plugins[0].grants.http holds what cannot be granted: "https://x" is no host name such as api.example.com or *.example.com, in lower case`,
			`config.toml line 5:1: plugins[0].grants.kv holds what cannot be granted: "a b" is no name; use letters, digits, _ and -`,
			`config.toml line 6:1: plugins[0].grants.env holds what cannot be granted: "A-B" is no name of an environment variable`,
			`config.toml line 7:1: plugins[0].grants.fs holds what cannot be granted: "data" is no absolute path such as /data`,
			`config.toml line 7:1: plugins[0].grants.fs holds what cannot be granted: "/a" is not of the form /what/it/sees=/directory/of/the/host`,
			`config.toml line 7:1: plugins[0].grants.fs holds what cannot be granted: "/b=rel" is not of the form /what/it/sees=/directory/of/the/host`,
			`config.toml line 7:1: plugins[0].grants.fs grants "/c" twice; keep one`,
			`config.toml line 8:1: plugins[0].grants.secret grants "none", which [plugins.secrets] does not hold; add it there`}},
		{"settings and secrets", head + "config={x=nan}\n[plugins.secrets]\n'a b'='x'\nc=''\nd=1\n[[plugins]]\nname='b'\nconfig=1\n", []string{
			"config.toml line 3:1: plugins[0].config holds what JSON cannot: nan or inf",
			"config.toml line 5:1: plugins[0].secrets.a b is no name for a secret; use letters, digits, _ and -",
			"config.toml line 6:1: plugins[0].secrets.c is empty; give its value or remove it",
			"config.toml line 7:1: plugins[0].secrets.d must be a text in quotes, not a whole number",
			"config.toml line 10:1: plugins[1].config is a table, not a whole number; write [plugins.config] on a line of its own"}},
		{"host", "[plugin_host]\nrefresh_interval='1ms'\n[plugin_host.trusted_keys]\na='short'\n'b c'='MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE='\nd=''\n", []string{
			"config.toml line 2:1: plugin_host.refresh_interval is 1ms; it must be 100ms or more",
			`config.toml line 4:1: plugin_host.trusted_keys.a must be an ed25519 public key, 32 bytes as base64 (44 characters), as nflow plugin keygen prints it, not "short"`,
			"config.toml line 5:1: plugin_host.trusted_keys.b c is no name for a key; use letters, digits, _ and -",
			"config.toml line 6:1: plugin_host.trusted_keys.d is empty; give the public key that nflow plugin keygen printed"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(row.toml)
			if diff := cmp.Diff(row.want, lines(err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestElementsOfArraysAreSetByTheFileOnly(t *testing.T) {
	_, err := Load(Source{
		ReadFile:  files{DefaultPath: "[[plugins]]\nname='a'\n"}.read,
		Overrides: []Override{{Key: "plugins[0].name", Value: "b", Flag: "--x"}},
	})
	if err == nil || !strings.Contains(err.Error(), "plugins[0].name is not a key") {
		t.Errorf("error %v", err)
	}
}

func TestReread(t *testing.T) {
	disk := files{DefaultPath: "[[plugins]]\nname='a'\n"}
	c, err := Load(Source{ReadFile: disk.read, Environ: []string{"NFLOW_LOG_LEVEL=error"}})
	if err != nil {
		t.Fatal(err)
	}
	disk[DefaultPath] = "[[plugins]]\nname='b'\n"
	now, err := c.Reread()
	if err != nil || len(now.Plugins) != 1 || now.Plugins[0].Name != "b" || now.Log.Level != "error" || c.Plugins[0].Name != "a" {
		t.Errorf("plugins %+v, level %s, error %v", now.Plugins, now.Log.Level, err)
	}
	disk[DefaultPath] = "[[plugins]]\n"
	if _, err := now.Reread(); err == nil {
		t.Error("a broken file is accepted")
	}
	want := c.Plugins[0]
	want.Name = ""
	if diff := cmp.Diff(want, DefaultPlugin()); diff != "" {
		t.Errorf("default (-want +got):\n%s", diff)
	}
}
