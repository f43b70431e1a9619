package wasm_test

import (
	"context"
	"testing"
	"time"

	w "github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm/wasmtest"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// late is how long after its deadline a call may end.
const late = 500 * time.Millisecond

// wasi imports a function of WASI with a type of its own.
func wasi(name string, params ...byte) (w.Import, []byte) {
	signature := append(append([]byte{0x60, byte(len(params))}, params...), 1, 0x7f)
	return w.Import{Module: "wasi_snapshot_preview1", Name: name, Desc: []byte{w.TypeMap + 1}}, signature
}

// withWASI is a plugin whose function 5 is one of WASI.
func withWASI(code []byte, name string, params ...byte) w.Plugin {
	i, signature := wasi(name, params...)
	return w.Plugin{Imports: []w.Import{i}, Types: [][]byte{signature}, Call: code}
}

// tree is functions without a loop, each of which calls the next one twice.
func tree(depth int) w.Plugin {
	p := fixed()
	p.Call = w.Code(w.Do(w.First), p.Call)
	for i := range depth {
		next := w.Do(uint32(w.First + i + 1))
		p.Funcs = append(p.Funcs, w.Func{Type: w.TypeNone, Code: w.Code(next, next)})
	}
	p.Funcs = append(p.Funcs, w.Func{Type: w.TypeNone})
	return p
}

// fills is a straight line of instructions that each fill much memory.
func fills(n int) w.Plugin {
	p := fixed()
	one := w.Code(w.I32(65536), w.I32(0), w.I32(60<<20), w.Op(0xfc, 11, 0))
	var all []byte
	for range n {
		all = append(all, one...)
	}
	p.Memory = w.U32([]byte{0}, 1000)
	p.Call = w.Code(all, p.Call)
	return p
}

type hostileRow struct {
	name   string
	plugin w.Plugin
	code   fault.Code
	says   string
}

func hostileCalls() []hostileRow {
	const i32, i64 = 0x7f, 0x7e
	spin := w.Forever()
	grow := w.Forever(w.I32(1), w.Op(0x40, 0), w.Drop())
	growTable := w.Forever(w.Op(0xd0, 0x70), w.I32(1000), w.Op(0xfc, 15, 0), w.Drop())
	frame := len(w.Frame(`{}`, `1`))
	deep := w.Plugin{Call: w.Code(w.I32(0), w.Do(w.First)), Funcs: []w.Func{{Type: w.TypeMap, Code: w.Code(w.Get(0), w.Do(w.First))}}}
	wide := deep
	wide.Funcs = []w.Func{{Type: w.TypeMap, Locals: append(w.U32(nil, 100), i64), Code: w.Code(w.Get(0), w.Do(w.First))}}
	one := []w.Data{{At: w.AnswerAt, Bytes: w.Frame(`{}`, `1`)}}
	flood := w.Plugin{Call: w.Forever(w.I32(w.AnswerAt), w.I32(int32(frame)), w.Do(w.HostCall), w.Drop()), Data: one}
	sleepFor := withWASI(w.Code(w.I32(0), w.I32(512), w.I32(1), w.I32(600), w.Do(5), w.Drop(), w.Answer(frame)), "poll_oneoff", i32, i32, i32, i32)
	sleepFor.Data = []w.Data{{At: 16, Bytes: []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa0, 0x72, 0x4e, 0x18, 0x09}}} // clock 0, 40 s
	random := withWASI(w.Forever(w.I32(0), w.I32(2<<16), w.Do(5), w.Drop()), "random_get", i32, i32)
	exit := w.Plugin{
		Imports: []w.Import{{Module: "wasi_snapshot_preview1", Name: "proc_exit", Desc: []byte{w.TypeMap + 1}}},
		Types:   [][]byte{{0x60, 1, i32, 0}}, Call: w.Code(w.I32(7), w.Do(5), w.I32(0)),
	}
	const most = 64<<10 + 1<<20
	return []hostileRow{
		{"endless loop", w.Plugin{Call: spin}, fault.LimitExceeded, "plugins.call_timeout"},
		{"endless calls without a loop", tree(40), fault.LimitExceeded, "plugins.call_timeout"},
		{"endless straight line", fills(400), fault.LimitExceeded, "plugins.call_timeout"},
		{"grows its memory", w.Plugin{Call: grow}, fault.LimitExceeded, ""},
		{"grows its table", w.Plugin{Call: growTable, Tables: []byte{1, 0x70, 0, 1}}, fault.LimitExceeded, "plugins.call_timeout"},
		{"deep calls", deep, fault.PluginFailed, "nest too deep"},
		{"deep calls with many variables", wide, fault.PluginFailed, "nest too deep"},
		{"trap", w.Plugin{Call: w.Op(0)}, fault.PluginFailed, "it trapped: unreachable"},
		{"trap short of memory", w.Plugin{Call: w.Code(w.I32(1000), w.Op(0x40, 0), w.Drop(), w.Op(0))}, fault.LimitExceeded, "plugins.memory_mb"},
		{"division by zero", w.Plugin{Call: w.Code(w.I32(1), w.I32(0), w.Op(0x6d))}, fault.PluginFailed, "divide by zero"},
		{"exit", exit, fault.PluginFailed, "exit code 7"},
		{"no answer", w.Plugin{Call: w.I32(0)}, fault.PluginFailed, "no answer"},
		{"no frame", w.Plugin{Call: w.Answer(3)}, fault.PluginFailed, "no frame"},
		{"header longer than the frame", w.Plugin{Call: w.Answer(8), Data: []w.Data{{At: w.AnswerAt, Bytes: []byte{255, 255, 255, 255}}}}, fault.PluginFailed, "no frame"},
		{"unknown status", w.Plugin{Call: w.Code(w.Answer(8), w.Drop(), w.I32(-5))}, fault.PluginFailed, "returned -5"},
		{"error without an error", w.Plugin{Call: w.Code(w.Answer(frame), w.Drop(), w.I32(1)), Data: one}, fault.PluginFailed, "has no error"},
		{"huge answer", w.Plugin{Call: w.Answer(most + 1), Memory: []byte{0, 60}}, fault.PluginFailed, "plugins.max_payload"},
		{"endless answer", w.Plugin{Call: w.Forever(w.I32(0), w.I32(1000), w.Do(w.OutputWrite))}, fault.PluginFailed, "plugins.max_payload"},
		{"answer outside its memory", w.Plugin{Call: w.Code(w.I32(-8), w.I32(16), w.Do(w.OutputWrite), w.I32(0))}, fault.PluginFailed, "outside its memory"},
		{"reads outside its memory", w.Plugin{Call: w.Code(w.I32(0), w.I32(-1), w.Do(w.InputRead))}, fault.PluginFailed, "input_read"},
		{"reads a reply outside its memory", w.Plugin{Call: w.Code(w.I32(131072), w.I32(1), w.Do(w.HostRead))}, fault.PluginFailed, "host_read"},
		{"host call without a frame", w.Plugin{Call: w.Code(w.I32(0), w.I32(2), w.Do(w.HostCall))}, fault.PluginFailed, "host call is broken"},
		{"huge host call", w.Plugin{Call: w.Code(w.I32(0), w.I32(most+1), w.Do(w.HostCall)), Memory: []byte{0, 60}}, fault.PluginFailed, "plugins.max_payload"},
		{"flood of host calls", flood, fault.LimitExceeded, "plugins.call_timeout"},
		{"sleeps", sleepFor, fault.LimitExceeded, "plugins.call_timeout"},
		{"wants randomness for ever", random, fault.LimitExceeded, "plugins.call_timeout"},
	}
}

// TestHostile makes calls that never end well, twice: what one leaves behind
// must not harm the next.
func TestHostile(t *testing.T) {
	for _, engine := range []string{"compiler", "interpreter"} {
		t.Run(engine, func(t *testing.T) {
			for _, tt := range hostileCalls() {
				t.Run(tt.name, func(t *testing.T) { hostile(t, tt, engine == "interpreter") })
			}
		})
	}
}

func hostile(t *testing.T, row hostileRow, interpret bool) {
	if interpret && raceDetector && row.name == "endless straight line" {
		t.Skip("the race detector makes the interpreter crawl")
	}
	spec := specOf(row.plugin.Bytes())
	spec.Interpret = interpret
	if row.code != fault.LimitExceeded {
		spec.CallTimeout = 20 * time.Second
	}
	if row.name == "endless straight line" {
		spec.MemoryBytes = 64 << 20
	}
	p := open(t, spec)
	for i := range 2 {
		start := time.Now()
		_, err := call(t.Context(), p)
		if took := time.Since(start); took > spec.CallTimeout+late {
			t.Errorf("call %d ended after %s", i, took)
		}
		wantFault(t, err, row.code, row.says)
	}
}

// TestHostileNeighbour calls a good plugin while others spin.
func TestHostileNeighbour(t *testing.T) {
	bad := []w.Plugin{{Call: w.Forever()}, tree(40), fills(400)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, len(bad))
	for _, b := range bad {
		spec := specOf(b.Bytes())
		spec.CallTimeout, spec.MemoryBytes = time.Minute, 64<<20
		p := open(t, spec)
		go func() {
			_, err := call(ctx, p)
			done <- err
		}()
	}
	good := open(t, specOf(fixed().Bytes()))
	for range 20 {
		if _, err := call(t.Context(), good); err != nil {
			t.Errorf("the good one: %v", err)
		}
	}
	cancel()
	for range bad {
		wantFault(t, <-done, fault.Cancelled)
	}
}

// TestHostileHost abandons calls whose host does not answer.
func TestHostileHost(t *testing.T) {
	frame := w.Frame(`{}`, `1`)
	spec := specOf(w.Plugin{
		Call: w.Code(w.I32(w.AnswerAt), w.I32(int32(len(frame))), w.Do(w.HostCall), w.Drop(), w.Answer(len(frame))),
		Data: []w.Data{{At: w.AnswerAt, Bytes: frame}},
	}.Bytes())
	spec.MaxConcurrent = 1
	p := open(t, spec)
	release := make(chan struct{})
	deaf := func(context.Context, wire.Frame) wire.Frame {
		<-release
		return wire.Frame{Header: []byte(`{}`)}
	}
	start := time.Now()
	_, err := p.Call(t.Context(), wire.Function, wire.Frame{}, deaf)
	wantFault(t, err, fault.LimitExceeded, "plugins.call_timeout")
	if took := time.Since(start); took > spec.CallTimeout+late {
		t.Errorf("ended after %s", took)
	}
	_, err = call(t.Context(), p)
	wantFault(t, err, fault.Unavailable, "plugins.max_concurrent")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	wantFault(t, p.Close(ctx), fault.Cancelled, "has not ended")
	close(release)
}
