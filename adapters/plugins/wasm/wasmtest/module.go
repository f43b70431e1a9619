package wasmtest

// Types every plugin has.
const (
	TypeGet   = iota // () -> i32
	TypeMove         // (i32, i32) -> i32
	TypeWrite        // (i32, i32)
	TypeNone         // ()
	TypeMap          // (i32) -> i32
)

// Functions every plugin has; what Plugin.Funcs holds comes behind them.
const (
	InputLen = iota
	InputRead
	OutputWrite
	HostCall
	HostRead
	Version
	Call
	First // of Plugin.Funcs
)

// Func is a function: its type, its variables as pairs of count and type, and
// its code without the end.
type Func struct {
	Type   uint32
	Locals []byte
	Code   []byte
}

// Import is an imported thing: its kind and the encoded description.
type Import struct {
	Module, Name string
	Kind         byte
	Desc         []byte
}

// Plugin is a module that is a plugin, unless its fields say otherwise.
type Plugin struct {
	Call     []byte // code of nflow_call, without the end; variables 0..3 are i32
	Version  []byte // code of nflow_abi_version; nil = 1
	Funcs    []Func
	Imports  []Import // more of them; they move all other functions
	Types    [][]byte // more of them
	Memory   []byte   // limits; nil = 2 pages and no maximum
	Tables   []byte   // content of the section; nil = none
	Globals  []byte   // content of the section; nil = none
	Elements []byte   // content of the section; nil = none
	Data     []Data
	Exports  []Export // more of them
	Without  string   // one of the usual exports that is left out
	Start    int      // function that starts; 0 = none
	Custom   []byte   // a custom section, put first
}

// Data is a piece of memory at the beginning.
type Data struct {
	At    int32
	Bytes []byte
}

// Export is a name for a thing.
type Export struct {
	Name  string
	Kind  byte
	Index uint32
}

// Bytes is the module.
func (p Plugin) Bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	if p.Custom != nil {
		out = Section(out, 0, p.Custom)
	}
	types := append([][]byte{
		{0x60, 0, 1, 0x7f}, {0x60, 2, 0x7f, 0x7f, 1, 0x7f}, {0x60, 2, 0x7f, 0x7f, 0}, {0x60, 0, 0}, {0x60, 1, 0x7f, 1, 0x7f},
	}, p.Types...)
	out = Section(out, 1, Vector(types...))
	out = Section(out, 2, p.imports())
	funcs := p.funcs()
	indexes := U32(nil, uint32(len(funcs)))
	bodies := U32(nil, uint32(len(funcs)))
	for _, f := range funcs {
		indexes = U32(indexes, f.Type)
		body := append(U32(nil, uint32(len(f.Locals)/2)), f.Locals...)
		body = append(append(body, f.Code...), 0x0b)
		bodies = append(U32(bodies, uint32(len(body))), body...)
	}
	out = Section(out, 3, indexes)
	if p.Tables != nil {
		out = Section(out, 4, p.Tables)
	}
	if p.Memory == nil {
		p.Memory = []byte{0, 2}
	}
	out = Section(out, 5, append([]byte{1}, p.Memory...))
	if p.Globals != nil {
		out = Section(out, 6, p.Globals)
	}
	out = Section(out, 7, p.exports())
	if p.Start != 0 {
		out = Section(out, 8, U32(nil, uint32(p.Start)))
	}
	if p.Elements != nil {
		out = Section(out, 9, p.Elements)
	}
	out = Section(out, 10, bodies)
	return Section(out, 11, p.data())
}

func (p Plugin) funcs() []Func {
	version := p.Version
	if version == nil {
		version = I32(1)
	}
	return append([]Func{{Type: TypeGet, Code: version}, {Type: TypeGet, Locals: []byte{4, 0x7f}, Code: p.Call}}, p.Funcs...)
}

func (p Plugin) imports() []byte {
	list := []Import{
		{"nflow_v1", "input_len", 0, []byte{TypeGet}}, {"nflow_v1", "input_read", 0, []byte{TypeMove}},
		{"nflow_v1", "output_write", 0, []byte{TypeWrite}}, {"nflow_v1", "host_call", 0, []byte{TypeMove}},
		{"nflow_v1", "host_read", 0, []byte{TypeMove}},
	}
	var items [][]byte
	for _, i := range append(list, p.Imports...) {
		item := append(Name(i.Module), Name(i.Name)...)
		items = append(items, append(append(item, i.Kind), i.Desc...))
	}
	return Vector(items...)
}

func (p Plugin) exports() []byte {
	moved := uint32(len(p.Imports))
	var items [][]byte
	add := func(e Export) { items = append(items, U32(append(Name(e.Name), e.Kind), e.Index)) }
	for _, e := range []Export{{"memory", 2, 0}, {"nflow_abi_version", 0, Version + moved}, {"nflow_call", 0, Call + moved}} {
		if e.Name != p.Without {
			add(e)
		}
	}
	for _, e := range p.Exports {
		add(e)
	}
	return Vector(items...)
}

func (p Plugin) data() []byte {
	var items [][]byte
	for _, d := range p.Data {
		item := append(append([]byte{0}, I32(d.At)...), 0x0b)
		items = append(items, append(U32(item, uint32(len(d.Bytes))), d.Bytes...))
	}
	return Vector(items...)
}
