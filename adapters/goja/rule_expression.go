package goja

import (
	"math"

	js "github.com/dop251/goja"
)

// ruleLevel is the operators that bind equally, loosest level first; within a
// level longer symbols come first.
func ruleLevel(level int) []string {
	switch level {
	case 0:
		return []string{"||"}
	case 1:
		return []string{"&&"}
	case 2:
		return []string{"==", "!="}
	case 3:
		return []string{"<=", ">=", "<", ">"}
	case 4:
		return []string{"+", "-"}
	case 5:
		return []string{"*", "/", "%"}
	}
	return nil
}

// expression reads operators of a level and all that bind tighter.
func (p *ruleParser) expression(level int) (js.Value, error) {
	symbols := ruleLevel(level)
	if symbols == nil {
		return p.operand()
	}
	left, err := p.expression(level + 1)
	if err != nil {
		return nil, err
	}
	for {
		symbol := p.oneOf(symbols)
		if symbol == "" {
			return left, nil
		}
		quiet := p.quiet
		p.quiet = quiet || symbol == "&&" && !left.ToBoolean() || symbol == "||" && left.ToBoolean()
		right, err := p.expression(level + 1)
		p.quiet = quiet
		if err != nil {
			return nil, err
		}
		if left, err = p.combine(left, symbol, right); err != nil {
			return nil, err
		}
	}
}

func (p *ruleParser) oneOf(symbols []string) string {
	for _, s := range symbols {
		if p.take(s) {
			return s
		}
	}
	return ""
}

// combine applies an operator. Comparisons and arithmetic are for numbers, +
// also joins texts; == compares without converting.
func (p *ruleParser) combine(left js.Value, symbol string, right js.Value) (js.Value, error) {
	vm := p.run.vm
	switch symbol {
	case "||":
		return vm.ToValue(left.ToBoolean() || right.ToBoolean()), nil
	case "&&":
		return vm.ToValue(left.ToBoolean() && right.ToBoolean()), nil
	case "==":
		return vm.ToValue(left.StrictEquals(right)), nil
	case "!=":
		return vm.ToValue(!left.StrictEquals(right)), nil
	}
	if p.quiet {
		return left, nil
	}
	if a, ok := left.(js.String); ok && symbol == "+" {
		if b, ok := right.(js.String); ok {
			return a.Concat(b), nil
		}
	}
	if !js.IsNumber(left) || !js.IsNumber(right) {
		return nil, p.wrong("%s is for numbers", symbol)
	}
	return vm.ToValue(arithmetic(left.ToFloat(), symbol, right.ToFloat())), nil
}

func arithmetic(a float64, symbol string, b float64) any {
	switch symbol {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	default: // %
		return math.Mod(a, b)
	}
}

// named reads true, false, null, a call, or a member of input or output.
func (p *ruleParser) named() (js.Value, error) {
	name := p.word()
	switch name {
	case "":
		return nil, p.wrong("expected a value")
	case "true", "false":
		return p.run.vm.ToValue(name == "true"), nil
	case "null":
		return js.Null(), nil
	}
	if p.take("(") {
		return p.callFunction(name)
	}
	for _, from := range []*js.Object{p.output, p.input} {
		if has(from, name) {
			return from.Get(name), nil
		}
	}
	return nil, p.wrong("%s is neither in the input nor in the output", name)
}

func (p *ruleParser) callFunction(name string) (js.Value, error) {
	f, ok := p.run.rules[name]
	if !ok {
		return nil, p.wrong("there is no function %s; add it with rule_add_fx", name)
	}
	var args []js.Value
	for !p.take(")") {
		if len(args) > 0 && !p.take(",") {
			return nil, p.wrong("expected , or )")
		}
		v, err := p.expression(0)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	if p.quiet {
		return js.Null(), nil
	}
	v, err := f(js.Undefined(), args...)
	if err != nil {
		p.run.throw(err)
	}
	return v, nil
}
