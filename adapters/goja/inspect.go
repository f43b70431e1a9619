package goja

import (
	"strconv"
	"strings"

	js "github.com/dop251/goja"
)

// How much of a value inspect shows.
const (
	inspectDepth = 3
	inspectItems = 100
	inspectText  = 8 << 10 // bytes of one text inside a value
)

// inspector writes values the way Node's util.inspect does, roughly.
type inspector struct {
	run  *run
	b    strings.Builder
	path []*js.Object
}

// inspect shows a value. It may run getters and proxies; what they throw is
// shown in place of the member.
func (r *run) inspect(v js.Value) string {
	i := inspector{run: r}
	i.value(v)
	return i.b.String()
}

func (i *inspector) value(v js.Value) {
	if i.b.Len() > maxLogLine {
		return
	}
	switch v := v.(type) {
	case nil:
		i.b.WriteString("undefined")
	case js.String:
		i.b.WriteString(quoteText(v.String()))
	case *js.Symbol:
		i.b.WriteString("Symbol(" + v.String() + ")")
	case *js.Object:
		i.object(v)
	default:
		i.b.WriteString(v.String())
		if js.IsBigInt(v) {
			i.b.WriteByte('n')
		}
	}
}

func quoteText(s string) string {
	if len(s) > inspectText {
		s = strings.ToValidUTF8(s[:inspectText], "") + "..."
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s) + "'"
}

func (i *inspector) object(obj *js.Object) {
	for _, p := range i.path {
		if p == obj {
			i.b.WriteString("[Circular]")
			return
		}
	}
	class := classOf(obj)
	if i.special(obj, class) {
		return
	}
	if len(i.path) >= inspectDepth {
		i.b.WriteString("[" + class + "]")
		return
	}
	i.path = append(i.path, obj)
	defer func() { i.path = i.path[:len(i.path)-1] }()
	if class == "Array" {
		i.list(obj)
		return
	}
	i.members(obj)
}

// special writes the objects that are more than their members.
func (i *inspector) special(obj *js.Object, class string) bool {
	switch class {
	case "Function", "AsyncFunction", "GeneratorFunction":
		name := textOf(obj.Get("name"))
		if name == "" {
			name = "(anonymous)"
		}
		i.b.WriteString("[" + class + ": " + name + "]")
	case "Error":
		i.b.WriteString(obj.String())
	case "Date":
		i.b.WriteString(i.method(obj, "toISOString", "Invalid Date"))
	case "RegExp":
		i.b.WriteString(obj.String())
	case "Number", "String", "Boolean":
		i.b.WriteString("[" + class + ": " + obj.String() + "]")
	case "Promise":
		p, _ := obj.Export().(*js.Promise)
		states := map[js.PromiseState]string{
			js.PromiseStatePending: "<pending>", js.PromiseStateFulfilled: "<fulfilled>", js.PromiseStateRejected: "<rejected>",
		}
		i.b.WriteString("Promise { " + states[p.State()] + " }")
	case "Map", "Set":
		i.b.WriteString(class + "(" + textOf(obj.Get("size")) + ")")
	default:
		return false
	}
	return true
}

func (i *inspector) method(obj *js.Object, name, otherwise string) string {
	f, ok := js.AssertFunction(obj.Get(name))
	if !ok {
		return otherwise
	}
	v, err := f(obj)
	if err != nil {
		if isStop(err) {
			panic(err)
		}
		return otherwise
	}
	return textOf(v)
}

func (i *inspector) list(obj *js.Object) {
	length := obj.Get("length").ToInteger()
	if length == 0 {
		i.b.WriteString("[]")
		return
	}
	i.b.WriteString("[ ")
	for n := range min(length, inspectItems) {
		if n > 0 {
			i.b.WriteString(", ")
		}
		i.member(obj, strconv.FormatInt(n, 10))
	}
	i.rest(length)
	i.b.WriteString(" ]")
}

func (i *inspector) members(obj *js.Object) {
	keys := obj.Keys()
	if len(keys) == 0 {
		i.b.WriteString("{}")
		return
	}
	i.b.WriteString("{ ")
	for n, key := range keys[:min(len(keys), inspectItems)] {
		if n > 0 {
			i.b.WriteString(", ")
		}
		i.b.WriteString(key + ": ")
		i.member(obj, key)
	}
	i.rest(int64(len(keys)))
	i.b.WriteString(" }")
}

func (i *inspector) rest(total int64) {
	if total > inspectItems {
		i.b.WriteString(", ... " + strconv.FormatInt(total-inspectItems, 10) + " more")
	}
}

func (i *inspector) member(obj *js.Object, key string) {
	var v js.Value
	if ex := i.run.vm.Try(func() { v = obj.Get(key) }); ex != nil {
		i.b.WriteString("[Thrower]")
		return
	}
	i.value(v)
}
