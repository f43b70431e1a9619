package goja

import (
	"errors"
	"maps"
	"slices"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// maxBrackets is how deeply brackets may nest in a source: a cheap guard
// against texts that would exhaust the parser's stack.
const maxBrackets = 500

// maxTranspiled bounds, in bytes, what the transpiler is given: its recursion
// over a text of nothing but "!" fits the stack up to four times as much.
const maxTranspiled = 256 << 10

// compile turns a source into a program. Every failure is code invalid with the
// place in the author's text. esbuild is asked only when it must be: for
// TypeScript, and for JavaScript the engine cannot parse.
func (e *Engine) compile(s source) (*program, error) {
	if len(s.code) > e.maxSource {
		return nil, fault.New(fault.Invalid, "the script is larger than %d bytes", e.maxSource)
	}
	if tooNested(s.code) {
		return nil, fault.New(fault.Invalid, "the script nests brackets deeper than %d levels", maxBrackets)
	}
	if s.language == node.TypeScript {
		return e.compileTranspiled(s)
	}
	if s.language != node.JavaScript && s.language != "" {
		return nil, fault.New(fault.Invalid, "unknown language %q; use js or ts", s.language)
	}
	prog, err := e.compilePlain(s)
	if err == nil {
		return prog, nil
	}
	if errors.Is(err, errTooDeep) {
		return nil, tooDeep()
	}
	if prog, other := e.compileTranspiled(s); other == nil {
		return prog, nil
	}
	return nil, err
}

func (e *Engine) compilePlain(s source) (*program, error) {
	p, err := s.parse()
	if err != nil {
		return nil, err
	}
	return e.finish(s, p, nil)
}

func (e *Engine) compileTranspiled(s source) (*program, error) {
	if len(s.code) > maxTranspiled {
		return nil, fault.New(fault.Invalid, "the script is larger than %d bytes, too large to be transpiled", maxTranspiled)
	}
	if tooManyPrefixes(s.code) {
		return nil, tooDeep()
	}
	out, origin, err := transpile(s)
	if err != nil {
		return nil, err
	}
	p, err := out.parse()
	if err != nil {
		return nil, origin.relocate(err)
	}
	if s.shape == bodyShape {
		if p.body = keptTogether(p.wrapper); p.body == nil {
			return nil, s.unbalanced()
		}
	}
	prog, err := e.finish(out, p, origin)
	if errors.Is(err, errTooDeep) {
		return nil, tooDeep()
	}
	if err != nil {
		return nil, origin.relocate(err)
	}
	return prog, nil
}

// finish compiles a tree and decides which globals the program needs.
func (e *Engine) finish(s source, p parsed, origin *sourceMap) (*program, error) {
	found := namesOf(p.tree, p.wrapper)
	if found.deep {
		return nil, errTooDeep
	}
	sites := instrument(p, s)
	code, err := js.CompileAST(p.tree, false)
	if err != nil {
		var syntax *js.CompilerSyntaxError
		if errors.As(err, &syntax) && syntax.File != nil {
			at := syntax.File.Position(syntax.Offset)
			return nil, s.faultAt(syntax.Message, at.Line, at.Column, p.before)
		}
		return nil, fault.Wrap(err, fault.Invalid, "the script does not compile: %s", err.Error())
	}
	prog := &program{source: s, compiled: code, before: p.before, origin: origin, whole: found.whole, sites: sites}
	if s.shape == programShape {
		found.keepShared()
	}
	for _, name := range slices.Sorted(maps.Keys(found.free)) {
		if b, ok := e.bindingOf(name); ok {
			prog.bindings = append(prog.bindings, b)
		}
	}
	return prog, nil
}

func mentionsAwait(code string) bool { return strings.Contains(code, "await") }

// errTooDeep is what finish gives for a tree that is too deep to compile.
var errTooDeep = errors.New("too deep")

func tooDeep() error {
	return fault.New(fault.Invalid, "the script nests expressions or statements deeper than %d levels", maxTreeDepth)
}

// maxPrefixes is how many prefix operators may stand in a row: each is one level
// for one byte, and the transpiler's stack is this process's.
const maxPrefixes = 1_000

func tooManyPrefixes(code string) bool {
	run := 0
	for i := range len(code) {
		switch code[i] {
		case '!', '~', '+', '-':
			if run++; run > maxPrefixes {
				return true
			}
		case ' ', '\t', '\n', '\r':
		default:
			run = 0
		}
	}
	return false
}

// tooNested counts brackets without understanding the text around them: those
// in strings count too, which no sane script will notice.
func tooNested(code string) bool {
	depth := 0
	for i := range len(code) {
		switch code[i] {
		case '(', '[', '{':
			if depth++; depth > maxBrackets {
				return true
			}
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return false
}
