package goja

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	js "github.com/dop251/goja"
)

// textNatives are the functions on texts: encodings, digests, identifiers.
func textNatives() map[string]native {
	table := functions{
		"atob":       func(r *run, c js.FunctionCall) js.Value { return r.vm.ToValue(fromBase64(textOf(c.Argument(0)))) },
		"btoa":       func(r *run, c js.FunctionCall) js.Value { return r.vm.ToValue(toBase64(textOf(c.Argument(0)))) },
		"uuid":       func(r *run, _ js.FunctionCall) js.Value { return r.vm.ToValue(newUUID()) },
		"clean_json": func(r *run, c js.FunctionCall) js.Value { return r.vm.ToValue(cleanJSON(textOf(c.Argument(0)))) },
	}
	for suffix, sum := range map[string]func([]byte) []byte{
		"":     func(b []byte) []byte { d := sha512.Sum512(b); return d[:] },
		"_256": func(b []byte) []byte { d := sha512.Sum512_256(b); return d[:] },
		"_224": func(b []byte) []byte { d := sha512.Sum512_224(b); return d[:] },
	} {
		table["calcular_sha512"+suffix] = digest(sum) //nolint:misspell // The name is Spanish, as scripts write it.
	}
	return table.natives()
}

// digest makes a function from a text to the lower-case hex of a digest.
func digest(sum func([]byte) []byte) func(*run, js.FunctionCall) js.Value {
	return func(r *run, c js.FunctionCall) js.Value {
		return r.vm.ToValue(hex.EncodeToString(sum([]byte(textOf(c.Argument(0))))))
	}
}

// toBase64 encodes a text as UTF-8.
func toBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// fromBase64 decodes, with or without padding; what is not base64 gives "".
// Bytes that are not UTF-8 become one character each, as in browsers.
func fromBase64(s string) string {
	s = strings.TrimRight(strings.Join(strings.Fields(s), ""), "=")
	b, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		return ""
	}
	if utf8.Valid(b) {
		return string(b)
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

// newUUID is a random (version 4) UUID.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the process instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// cleanJSON takes the fences off JSON that a language model wrote.
func cleanJSON(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "```json"); ok {
		s = rest
	} else {
		s = strings.TrimPrefix(s, "```")
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(s), "```"))
}
