package payload

// Pattern is a JSON value whose strings may hold expressions, parsed once.
type Pattern struct {
	literal Value        // when nothing inside is an expression
	expr    *Expression  // when this is a string with expressions
	members []memberPart // when this is an object
	items   []Pattern    // when this is an array
}

type memberPart struct {
	key     string
	pattern Pattern
}

// ParsePattern reads a value; errors are those of ParseExpression.
func ParsePattern(v Value) (Pattern, error) {
	switch v.Kind() {
	case String:
		return parseTextPattern(v)
	case Object:
		return parseObjectPattern(v)
	case Array:
		return parseArrayPattern(v)
	case Null, Bool, Number:
	}
	return Pattern{literal: v}, nil
}

func parseTextPattern(v Value) (Pattern, error) {
	e, err := ParseExpression(v.String())
	if err != nil || e.IsLiteral() {
		return Pattern{literal: v}, err
	}
	return Pattern{expr: &e}, nil
}

func parseObjectPattern(v Value) (Pattern, error) {
	p, plain := Pattern{members: []memberPart{}}, true
	for k, member := range v.Fields() {
		sub, err := ParsePattern(member)
		if err != nil {
			return p, err
		}
		plain = plain && sub.IsLiteral()
		p.members = append(p.members, memberPart{k, sub})
	}
	if plain {
		return Pattern{literal: v}, nil
	}
	return p, nil
}

func parseArrayPattern(v Value) (Pattern, error) {
	p, plain := Pattern{items: []Pattern{}}, true
	for _, item := range v.Items() {
		sub, err := ParsePattern(item)
		if err != nil {
			return p, err
		}
		plain = plain && sub.IsLiteral()
		p.items = append(p.items, sub)
	}
	if plain {
		return Pattern{literal: v}, nil
	}
	return p, nil
}

// IsLiteral reports whether rendering never depends on the scope.
func (p Pattern) IsLiteral() bool { return p.expr == nil && p.members == nil && p.items == nil }

// Render fills in the expressions; errors are those of Expression.Text.
func (p Pattern) Render(s Scope) (Value, error) {
	switch {
	case p.expr != nil:
		return p.expr.Value(s)
	case p.members != nil:
		w := newObjectWriter(64)
		for _, m := range p.members {
			v, err := m.pattern.Render(s)
			if err != nil {
				return Value{}, err
			}
			w.add(m.key, v)
		}
		return w.done(), nil
	case p.items != nil:
		raw := []byte{'['}
		for i, item := range p.items {
			v, err := item.Render(s)
			if err != nil {
				return Value{}, err
			}
			if i > 0 {
				raw = append(raw, ',')
			}
			raw = append(raw, v.Bytes()...)
		}
		return Value{raw: append(raw, ']')}, nil
	}
	return p.literal, nil
}
