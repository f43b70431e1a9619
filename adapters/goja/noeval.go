package goja

import (
	js "github.com/dop251/goja"
	"github.com/dop251/goja/parser"
)

// forbidEval makes every way to turn text into code throw a catchable error:
// eval, Function and the constructors of async and generator functions. They
// all ask the runtime's parser options before they parse, so one option that
// throws closes them all, whatever a script renames or reaches through
// prototypes, at no cost to scripts that do not try.
func forbidEval(vm *js.Runtime) {
	vm.SetParserOptions(refusing(parser.WithDisableSourceMaps, vm))
}

// refusing makes a parser option that throws. The argument is there to name the
// type of the options, which the parser does not export.
func refusing[options any](_ func(*options), vm *js.Runtime) func(*options) {
	return func(*options) {
		panic(newError(vm, "EvalError", "eval is switched off: text cannot be turned into code here"))
	}
}
