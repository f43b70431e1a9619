package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func pluginTests() []test {
	return []test{
		{"what is installed comes back", installed},
		{"platforms", platforms},
		{"lists and numbers", revisions},
		{"a removed plugin keeps its history", removed},
		{"bad plugins", badPlugins},
		{"nothing is shared with the caller", pluginAliases},
		{"64 writers: each gets its own number", installRace},
	}
}

// wasm is a plugin that runs everywhere.
func wasm(name string) ports.StoredPlugin {
	return ports.StoredPlugin{
		PluginRevision: ports.PluginRevision{Name: name, Version: "1.0.0", Kind: "wasm", Platform: plugin.AnyPlatform, Installed: noon()},
		PluginFile:     ports.PluginFile{Artifact: []byte("\x00asm\x01\x00\x00\x00"), Manifest: []byte(`{"name":"x"}`)},
	}
}

func install(t *testing.T, s Stores, p ports.StoredPlugin) int {
	t.Helper()
	n, err := s.Plugins.InstallPlugin(ctx(t), p)
	must(t, err)
	return n
}

func installed(t *testing.T, s Stores) {
	for i, p := range []ports.StoredPlugin{wasm("hello"), wasm("hello"), wasm("hello")} {
		p.Artifact = append([]byte{0, 0xff, byte(i)}, megabyte()...)
		p.Manifest = []byte(odd())
		p.Author = odd()
		p.Version = fmt.Sprintf("1.%d.0", i)
		if i > 0 {
			p.Signature = []byte{0, 1, 2, 0xff}
		}
		if i > 1 {
			p.Installed = time.Time{}
		}
		p.Bytes, p.SHA256, p.Removed, p.Revision = 7, "a lie", true, 99
		number := install(t, s, p)
		got, err := s.Plugins.InstalledPlugin(ctx(t), "hello", "linux/amd64")
		must(t, err)
		p.Bytes, p.SHA256, p.Removed, p.Revision = len(p.Artifact), plugin.Digest(p.Artifact), false, i+1
		same(t, "number", number, i+1)
		same(t, "plugin", got, p)
		if i == 0 && got.Signature != nil {
			t.Error("a plugin that is not signed has a signature")
		}
	}
}

func platforms(t *testing.T, s Stores) {
	for _, platform := range []string{"any", "linux/amd64", "darwin/arm64"} {
		p := wasm("hello")
		p.Platform = platform
		install(t, s, p)
	}
	for platform, want := range map[string]int{"any": 1, "linux/amd64": 2, "darwin/arm64": 3, "linux/arm64": 1} {
		got, err := s.Plugins.InstalledPlugin(ctx(t), "hello", platform)
		must(t, err)
		same(t, platform, got.Revision, want)
	}
	p := wasm("native")
	p.Platform = "linux/amd64"
	install(t, s, p)
	for _, pair := range [][2]string{{"native", "linux/arm64"}, {"native", "any"}, {"nobody", "any"}, {"", "any"}, {"hello\x00", "any"}} {
		_, err := s.Plugins.InstalledPlugin(ctx(t), pair[0], pair[1])
		fails(t, pair[0]+" "+pair[1], err, fault.NotFound)
	}
}

func revisions(t *testing.T, s Stores) {
	for _, name := range []string{"b", "a", "b", "a-1"} {
		install(t, s, wasm(name))
	}
	for name, want := range map[string][]string{
		"": {"a 1", "a-1 1", "b 2", "b 1"}, "b": {"b 2", "b 1"}, "nobody": {}, "b\x00": {},
	} {
		list, err := s.Plugins.PluginRevisions(ctx(t), name)
		must(t, err)
		got := []string{}
		for _, r := range list {
			got = append(got, fmt.Sprint(r.Name, " ", r.Revision))
		}
		same(t, name, got, want)
	}
	list, err := s.Plugins.PluginRevisions(ctx(t), "a")
	must(t, err)
	want := wasm("a").PluginRevision
	want.Revision, want.Bytes, want.SHA256 = 1, 8, plugin.Digest(wasm("a").Artifact)
	same(t, "revision", list[0], want)
}

func removed(t *testing.T, s Stores) {
	install(t, s, wasm("hello"))
	install(t, s, wasm("hello"))
	install(t, s, wasm("other"))
	must(t, s.Plugins.RemovePlugin(ctx(t), "hello"))
	_, err := s.Plugins.InstalledPlugin(ctx(t), "hello", "any")
	fails(t, "removed", err, fault.NotFound)
	fails(t, "removed twice", s.Plugins.RemovePlugin(ctx(t), "hello"), fault.NotFound)
	for _, name := range []string{"", "nobody", "other\x00"} {
		fails(t, name, s.Plugins.RemovePlugin(ctx(t), name), fault.NotFound)
	}
	list, err := s.Plugins.PluginRevisions(ctx(t), "hello")
	must(t, err)
	same(t, "history", []any{len(list), list[0].Removed, list[1].Removed}, []any{2, true, true})
	_, err = s.Plugins.InstalledPlugin(ctx(t), "other", "any")
	must(t, err)
	same(t, "number after", install(t, s, wasm("hello")), 3)
	got, err := s.Plugins.InstalledPlugin(ctx(t), "hello", "any")
	must(t, err)
	same(t, "installed again", []any{got.Revision, got.Removed}, []any{3, false})
	must(t, s.Plugins.RemovePlugin(ctx(t), "hello"))
}

func badPlugins(t *testing.T, s Stores) {
	for name, spoil := range map[string]func(*ports.StoredPlugin){
		"no name":     func(p *ports.StoredPlugin) { p.Name = "" },
		"bad name":    func(p *ports.StoredPlugin) { p.Name = "A b" },
		"no artifact": func(p *ports.StoredPlugin) { p.Artifact = nil },
		"no platform": func(p *ports.StoredPlugin) { p.Platform = "" },
		"bad author":  func(p *ports.StoredPlugin) { p.Author = "\x00" },
		"bad version": func(p *ports.StoredPlugin) { p.Version = "\xff" },
	} {
		p := wasm("hello")
		spoil(&p)
		_, err := s.Plugins.InstallPlugin(ctx(t), p)
		fails(t, name, err, fault.Invalid)
	}
	list, err := s.Plugins.PluginRevisions(ctx(t), "")
	must(t, err)
	same(t, "installed", len(list), 0)
}

func pluginAliases(t *testing.T, s Stores) {
	p := wasm("hello")
	p.Signature = []byte("signed")
	install(t, s, p)
	p.Artifact[0], p.Manifest[0], p.Signature[0] = 'X', 'X', 'X'
	for range 2 {
		got, err := s.Plugins.InstalledPlugin(ctx(t), "hello", "any")
		must(t, err)
		same(t, "plugin", []byte{got.Artifact[0], got.Manifest[0], got.Signature[0]}, []byte("\x00{s"))
		got.Artifact[0], got.Manifest[0], got.Signature[0] = 'Y', 'Y', 'Y'
	}
}

func installRace(t *testing.T, s Stores) {
	c := ctx(t)
	given := make([]int, writers)
	for _, err := range race(func(i int) (err error) {
		given[i], err = s.Plugins.InstallPlugin(c, wasm("hello"))
		return err
	}) {
		must(t, err)
	}
	seen := map[int]bool{}
	for _, n := range given {
		seen[n] = n >= 1 && n <= writers
	}
	same(t, "numbers", len(seen), writers)
}
