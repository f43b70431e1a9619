package goja

import (
	"strconv"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// decoder turns JSON text into native JavaScript values in one pass, as
// JSON.parse would: the last of duplicate keys wins, __proto__ is an ordinary
// key, lone surrogates survive, numbers out of range become infinite.
type decoder struct {
	vm    *js.Runtime
	proto *js.Object // Object.prototype
	src   string
	pos   int
	depth int
}

// decode parses a payload; see decodeText.
func decode(vm *js.Runtime, proto *js.Object, v payload.Value) (js.Value, error) {
	return decodeText(vm, proto, string(v.Bytes()))
}

// decodeText parses one JSON value. Text that is not JSON, or that nests deeper
// than payload.MaxDepth, gives code malformed. It must run outside of any
// script, or inside a native function.
func decodeText(vm *js.Runtime, proto *js.Object, text string) (js.Value, error) {
	d := decoder{vm: vm, proto: proto, src: text}
	d.space()
	value, err := d.value()
	if err != nil {
		return nil, err
	}
	d.space()
	if d.pos != len(d.src) {
		return nil, d.unexpected()
	}
	return value, nil
}

func (d *decoder) unexpected() error {
	if d.pos >= len(d.src) {
		return fault.New(fault.Malformed, "not valid JSON: unexpected end")
	}
	return fault.New(fault.Malformed, "not valid JSON: unexpected %q at offset %d", d.src[d.pos], d.pos)
}

func (d *decoder) space() {
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

func (d *decoder) value() (js.Value, error) {
	if d.pos >= len(d.src) {
		return nil, d.unexpected()
	}
	switch c := d.src[d.pos]; c {
	case '{':
		return d.nested((*decoder).object)
	case '[':
		return d.nested((*decoder).array)
	case '"':
		return d.text()
	case 't':
		return d.word("true", d.vm.ToValue(true))
	case 'f':
		return d.word("false", d.vm.ToValue(false))
	case 'n':
		return d.word("null", js.Null())
	default:
		return d.number()
	}
}

func (d *decoder) nested(read func(*decoder) (js.Value, error)) (js.Value, error) {
	if d.depth++; d.depth > payload.MaxDepth {
		return nil, fault.New(fault.Malformed, "the JSON nests deeper than %d levels", payload.MaxDepth)
	}
	v, err := read(d)
	d.depth--
	return v, err
}

func (d *decoder) word(word string, v js.Value) (js.Value, error) {
	if len(d.src)-d.pos < len(word) || d.src[d.pos:d.pos+len(word)] != word {
		return nil, d.unexpected()
	}
	d.pos += len(word)
	return v, nil
}

// object fills an object without a prototype and gives it one at the end, so
// that neither __proto__ nor a setter planted on Object.prototype gets in.
func (d *decoder) object() (js.Value, error) {
	obj := d.vm.CreateObject(nil)
	d.pos++
	d.space()
	if d.peek() == '}' {
		d.pos++
		return obj, obj.SetPrototype(d.proto)
	}
	for {
		if err := d.member(obj); err != nil {
			return nil, err
		}
		d.space()
		switch d.peek() {
		case ',':
			d.pos++
			d.space()
		case '}':
			d.pos++
			return obj, obj.SetPrototype(d.proto)
		default:
			return nil, d.unexpected()
		}
	}
}

func (d *decoder) member(obj *js.Object) error {
	if d.peek() != '"' {
		return d.unexpected()
	}
	key, lone, err := d.quoted()
	if err != nil {
		return err
	}
	d.space()
	if d.peek() != ':' {
		return d.unexpected()
	}
	d.pos++
	d.space()
	v, err := d.value()
	if err != nil {
		return err
	}
	if lone != nil {
		return d.setLone(obj, lone, v)
	}
	return obj.Set(key, v)
}

// setLone sets a member whose key holds a lone surrogate, which the engine's Go
// interface cannot spell; a scrap of JavaScript can.
func (d *decoder) setLone(obj *js.Object, key []uint16, v js.Value) error {
	prg, err := js.Compile("", "(function(o,k,v){o[k]=v})", true)
	if err != nil {
		return err
	}
	f, err := d.vm.RunProgram(prg)
	if err != nil {
		return err
	}
	set, _ := js.AssertFunction(f)
	_, err = set(js.Undefined(), obj, js.StringFromUTF16(key), v)
	return err
}

func (d *decoder) array() (js.Value, error) {
	var items []any
	d.pos++
	d.space()
	if d.peek() == ']' {
		d.pos++
		return d.vm.NewArray(), nil
	}
	for {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		d.space()
		switch d.peek() {
		case ',':
			d.pos++
			d.space()
		case ']':
			d.pos++
			return d.vm.NewArray(items...), nil
		default:
			return nil, d.unexpected()
		}
	}
}

// peek is the byte at the position, or 0 at the end.
func (d *decoder) peek() byte {
	if d.pos < len(d.src) {
		return d.src[d.pos]
	}
	return 0
}

// number reads a number by JSON's grammar, which is stricter than strconv's.
func (d *decoder) number() (js.Value, error) {
	start := d.pos
	negative := d.accept('-')
	if !d.accept('0') && !d.digits() {
		return nil, d.unexpected()
	}
	whole := true
	if d.accept('.') {
		if whole = false; !d.digits() {
			return nil, d.unexpected()
		}
	}
	if c := d.peek(); c == 'e' || c == 'E' {
		whole = false
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		if !d.digits() {
			return nil, d.unexpected()
		}
	}
	text := d.src[start:d.pos]
	const exact = 15 // every whole number of so many digits is exact in a double
	if whole && len(text) <= exact && (!negative || text != "-0") {
		n, err := strconv.ParseInt(text, 10, 64)
		return d.vm.ToValue(n), err
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && f == 0 {
		return nil, d.unexpected()
	}
	return d.vm.ToValue(f), nil // out of range: infinite, as in JSON.parse
}

func (d *decoder) accept(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.pos++
	return true
}

func (d *decoder) digits() bool {
	start := d.pos
	for c := d.peek(); '0' <= c && c <= '9'; c = d.peek() {
		d.pos++
	}
	return d.pos > start
}
