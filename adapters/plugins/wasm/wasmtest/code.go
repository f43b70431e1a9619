package wasmtest

import "encoding/binary"

// U32 appends a number as unsigned LEB128.
func U32(b []byte, n uint32) []byte {
	for n >= 0x80 {
		b = append(b, byte(n)|0x80)
		n >>= 7
	}
	return append(b, byte(n))
}

// Vector is a count and its items.
func Vector(items ...[]byte) []byte {
	b := U32(nil, uint32(len(items)))
	for _, i := range items {
		b = append(b, i...)
	}
	return b
}

// Name is text with its length.
func Name(s string) []byte { return append(U32(nil, uint32(len(s))), s...) }

// Section appends a section.
func Section(b []byte, id byte, content []byte) []byte {
	return append(U32(append(b, id), uint32(len(content))), content...)
}

// Code joins instructions.
func Code(parts ...[]byte) []byte {
	b := []byte{}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// Op is an instruction without numbers, or several.
func Op(bytes ...byte) []byte { return bytes }

// I32 is i32.const.
func I32(n int32) []byte {
	b := []byte{0x41}
	for {
		low := byte(n & 0x7f)
		n >>= 7
		if n == 0 && low&0x40 == 0 || n == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// Do is call.
func Do(function uint32) []byte { return U32([]byte{0x10}, function) }

// Get and Set are local.get and local.set.
func Get(local uint32) []byte { return U32([]byte{0x20}, local) }

// Set is local.set.
func Set(local uint32) []byte { return U32([]byte{0x21}, local) }

// Forever repeats for ever.
func Forever(code ...[]byte) []byte {
	return Code(Op(0x03, 0x40), Code(code...), Op(0x0c, 0, 0x0b, 0x00))
}

// Drop is drop.
func Drop() []byte { return []byte{0x1a} }

// Frame is an encoded frame.
func Frame(header, payload string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(header)))
	return append(append(b, header...), payload...)
}

// AnswerAt is where Answer expects its frame.
const AnswerAt = 1024

// Answer writes a frame of so many bytes that lies at AnswerAt, and returns 0.
func Answer(size int) []byte {
	return Code(I32(AnswerAt), I32(int32(size)), Do(OutputWrite), I32(0))
}

// Fixed is a plugin that always answers the same.
func Fixed(header, payload string) Plugin {
	f := Frame(header, payload)
	return Plugin{Call: Answer(len(f)), Data: []Data{{AnswerAt, f}}}
}
