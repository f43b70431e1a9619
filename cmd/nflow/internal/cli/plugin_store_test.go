package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/cli"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// shop is a directory with plugins, a configuration and a database.
type shop struct {
	t   *testing.T
	dir string
}

const module = "\x00asm\x01\x00\x00\x00"

func newShop(t *testing.T, config string) shop {
	t.Helper()
	s := shop{t, t.TempDir()}
	s.write("config.toml", config)
	s.write("hello.wasm", module)
	s.write("nflow-plugin.json", `{"name":"hello","version":"1.2.0","abi":1,"nodes":[{"type":"greet"}]}`)
	return s
}

func (s shop) path(name string) string { return filepath.Join(s.dir, name) }

func (s shop) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// run runs a command; words with a point are files of the shop.
func (s shop) run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	args = append([]string{"plugin"}, args...)
	for i, arg := range args {
		if strings.Contains(arg, ".") {
			args[i] = s.path(arg)
		}
	}
	var out, errs bytes.Buffer
	code = cli.Main(s.t.Context(), cli.Process{
		Args: append(args, "--config", s.path("config.toml")), Environ: []string{"NFLOW_DATABASE_DSN=" + s.path("app.sqlite")},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
	})
	return code, out.String(), strings.ReplaceAll(errs.String(), s.dir, "DIR")
}

// want runs a command whose exit code and output it knows.
func (s shop) want(code int, text string, args ...string) string {
	s.t.Helper()
	got, stdout, stderr := s.run(args...)
	if got != code || !strings.Contains(stdout+stderr, text) {
		s.t.Fatalf("nflow plugin %v: exit %d, want %d and %q:\n%s%s", args, got, code, text, stdout, stderr)
	}
	return stdout
}

func TestPinnedPluginIsInstalledListedSwitchedAndRemoved(t *testing.T) {
	s := newShop(t, "")
	pin := s.want(0, "sha256 = { any = \""+plugin.Digest([]byte(module))+"\" }\n", "pin", "hello.wasm")
	s.want(1, "nobody vouches for the plugin hello", "install", "hello.wasm")
	s.write("config.toml", "[[plugins]]\nname = 'hello'\n"+pin)
	s.want(0, "installed hello 1.2.0 as revision 1 (wasm, any, 8 bytes, signed: no)", "install", "hello.wasm")
	s.want(0, "as revision 2", "install", "hello.wasm")
	table := s.want(0, "hello  enabled  database  1.2.0    2         wasm  any", "list")
	if strings.Contains(table, "  1         wasm") {
		t.Errorf("an old revision is listed:\n%s", table)
	}
	s.want(0, "1.2.0    1         wasm", "list", "--history")

	s.want(0, "disabled hello\n", "disable", "hello")
	s.want(0, "hello  disabled", "list")
	s.want(0, "asked to reload hello\n", "reload", "hello")
	if _, _, stderr := s.run("enable", "hello"); stderr != "servers notice within 5s\n" {
		t.Errorf("standard error: %s", stderr)
	}
	var list []struct {
		Name, Source string
		Enabled      bool
		Reloads      int
		Revisions    []struct{ Revision int }
	}
	if err := json.Unmarshal([]byte(s.want(0, "", "list", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Source != "database" || !list[0].Enabled || list[0].Reloads != 1 || len(list[0].Revisions) != 1 || list[0].Revisions[0].Revision != 2 {
		t.Errorf("list %+v", list)
	}

	s.want(0, "removed hello\n", "remove", "hello")
	s.want(1, "no plugin \"hello\" is installed", "remove", "hello")
	s.want(0, "hello  removed", "list", "--history")
	s.write("config.toml", "")
	s.want(0, "there are no plugins", "list")
	s.want(1, "there is no plugin \"hello\"", "reload", "hello")
}

func TestSignedPlugin(t *testing.T) {
	s := newShop(t, "")
	line := s.want(0, "acme = ", "keygen", "--out", "acme.pem")
	if info, err := os.Stat(s.path("acme.pem")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
	s.want(2, "DIR/acme.pem exists already", "keygen", "--out", "acme.pem")
	s.write("config.toml", "[plugin_host.trusted_keys]\n"+line)
	s.want(1, "is not signed, but plugin_host.trusted_keys asks for signatures", "install", "hello.wasm")
	s.want(0, "signed hello 1.2.0 for any: ", "sign", "--key", "acme.pem", "hello.wasm")
	s.want(0, "signed: yes", "install", "hello.wasm")

	s.write("hello.wasm", module+"\x00")
	s.want(1, "is signed, but not this artifact", "install", "hello.wasm")
	s.want(1, "is signed, but not this artifact", "install", "hello.wasm", "--dev")
	s.want(0, "", "keygen", "--out", "other.pem")
	s.want(0, "", "sign", "--key", "other.pem", "hello.wasm")
	s.want(1, "which is not in plugin_host.trusted_keys", "install", "hello.wasm")
}

func TestUnsignedPluginIsInstalledOnDemand(t *testing.T) {
	s := newShop(t, "")
	s.want(0, "warning: servers refuse it until its [[plugins]] has dev = true, or\nsha256 = { any = ", "install", "hello.wasm", "--dev")
	s.write("config.toml", "[[plugins]]\nname = 'hello'\npath = 'elsewhere.wasm'\ndev = true\n")
	s.want(0, "warning: servers load hello from elsewhere.wasm", "install", "hello.wasm")
	s.write("config.toml", "[[plugins]]\nname = 'hello'\nenabled = false\ndev = true\n")
	s.want(0, "warning: plugins.enabled is false for hello", "install", "hello.wasm")
	s.want(0, "warning: plugins.enabled is false for it", "enable", "hello")
}

func TestPluginsOfADirectoryAreKnown(t *testing.T) {
	s := newShop(t, "")
	s.write("config.toml", "[plugin_host]\ndir = '"+s.dir+"'\n[[plugins]]\nname = 'native'\npath = '/srv/native'\nenabled = false\n")
	s.want(0, "hello   enabled   "+s.path("hello.wasm"), "list")
	s.want(0, "native  disabled  /srv/native", "list")
	s.want(0, "disabled hello", "disable", "hello")
	s.want(1, "is not in the database but in /srv/native; remove its [[plugins]]", "remove", "native")
	s.want(1, "there is no plugin \"helo\"", "disable", "helo")
}

func TestPluginCommandsThatFail(t *testing.T) {
	rows := []struct {
		name, config string
		args         []string
		code         int
		text         string
	}{
		{"memory", "[database_nflow]\ndriver = 'memory'\n", []string{"list"}, 2, "nothing would be kept: database_nflow.driver is memory"},
		{"configuration", "[[plugins]]\nname = 'A'\n", []string{"list"}, 2, `plugins[0].name "A" is no name for a plugin`},
		{"nothing to install", "", []string{"install"}, 2, "see nflow plugin install --help"},
		{"no such file", "", []string{"install", "none.wasm"}, 1, "the plugin DIR/none.wasm does not exist"},
		{"broken manifest", "", []string{"install", "broken/x.wasm"}, 1, "the manifest of DIR/broken/x.wasm: abi: is 7"},
		{"another kind", "[[plugins]]\nname = 'hello'\nkind = 'process'\n", []string{"install", "hello.wasm"}, 1, "is of the kind wasm, but plugins.kind of hello is process"},
		{"a pin of other bytes", "[[plugins]]\nname = 'hello'\nsha256 = { any = '" + strings.Repeat("0", 64) + "' }\n", []string{"install", "hello.wasm", "--dev"}, 1, "is pinned"},
		{"unknown platform", "", []string{"pin", "acme.txt"}, 2, "do not say where it runs; say it with --platform"},
		{"bad platform", "", []string{"pin", "acme.txt", "--platform", "linux"}, 2, `--platform "linux" is not any and not such as linux/amd64`},
		{"platform twice", "", []string{"pin", "acme.txt", "hello.wasm", "--platform", "linux/arm64"}, 2, "another artifact runs on linux/arm64 as well"},
		{"no key", "", []string{"sign", "hello.wasm"}, 2, "--key is missing"},
		{"no such key", "", []string{"sign", "--key", "none.pem", "hello.wasm"}, 2, "none.pem: no such file"},
		{"a key that is none", "", []string{"sign", "--key", "acme.txt", "hello.wasm"}, 2, "DIR/acme.txt holds no ed25519 private key"},
		{"no file for a key", "", []string{"keygen"}, 2, "--out is missing"},
		{"unknown command", "", []string{"instal"}, 2, `unknown command "instal"`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s := newShop(t, row.config)
			s.write("acme.txt", "acme")
			if err := os.Mkdir(s.path("broken"), 0o700); err != nil {
				t.Fatal(err)
			}
			s.write("broken/x.wasm", module)
			s.write("broken/nflow-plugin.json", `{"name":"x","version":"1.0.0","abi":7,"nodes":[{"type":"t"}]}`)
			s.want(row.code, row.text, row.args...)
		})
	}
}

func TestProgramsForSeveralPlatforms(t *testing.T) {
	s := newShop(t, "")
	elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 11)
	s.write("hello-linux.bin", elf+"\x3e\x00")
	s.write("hello-arm.bin", elf+"\xb7\x00")
	pin := s.want(0, `sha256 = { "linux/amd64" = "`, "pin", "hello-linux.bin", "hello-arm.bin")
	if !strings.Contains(pin, `", "linux/arm64" = "`) {
		t.Errorf("pins: %s", pin)
	}
	s.want(0, "", "keygen", "--out", "acme.pem")
	s.want(0, "for linux/amd64, linux/arm64: ", "sign", "--key", "acme.pem", "hello-linux.bin", "hello-arm.bin")
	s.write("config.toml", "[[plugins]]\nname = 'hello'\n"+pin)
	s.want(0, "revision 1 (process, linux/amd64", "install", "hello-linux.bin")
	s.want(0, "revision 2 (process, linux/arm64", "install", "hello-arm.bin")
	table := s.want(0, "linux/arm64", "list")
	if strings.Count(table, "\nhello") != 2 {
		t.Errorf("one line for each platform:\n%s", table)
	}
}
