package app_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func list(t testing.TB, texts ...string) []payload.Value {
	t.Helper()
	var values []payload.Value
	for _, text := range texts {
		values = append(values, value(t, text))
	}
	return values
}

// TestEveryWayOutHasASwitch goes through all functions: each either touches
// nothing outside of the runtime's own store, or names the switch that is off.
func TestEveryWayOutHasASwitch(t *testing.T) {
	const network, files, processes = "vm_pool.enable_network", "vm_pool.enable_filesystem", "vm_pool.enable_process"
	everything := func(d *app.Deps, c *app.Config) {
		d.Processes = programs{}
		c.Features.Network, c.Features.FileSystem, c.Features.Executables = true, true, []string{"/bin/tool"}
		c.Twilio = app.Twilio{Account: "AC1", Token: "t", Service: "VA1", URL: "https://twilio"}
	}
	ways := []struct {
		function string
		args     []string
		switches []string
	}{
		{"http_get", []string{`"http://x/"`}, []string{network}},
		{"http_get_with_header", []string{`"http://x/"`, `{}`}, []string{network}},
		{"http_delete", []string{`"http://x/"`}, []string{network}},
		{"http_delete_with_header", []string{`"http://x/"`, `{}`}, []string{network}},
		{"http_post", []string{`"http://x/"`, `"b"`}, []string{network}},
		{"http_post_with_header", []string{`"http://x/"`, `"b"`, `{}`}, []string{network}},
		{"http_put", []string{`"http://x/"`, `"b"`}, []string{network}},
		{"http_put_with_header", []string{`"http://x/"`, `"b"`, `{}`}, []string{network}},
		{"http_patch", []string{`"http://x/"`, `"b"`}, []string{network}},
		{"http_patch_with_header", []string{`"http://x/"`, `"b"`, `{}`}, []string{network}},
		{"openai", []string{`"key"`, `"s"`, `"p"`, `"m"`}, []string{network}},
		{"gemini", []string{`"key"`, `"p"`, `"m"`}, []string{network}},
		{"ollama", []string{`"http://localhost:1"`, `"s"`, `"p"`, `"m"`}, []string{network}},
		{"send_otp", []string{`"+1"`}, []string{network}},
		{"check_otp", []string{`"+1"`, `"1"`}, []string{network}},
		{"send_mail", []string{`"a@b.c"`, `"s"`, `"t"`, `"a.txt"`}, []string{network, files}},
		{"send_mail_async", []string{`"a@b.c"`, `"s"`, `"t"`, `"a.txt"`}, []string{network, files}},
		{"file_to_string", []string{`"a.txt"`}, []string{files}},
		{"string_to_file", []string{`"b.txt"`, `"x"`}, []string{files}},
		{"__read_file", []string{`"a.txt"`}, []string{files}},
		{"exec", []string{`["/bin/tool"]`}, []string{processes}},
	}
	// What these read and write is the runtime's own, or they do nothing at all.
	inside := []string{
		"delete_profile", "delete_session", "delete_session_form", "exist_profile", "get_env", "get_profile", "get_session", "get_template",
		"get_token", "get_user", "mail_config", "mustache", "open_session", "open_session_form", "save_session", "set_env", "set_profile", "set_session", "template",
		"validate_token", "validate_user", "wkill", "redis_expire", "redis_hdel", "redis_hget", "redis_hset",
	}
	known := slices.Clone(inside)
	for _, way := range ways {
		known = append(known, way.function)
	}
	for _, name := range app.Functions() {
		if !slices.Contains(known, name) {
			t.Errorf("%s: nobody says whether it touches the outside", name)
		}
	}
	for _, name := range known {
		if !strings.HasPrefix(name, "__") && !slices.Contains(app.Functions(), name) {
			t.Errorf("%s: there is no such function", name)
		}
	}
	off := map[string]func(*app.Config){
		network:   func(c *app.Config) { c.Features.Network = false },
		files:     func(c *app.Config) { c.Features.FileSystem = false },
		processes: func(c *app.Config) { c.Features.Executables = nil },
	}
	worlds := map[string]*world{"": newWorld(t, everything).callable()}
	for name, turn := range off {
		worlds[name] = newWorld(t, everything, func(_ *app.Deps, c *app.Config) { turn(c) }).callable()
	}
	for name, w := range worlds {
		w.outside.files["a.txt"] = "content"
		for _, way := range ways {
			got := w.called(t, way.function, way.args...)
			refused := strings.HasPrefix(got, "feature_disabled: ") && strings.Contains(got, way.function) && strings.Contains(got, name+" = true")
			if way.function == "__read_file" {
				refused = strings.HasPrefix(got, "feature_disabled: reading a file ") && strings.Contains(got, name+" = true")
			}
			if name == "" {
				refused = strings.HasPrefix(got, "feature_disabled")
			}
			if refused != slices.Contains(way.switches, name) {
				t.Errorf("%s with %q off: got %s", way.function, name, got)
			}
		}
		w.outside.mu.Lock()
		if requests := len(w.outside.requests); (requests == 0) != (name == network) {
			t.Errorf("with %q off: %d requests", name, requests)
		}
		if mails := len(w.outside.mails); (mails == 0) != (name == network || name == files) {
			t.Errorf("with %q off: %d mails", name, mails)
		}
		if _, written := w.outside.files["b.txt"]; written != (name != files) {
			t.Errorf("with %q off: written %v", name, written)
		}
		w.outside.mu.Unlock()
	}
}
