//go:build linux

package process_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestCalls(t *testing.T) {
	for _, noTLS := range []bool{false, true} {
		t.Run("NoTLS="+strconv.FormatBool(noTLS), func(t *testing.T) {
			cfg, _ := quick(t)
			s := actorSpec(t)
			s.NoTLS = noTLS
			p := open(t, newLoader(t, cfg), s)
			if r, err := p.Call(context.Background(), ports.PluginCall{Op: ports.PluginDescribe}, nil); err != nil || string(r.Payload.Bytes()) != `{"name":"actor"}` {
				t.Fatalf("describe: %s, %v", r.Payload.Bytes(), err)
			}
			if err := configure(context.Background(), p, `{"a":1}`); err != nil {
				t.Fatal(err)
			}
			wantFault(t, configure(context.Background(), p, `{"bad":1}`), fault.Malformed, "plugin actor", "bad settings")
			for name, want := range map[string]string{"echo": `{"x":[1]}`, "hostcalls 40": `{"x":[1]}`, "settings": `{"a":1}`} {
				if got := mustCall(t, p, name, `{"x":[1]}`); got != want {
					t.Errorf("%s: got %s, want %s", name, got, want)
				}
			}
			if s := p.State(); s.Status != "ok" || s.Processes != 1 || s.MemoryBytes < 1<<20 || s.Restarts != 0 || s.Problem != "" {
				t.Errorf("state %+v", s)
			}
		})
	}
}

func TestSurroundings(t *testing.T) {
	t.Setenv("NFLOW_SECRET_OF_THE_SERVER", "hush")
	cfg, _ := quick(t)
	s := actorSpec(t)
	s.Env["GIVEN"], s.Env["PLUGIN_UNIX_SOCKET_DIR"] = "yes", "/tmp"
	p := open(t, newLoader(t, cfg), s)
	for _, v := range decode[[]string](t, mustCall(t, p, "env", "")) {
		name, value, _ := strings.Cut(v, "=")
		switch {
		case name == "PLUGIN_UNIX_SOCKET_DIR" && !strings.HasPrefix(value, cfg.RunDir+"/"):
			t.Errorf("the socket is in %s", value)
		case strings.HasPrefix(name, "PLUGIN_"), name == "NFLOW_PLUGIN", name == "GIVEN", name == "PLAY":
		default:
			t.Errorf("the plugin sees %s", v)
		}
	}
	where := decode[[]string](t, mustCall(t, p, "where", ""))
	for _, path := range where {
		if !strings.HasPrefix(path, cfg.RunDir+"/") {
			t.Errorf("it is at %s, outside %s", path, cfg.RunDir)
		}
	}
	limits := decode[map[string]unix.Rlimit](t, mustCall(t, p, "limits", ""))
	if limits["core"].Max != 0 || limits["files"].Max != 256 || limits["files"].Cur != 256 {
		t.Errorf("limits %+v", limits)
	}
}

func TestHost(t *testing.T) {
	cfg, _ := quick(t)
	s := spec([]byte("no program at all"))
	s.MemoryBytes, s.Env = 64<<20, map[string]string{"A": "b"}
	cfg.Host = hostOf(t)
	cfg.BaseBytes = 64 << 30 // the race detector needs room
	p := open(t, newLoader(t, cfg), s)
	args := decode[[]string](t, mustCall(t, p, "args", ""))
	if len(args) != 3 || args[0] != "actor-host" || args[1] != "-flag" || !strings.HasPrefix(args[2], cfg.RunDir+"/") || filepath.Base(args[2]) != "plugin" {
		t.Errorf("args %q", args)
	}
	var given map[string]any
	for _, v := range decode[[]string](t, mustCall(t, p, "env", "")) {
		name, value, _ := strings.Cut(v, "=")
		if name == "NFLOW_PLUGIN_SPEC" {
			given = decode[map[string]any](t, value)
		} else if !strings.HasPrefix(name, "PLUGIN_") && name != "NFLOW_PLUGIN" {
			t.Errorf("the host sees %s", v)
		}
	}
	got, _ := json.Marshal(given)
	const want = `{"cache_dir":"/cache","call_timeout_ms":5000,"env":{"A":"b"},"max_concurrent":4,"max_payload":8388608,"memory_bytes":67108864,"name":"actor"}`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPayloads(t *testing.T) {
	cfg, _ := quick(t)
	s := actorSpec(t)
	s.MaxPayload = 1 << 20
	p := open(t, newLoader(t, cfg), s)
	fits := `"` + strings.Repeat("x", 1<<20-2) + `"`
	if got := mustCall(t, p, "echo", fits); got != fits {
		t.Errorf("got %d bytes", len(got))
	}
	_, err := call(context.Background(), p, "echo", `"`+strings.Repeat("x", 1<<20)+`"`)
	wantFault(t, err, fault.TooLarge, "max_payload")
	for _, n := range []int{1 << 20, 4 << 20} { // the second is more than a message may have
		_, err = call(context.Background(), p, "big "+itoa(n), "")
		wantFault(t, err, fault.PluginFailed, "max_payload")
	}
	_, err = call(context.Background(), p, strings.Repeat("n", 3<<20), "")
	wantFault(t, err, fault.TooLarge, "max_payload")
	if s := p.State(); s.Restarts != 0 || s.Status != "ok" {
		t.Errorf("the process did not stay: %+v", s)
	}
}

func TestCancel(t *testing.T) {
	tests := []struct {
		name   string
		within time.Duration
		dies   bool
	}{
		{"polite", 20 * time.Millisecond, false},
		{"abusive", 20 * time.Millisecond, false},
		{"stubborn", 20 * time.Millisecond, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg, _ := quick(t)
			if !tt.dies {
				cfg.Grace = 10 * time.Second
			}
			p := open(t, newLoader(t, cfg), actorSpec(t))
			if err := configure(context.Background(), p, `{"a":1}`); err != nil {
				t.Fatal(err)
			}
			mustCall(t, p, "echo", "1")
			ctx, cancel := context.WithTimeout(context.Background(), tt.within)
			defer cancel()
			_, err := call(ctx, p, tt.name, "")
			wantFault(t, err, fault.LimitExceeded, "took too long")
			if f := fault.As(err); f.Limit != "plugins.call_timeout" {
				t.Errorf("limit %q", f.Limit)
			}
			if tt.dies {
				eventually(t, "the process is replaced", 10*time.Second, func() bool { return p.State().Restarts == 1 })
			}
			if got := mustCall(t, p, "settings", ""); got != `{"a":1}` {
				t.Errorf("settings %s", got)
			}
			if s := p.State(); (s.Restarts == 1) != tt.dies {
				t.Errorf("state %+v", s)
			}
		})
	}
}

// TestWhoHangsUpEndsNoPlugin leaves calls that do not notice, more often than a
// plugin may end, and wants the plugin to go on; no more of them run than may.
func TestWhoHangsUpEndsNoPlugin(t *testing.T) {
	cfg, _ := quick(t)
	cfg.MaxFaults = 3
	s := actorSpec(t)
	s.MaxConcurrent = 2
	p := open(t, newLoader(t, cfg), s)
	begin := func(left time.Duration) error {
		ctx, cancel := context.WithTimeout(context.Background(), left)
		defer cancel()
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := call(ctx, p, "stubborn", "")
		return err
	}
	wantFault(t, begin(time.Minute), fault.Cancelled)
	mustCall(t, p, "echo", "1")
	wantFault(t, begin(time.Minute), fault.Cancelled)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := call(ctx, p, "echo", "1")
	wantFault(t, err, fault.LimitExceeded, "2 calls run at once")
	if st := p.State(); st.Status != "ok" || st.Restarts != 0 {
		t.Errorf("state %+v", st)
	}
}

// TestEndlessCallsAreNoQuarantine kills a plugin for its calls more often than it
// may end by itself.
func TestEndlessCallsAreNoQuarantine(t *testing.T) {
	cfg, _ := quick(t)
	cfg.MaxFaults = 3
	p := open(t, newLoader(t, cfg), actorSpec(t))
	for n := range 5 {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		_, err := call(ctx, p, "stubborn", "")
		cancel()
		wantFault(t, err, fault.LimitExceeded, "took too long")
		eventually(t, "the process is replaced", 10*time.Second, func() bool { return p.State().Restarts == n+1 })
		mustCall(t, p, "echo", "1")
	}
}

// A call that ignores its end takes others with it: they may try again.
func TestCancelTakesOthersAlong(t *testing.T) {
	cfg, _ := quick(t)
	p := open(t, newLoader(t, cfg), actorSpec(t))
	var others sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		others.Go(func() { _, errs[i] = call(context.Background(), p, "stubborn", "") })
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := call(ctx, p, "stubborn", "")
	wantFault(t, err, fault.LimitExceeded)
	others.Wait()
	for _, err := range errs {
		wantFault(t, err, fault.Unavailable, "did not end a cancelled call")
		if fault.As(err).RetryAfter < 1 {
			t.Error("no Retry-After")
		}
	}
}

func TestConfigureHangs(t *testing.T) {
	cfg, _ := quick(t)
	p := open(t, newLoader(t, cfg), actorSpec(t))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	wantFault(t, configure(ctx, p, `{"hang":1}`), fault.LimitExceeded)
	mustCall(t, p, "echo", "1")
	if got := mustCall(t, p, "settings", ""); got != "null" && got != "" {
		t.Errorf("settings that were not taken: %s", got)
	}
}
