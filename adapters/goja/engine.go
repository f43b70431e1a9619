package goja

import (
	"context"
	"maps"
	"sync"
	"time"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Config is what an Engine can be told. The zero value is usable.
type Config struct {
	// Functions are the names answered by Host.Call, such as "http_get". A
	// function of the same name that the engine has itself wins.
	Functions []string
	// MaxPrograms bounds the compiled programs kept; 0 = 1024.
	MaxPrograms int
	// MaxSourceBytes bounds the text of one script; 0 = 512 KiB. What has to go
	// through the transpiler is bounded by 256 KiB besides.
	MaxSourceBytes int
	// Marks compiles scripts so that ScriptCall.At also hears of calls into the
	// engine's own code that may take long. It costs a little at each of them.
	Marks bool
	// Now is the clock of Date and time_now_*; nil = time.Now. Limits always
	// use the machine's monotonic clock.
	Now func() time.Time
}

const (
	defaultPrograms    = 1024
	defaultSourceBytes = 512 << 10
)

// Engine runs scripts in this process. It is safe for concurrent use.
type Engine struct {
	maxSource int
	marks     bool
	now       func() time.Time
	programs  *programs
	watchdogs sync.Pool
	prelude   *js.Program // makes the meter of a program a constant of its run

	hosted  map[string]struct{} // functions answered by the host
	natives map[string]native   // globals the engine provides
	known   map[string]struct{} // globals the language provides
	context map[string]contextMethod

	contextNames []string // the keys of context, sorted
}

var _ ports.ScriptEngine = (*Engine)(nil)

// New returns an engine.
func New(cfg Config) *Engine {
	if cfg.MaxPrograms <= 0 {
		cfg.MaxPrograms = defaultPrograms
	}
	if cfg.MaxSourceBytes <= 0 {
		cfg.MaxSourceBytes = defaultSourceBytes
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	e := &Engine{
		maxSource: cfg.MaxSourceBytes,
		marks:     cfg.Marks,
		now:       cfg.Now,
		programs:  newPrograms(cfg.MaxPrograms),
		watchdogs: sync.Pool{New: func() any { return new(watchdog) }},
		prelude:   compilePrelude(),
		hosted:    make(map[string]struct{}, len(cfg.Functions)),
		natives:   allNatives(),
		known:     languageGlobals(),
		context:   contextMethods(),
	}
	e.contextNames = sortedKeys(e.context)
	for _, name := range cfg.Functions {
		e.hosted[name] = struct{}{}
	}
	return e
}

// Check parses and analyses a script without running it; see ports.ScriptEngine.
func (e *Engine) Check(_ context.Context, script node.Script) ([]policy.Finding, error) {
	prog, err := e.program(mainSource(script))
	if err != nil {
		return nil, placed(err, script.Field)
	}
	return e.findings(prog), nil
}

// program compiles a source, or finds it compiled.
func (e *Engine) program(s source) (*program, error) {
	return e.programs.get(s, e.compile)
}

func mainSource(script node.Script) source {
	s := source{code: script.Code, language: script.Language, shape: programShape}
	if script.Entry == "" {
		s.shape = bodyShape
	}
	return s
}

// placed puts a fault at the field its script stands in.
func placed(err error, field string) error {
	if err == nil {
		return nil
	}
	f := fault.As(err)
	if field == "" || f.Field != "" {
		return f
	}
	return f.AtField(field)
}

// languageGlobals are the names every runtime has, and those every object
// inherits; nobody is asked for them.
func languageGlobals() map[string]struct{} {
	vm := js.New()
	names := map[string]struct{}{"arguments": {}, "this": {}}
	for _, list := range [][]string{
		vm.GlobalObject().GetOwnPropertyNames(),
		vm.NewObject().Prototype().GetOwnPropertyNames(),
	} {
		for _, name := range list {
			names[name] = struct{}{}
		}
	}
	return names
}

// allNatives joins the tables of the globals the engine provides.
func allNatives() map[string]native {
	all := map[string]native{}
	for _, table := range []map[string]native{
		consoleNatives(), timerNatives(), textNatives(), clockNatives(), valueNatives(), moduleNatives(), contextNatives(), ruleNatives(), pluginNatives(),
	} {
		maps.Copy(all, table)
	}
	return all
}
