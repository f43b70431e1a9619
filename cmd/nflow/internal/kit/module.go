package kit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
)

// Names are what a WebAssembly module takes from its host and offers to it.
type Names struct {
	Imports, Exports []string // sorted; imports as module.name
}

var errModule = errors.New("the module's sections cannot be read")

// ModuleNames reads the names of a module without judging it.
func ModuleNames(artifact []byte) (Names, error) {
	const header, importSection, exportSection = 8, 2, 7
	var names Names
	if len(artifact) < header || !bytes.HasPrefix(artifact, []byte("\x00asm")) {
		return names, errModule
	}
	r := &moduleReader{rest: artifact[header:]}
	for len(r.rest) > 0 && !r.bad {
		id, body := r.byte(), &moduleReader{rest: r.bytes()}
		switch id {
		case importSection:
			names.Imports = body.imports()
		case exportSection:
			names.Exports = body.exports()
		}
		r.bad = r.bad || body.bad
	}
	if r.bad {
		return Names{}, errModule
	}
	slices.Sort(names.Imports)
	slices.Sort(names.Exports)
	return names, nil
}

// moduleReader reads the binary format; bad is set when there is too little.
type moduleReader struct {
	rest []byte
	bad  bool
}

func (r *moduleReader) byte() byte {
	if len(r.rest) == 0 {
		r.bad = true
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *moduleReader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *moduleReader) bytes() []byte {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *moduleReader) imports() []string {
	var list []string
	for n := r.number(); n > 0 && !r.bad; n-- {
		name := string(r.bytes()) + "." + string(r.bytes())
		switch r.byte() {
		case 0: // function: its type
			r.number()
		case 1: // table: its element type, then limits
			r.byte()
			r.limits()
		case 2: // memory
			r.limits()
		case 3: // global: its type, and whether it changes
			r.byte()
			r.byte()
		default:
			r.bad = true
		}
		list = append(list, name)
	}
	return list
}

func (r *moduleReader) limits() {
	if r.byte()&1 == 1 {
		r.number()
	}
	r.number()
}

func (r *moduleReader) exports() []string {
	var list []string
	for n := r.number(); n > 0 && !r.bad; n-- {
		list = append(list, string(r.bytes()))
		r.byte()
		r.number()
	}
	return list
}
