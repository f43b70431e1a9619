package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// mostWasmMB is what a WebAssembly module can address.
const mostWasmMB = 4096

func pluginRules(k *checker) {
	first := map[string]int{}
	for i, p := range k.config.Plugins {
		path := element("plugins", i)
		k.pluginName(path, p.Name)
		if other, twice := first[p.Name]; twice && p.Name != "" {
			k.add(path+".name", "is %q, which plugins[%d].name is as well; give each plugin a name of its own", p.Name, other)
		} else {
			first[p.Name] = i
		}
		k.pluginKind(path, p)
		k.pluginPins(path, p)
		k.pluginGrants(path, p)
		k.pluginSecrets(path, p)
		if _, err := p.Settings(); err != nil {
			k.add(path+".config", "holds what JSON cannot: nan or inf")
		}
	}
	for _, name := range sortedKeys(reflect.ValueOf(k.config.PluginHost.TrustedKeys)) {
		key := join("plugin_host.trusted_keys", name)
		switch {
		case name == "" || judgeToken(name) != "":
			k.add(key, "is no name for a key; use letters, digits, _ and -")
		case k.config.PluginHost.TrustedKeys[name] == "":
			k.add(key, "is empty; give the public key that nflow plugin keygen printed")
		}
	}
}

func (k *checker) pluginName(path, name string) {
	switch {
	case name == "" && !k.config.places.given(path+".name"):
		k.add(path, "needs a name")
	case !plugin.ValidName(name):
		k.add(path+".name", "%q is no name for a plugin; use a-z, 0-9, _ and -, at most 64, beginning with a letter", shorten(name))
	}
}

// pluginKind finds keys that the plugin's kind has no use for.
func (k *checker) pluginKind(path string, p Plugin) {
	if p.Kind == KindProcess && strings.HasSuffix(p.Path, ".wasm") {
		k.add(path+".kind", `is "process", but %s.path is a WebAssembly module; write kind = "wasm", with isolation = "process" to run it in a process of its own`, path)
		return
	}
	switch p.knownKind() {
	case KindProcess:
		for _, key := range []string{"isolation", "engine"} {
			if k.config.places.given(path + "." + key) {
				k.add(path+"."+key, "is for WebAssembly only, but the plugin is a program, which always has a process of its own; remove it")
			}
		}
	case KindWasm:
		if p.NoTLS {
			k.add(path+".no_tls", "is for programs only, but the plugin is WebAssembly; remove it")
		}
		if p.MemoryMB > mostWasmMB {
			k.add(path+".memory_mb", "is %d, more than the %d that WebAssembly can use; lower it", p.MemoryMB, mostWasmMB)
		}
	}
}

func (k *checker) pluginPins(path string, p Plugin) {
	platform := regexp.MustCompile(`^[a-z0-9]+/[a-z0-9]+$`)
	for _, name := range sortedKeys(reflect.ValueOf(p.SHA256)) {
		switch key := join(path+".sha256", name); {
		case name != plugin.AnyPlatform && !platform.MatchString(name):
			k.add(key, `is no platform; write any, or "OS/ARCH" in quotes such as "linux/amd64"`)
		case p.SHA256[name] == "":
			k.add(key, "is empty; give the digest that nflow plugin pin prints")
		}
	}
}

func (k *checker) pluginGrants(path string, p Plugin) {
	for _, f := range plugin.CheckGrants(path+".grants", p.Grants.Capabilities()) {
		k.add(f.Field, "holds what cannot be granted: %s", f.Message)
	}
	for _, name := range p.Grants.Secret {
		if _, ok := p.Secrets[name]; !ok {
			k.add(path+".grants.secret", "grants %q, which [plugins.secrets] does not hold; add it there", shorten(name))
		}
	}
	var seen []string
	for _, mount := range p.Grants.FS {
		guest, _, _ := strings.Cut(mount, "=")
		if slices.Contains(seen, guest) {
			k.add(path+".grants.fs", "grants %q twice; keep one", shorten(guest))
		}
		seen = append(seen, guest)
	}
}

func (k *checker) pluginSecrets(path string, p Plugin) {
	for _, name := range sortedKeys(reflect.ValueOf(p.Secrets)) {
		key := join(path+".secrets", name)
		if len(plugin.CheckGrants("", plugin.Capabilities{Secret: []string{name}})) > 0 {
			k.add(key, "is no name for a secret; use letters, digits, _ and -")
		} else if p.Secrets[name] == "" {
			k.add(key, "is empty; give its value or remove it")
		}
	}
}

// element is the path of an element of an array.
func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
