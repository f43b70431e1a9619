package goja

import (
	"strings"

	"github.com/dop251/goja/ast"
	"github.com/evanw/esbuild/pkg/api"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// bodyName is the function a body is transpiled in.
const bodyName = "__body"

// transpile turns TypeScript, or JavaScript newer than the engine, into a
// source the engine understands, with the way back to the author's text. Import
// and export become require and exports.
func transpile(s source) (source, *sourceMap, error) {
	before, after := "", ""
	if s.shape == bodyShape {
		// return and await are only allowed inside a function.
		before, after = "function "+bodyName+"(){", "\n}"
		if mentionsAwait(s.code) {
			before = "async " + before
		}
	}
	loader := api.LoaderJS
	if s.language == node.TypeScript {
		loader = api.LoaderTS
	}
	result := api.Transform(before+s.code+after, api.TransformOptions{
		Loader:         loader,
		Target:         api.ES2022,
		Format:         formatOf(s.shape),
		Supported:      lacking(),
		Sourcemap:      api.SourceMapExternal,
		SourcesContent: api.SourcesContentExclude,
		LogLevel:       api.LogLevelSilent,
	})
	if len(result.Errors) > 0 {
		return source{}, nil, s.transpileFault(result.Errors[0], len(before))
	}
	origin, err := parseSourceMap(result.Map, len(before), s.code)
	if err != nil {
		return source{}, nil, err
	}
	out := source{code: string(result.Code), shape: s.shape, language: node.JavaScript, name: s.name, mode: s.mode}
	if s.shape == bodyShape {
		out.code += "return " + bodyName + "()"
	}
	return out, origin, nil
}

// formatOf: a body cannot import or export, and must not become a module.
func formatOf(s shape) api.Format {
	if s == bodyShape {
		return api.FormatDefault
	}
	return api.FormatCommonJS
}

// lacking lists what ES2022 has and the engine has not.
func lacking() map[string]bool {
	return map[string]bool{"async-generator": false, "for-await": false, "dynamic-import": false}
}

func (s source) transpileFault(m api.Message, before int) error {
	f := fault.New(fault.Invalid, "syntax error: %s", m.Text)
	if m.Location == nil {
		return f
	}
	line, column := s.place(m.Location.Line, m.Location.Column+1, before)
	return f.AtLine(line, column)
}

// relocate turns a fault in transpiled code into one in the author's.
func (m *sourceMap) relocate(err error) error {
	f := fault.As(err)
	if f.Line == 0 {
		return f
	}
	line, column, _ := m.find(f.Line, f.Column)
	return f.AtLine(line, column)
}

// keptTogether gives the one function a transpiled body is, after helpers whose
// names begin with two underscores; nil when the author's brackets closed it, as
// in "} evil(); function x(){".
func keptTogether(wrapper *ast.FunctionLiteral) *ast.FunctionLiteral {
	list := wrapper.Body.List
	if len(list) < 2 {
		return nil
	}
	last, ok := list[len(list)-2].(*ast.FunctionDeclaration)
	if !ok || last.Function.Name.Name.String() != bodyName {
		return nil
	}
	for _, s := range list[:len(list)-2] {
		helpers, ok := s.(*ast.VariableStatement)
		if !ok || !allHelpers(helpers.List) {
			return nil
		}
	}
	return last.Function
}

func allHelpers(list []*ast.Binding) bool {
	for _, b := range list {
		id, ok := b.Target.(*ast.Identifier)
		if !ok || !strings.HasPrefix(id.Name.String(), "__") {
			return false
		}
	}
	return true
}
