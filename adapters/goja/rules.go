package goja

import (
	js "github.com/dop251/goja"
)

// ruleNatives are a small engine for business rules.
func ruleNatives() map[string]native {
	return functions{"rule_add_fx": (*run).ruleAddFunction, "rule_run": (*run).ruleRun}.natives()
}

// ruleAddFunction makes a function callable from rules, for the rest of this
// run: rule_add_fx(name, function).
func (r *run) ruleAddFunction(c js.FunctionCall) js.Value {
	f, ok := js.AssertFunction(c.Argument(1))
	if !ok {
		r.throwType("rule_add_fx expects a name and a function")
	}
	if r.rules == nil {
		r.rules = map[string]js.Callable{}
	}
	r.rules[textOf(c.Argument(0))] = f
	return js.Undefined()
}

// ruleRun applies rules in order: rule_run(input, output, ...rules). A rule is
// `condition | name = expression, ...` or only the assignments. Rules read the
// members of input and output and change output. The result is
// {output, err}: err is null, or what is wrong with a rule; the changes made
// before it stay.
func (r *run) ruleRun(c js.FunctionCall) js.Value {
	input, output := c.Argument(0).ToObject(r.vm), c.Argument(1).ToObject(r.vm)
	result := r.vm.NewObject()
	r.put(result, "output", output)
	r.put(result, "err", js.Null())
	for i := 2; i < len(c.Arguments); i++ {
		rule := ruleParser{run: r, input: input, output: output, text: textOf(c.Arguments[i])}
		if err := rule.apply(); err != nil {
			r.put(result, "err", err.Error())
			break
		}
	}
	return result
}
