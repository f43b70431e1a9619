package node

import "github.com/arturoeanton/nflow-runtime/domain/fault"

// forkTypes run every output, each with the same payload. The first, by name,
// continues the response; the others run beside it and may outlive it. The
// designer's spelling is gorutine.
func forkTypes() []Type {
	compile := func(Definition) (Compiled, fault.List) { return Compiled{Executor: fork{}}, nil }
	return []Type{{Name: "fork", Compile: compile}, {Name: "gorutine", Compile: compile}}
}

type fork struct{}

func (fork) Plan(in Input) (Step, error) { return finish(Outcome{Payload: in.Payload, All: true}) }

func (fork) Settle(_ Input, r Result) (Step, error) { return unexpected(r) }
