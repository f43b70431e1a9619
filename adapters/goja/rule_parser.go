package goja

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	js "github.com/dop251/goja"
)

// maxRuleDepth bounds the parentheses of a rule.
const maxRuleDepth = 100

// ruleParser reads and applies one rule in one pass. While quiet it reads
// without calling functions, for what && and || pass over.
type ruleParser struct {
	run           *run
	input, output *js.Object
	text          string
	pos           int
	depth         int
	quiet         bool
}

// apply tests the condition, if there is one, and makes the assignments.
func (p *ruleParser) apply() error {
	if p.hasCondition() {
		v, err := p.expression(0)
		if err != nil {
			return err
		}
		if !p.take("|") {
			return p.wrong("expected | after the condition")
		}
		if !v.ToBoolean() {
			return nil
		}
	}
	for {
		if err := p.assignment(); err != nil {
			return err
		}
		if p.take(",") {
			continue
		}
		if p.skip(); p.pos < len(p.text) {
			return p.wrong("expected the end of the rule")
		}
		return nil
	}
}

// hasCondition looks for a | that is not half of || nor in a text.
func (p *ruleParser) hasCondition() bool {
	quoted := false
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == '|' && !quoted:
			if strings.HasPrefix(p.text[i:], "||") {
				i++
				continue
			}
			return true
		}
	}
	return false
}

func (p *ruleParser) wrong(format string, args ...any) error {
	return fmt.Errorf("rule %q, character %d: %s", p.text, utf8.RuneCountInString(p.text[:p.pos])+1, fmt.Sprintf(format, args...))
}

func (p *ruleParser) skip() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// take reads a symbol; | is never half of ||, nor = of ==.
func (p *ruleParser) take(symbol string) bool {
	p.skip()
	rest := p.text[p.pos:]
	if !strings.HasPrefix(rest, symbol) {
		return false
	}
	if (symbol == "|" || symbol == "=") && strings.HasPrefix(rest[1:], symbol) {
		return false
	}
	p.pos += len(symbol)
	return true
}

func (p *ruleParser) word() string {
	p.skip()
	start := p.pos
	for p.pos < len(p.text) {
		c, size := utf8.DecodeRuneInString(p.text[p.pos:])
		if c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			break
		}
		p.pos += size
	}
	return p.text[start:p.pos]
}

func (p *ruleParser) assignment() error {
	name := p.word()
	if name == "" || !p.take("=") {
		return p.wrong("expected name = expression")
	}
	if has(p.input, name) {
		return p.wrong("%s is an input and cannot be changed", name)
	}
	v, err := p.expression(0)
	if err != nil {
		return err
	}
	p.run.put(p.output, name, v)
	return nil
}

func has(obj *js.Object, name string) bool {
	for _, key := range obj.Keys() {
		if key == name {
			return true
		}
	}
	return false
}

// operand reads a literal, a name, a call, a negation or parentheses.
func (p *ruleParser) operand() (js.Value, error) {
	if p.depth++; p.depth > maxRuleDepth {
		return nil, p.wrong("nested too deeply")
	}
	defer func() { p.depth-- }()
	switch {
	case p.take("("):
		v, err := p.expression(0)
		if err == nil && !p.take(")") {
			err = p.wrong("expected )")
		}
		return v, err
	case p.take("!"):
		v, err := p.operand()
		if err != nil {
			return nil, err
		}
		return p.run.vm.ToValue(!v.ToBoolean()), nil
	case p.take("-"):
		v, err := p.operand()
		if err != nil {
			return nil, err
		}
		return p.run.vm.ToValue(-v.ToFloat()), nil
	}
	if p.skip(); p.pos < len(p.text) && p.text[p.pos] == '"' {
		return p.quotedText()
	}
	if p.pos < len(p.text) && '0' <= p.text[p.pos] && p.text[p.pos] <= '9' {
		return p.numeral()
	}
	return p.named()
}

func (p *ruleParser) quotedText() (js.Value, error) {
	prefix, err := strconv.QuotedPrefix(p.text[p.pos:])
	if err != nil {
		return nil, p.wrong("a text is not closed")
	}
	s, err := strconv.Unquote(prefix)
	if err != nil {
		return nil, p.wrong("a text is not valid")
	}
	p.pos += len(prefix)
	return p.run.vm.ToValue(s), nil
}

func (p *ruleParser) numeral() (js.Value, error) {
	start := p.pos
	for p.pos < len(p.text) && (strings.IndexByte("0123456789._", p.text[p.pos]) >= 0) {
		p.pos++
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(p.text[start:p.pos], "_", ""), 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, p.wrong("%s is not a number", p.text[start:p.pos])
	}
	return p.run.vm.ToValue(f), nil
}
