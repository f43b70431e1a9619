package node

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// jsType runs a script. Data: script (inline code whose return value is the new
// payload, or the name of a module), code (a program that defines main()),
// language. Setting next in the script chooses the output; payload.break parks
// the run.
func jsType() Type { return Type{Name: "js", Compile: compileJS} }

func compileJS(d Definition) (Compiled, fault.List) {
	f := read(d)
	language := Language(f.choice("language", string(JavaScript), string(TypeScript)))
	script, code := f.text("script"), f.text("code")
	var s Script
	var need Need
	switch {
	case code != "":
		s = Script{Code: code, Language: language, Entry: "main", Field: "data.code"}
		need = Need{Kind: NeedScript, Field: s.Field, Script: s}
	case isName(script):
		s = Script{Module: script, Language: language, Entry: "main", Field: "data.script"}
		need = Need{Kind: NeedModule, Field: s.Field, Name: script, Script: s}
	case script != "":
		s = Script{Code: script, Language: language, Field: "data.script"}
		need = Need{Kind: NeedScript, Field: s.Field, Script: s}
	default:
		f.wrong("script", `is missing; give inline code such as "return {ok: true};", the name of a module, or data.code with a main() function`)
	}
	return Compiled{Executor: js{s}, Needs: []Need{need}}, f.faults
}

type js struct{ script Script }

func (j js) Plan(in Input) (Step, error) {
	return ask(ScriptRequest{Script: j.script, Payload: in.Payload, Locals: in.Locals})
}

func (j js) Settle(_ Input, r Result) (Step, error) {
	s, ok := r.(ScriptResult)
	if !ok {
		return unexpected(r)
	}
	return finish(scriptOutcome(s))
}

// scriptOutcome is how a node ends that lets a script or plugin decide.
func scriptOutcome(s ScriptResult) Outcome {
	pause, _ := s.Payload.Field("break")
	return Outcome{
		Payload: s.Payload,
		Next:    s.Next,
		Stop:    s.Next == "break",
		Park:    pause.IsTrue(),
		Reply:   s.Reply,
		Header:  s.Header,
		Locals:  s.Locals,
	}
}
