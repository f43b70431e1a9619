package goja

import (
	"math"
	"net/http"
	"net/textproto"
	"reflect"
	"regexp"
	"strings"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// The content types of the answers.
const (
	typeJSON   = "application/json"
	typeScript = "application/javascript; charset=UTF-8"
	typeHTML   = "text/html; charset=UTF-8"
	typeText   = "text/plain; charset=UTF-8"
	typeXML    = "application/xml; charset=UTF-8"
	xmlHeader  = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
)

// replyMethods are the methods of c that answer the request.
func replyMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"JSON": func(w *web, c js.FunctionCall) js.Value { return w.answer(c, typeJSON, w.jsonOf(c.Argument(1), "")) },
		"JSONPretty": func(w *web, c js.FunctionCall) js.Value {
			return w.answer(c, typeJSON, w.jsonOf(c.Argument(1), textOf(c.Argument(2))))
		},
		"JSONBlob": func(w *web, c js.FunctionCall) js.Value { return w.answer(c, typeJSON, w.bytesOf(c.Argument(1))) },
		"JSONP":    (*web).jsonp,
		"XML":      (*web).xml,
		"String":   func(w *web, c js.FunctionCall) js.Value { return w.answer(c, typeText, []byte(textOf(c.Argument(1)))) },
		"HTML":     func(w *web, c js.FunctionCall) js.Value { return w.answer(c, typeHTML, []byte(textOf(c.Argument(1)))) },
		"HTMLBlob": func(w *web, c js.FunctionCall) js.Value { return w.answer(c, typeHTML, w.bytesOf(c.Argument(1))) },
		"Blob": func(w *web, c js.FunctionCall) js.Value {
			return w.answer(c, textOf(c.Argument(1)), w.bytesOf(c.Argument(2)))
		},
		"Stream": func(w *web, c js.FunctionCall) js.Value {
			return w.answer(c, textOf(c.Argument(1)), w.bytesOf(c.Argument(2)))
		},
		"NoContent": func(w *web, c js.FunctionCall) js.Value { return w.answer(c, "", nil) },
		"Redirect":  (*web).redirect,
		"GetHeader": func(w *web, c js.FunctionCall) js.Value {
			return w.run.vm.ToValue(w.requestHeader(textOf(c.Argument(0))))
		},
		"SetHeader": func(w *web, c js.FunctionCall) js.Value {
			w.setHeader(textOf(c.Argument(0)), textOf(c.Argument(1)))
			return js.Undefined()
		},
	}
}

// answer keeps the first answer; the status is the call's first argument. A
// later answer is dropped with a warning.
func (w *web) answer(c js.FunctionCall, contentType string, body []byte, more ...node.Header) js.Value {
	status := w.status(c.Argument(0))
	if len(body) > w.run.limits.PayloadBytes {
		w.run.throw(w.run.overSize("the answer"))
	}
	if w.reply != nil {
		w.run.warn("a second answer was ignored: the script had answered already")
		return js.Undefined()
	}
	reply := &node.Reply{Status: status, Body: body, Header: more}
	if contentType != "" {
		w.checkHeader("Content-Type", contentType)
		reply.Header = append([]node.Header{{Name: "Content-Type", Value: contentType}}, more...)
	}
	for _, h := range reply.Header {
		w.takeRoom(h)
	}
	w.reply = reply
	return js.Undefined()
}

// status reads an HTTP status code; what is none throws a RangeError.
func (w *web) status(v js.Value) int {
	f := v.ToFloat()
	if f != math.Trunc(f) || f < 100 || f > 599 {
		w.run.throwRange("%s is not an HTTP status code", textForThrown(v))
	}
	return int(f)
}

// jsonOf is a value as JSON; undefined is null.
func (w *web) jsonOf(v js.Value, indent string) []byte {
	out, err := w.run.encode(v)
	if err != nil {
		w.run.throw(err)
	}
	if indent == "" {
		return out.Bytes()
	}
	pretty, err := indented(out.Bytes(), indent, w.run.limits.PayloadBytes)
	if err != nil {
		w.run.throw(err)
	}
	return pretty
}

// bytesOf reads binary data: a text as UTF-8, an ArrayBuffer, a typed array, or
// an array of numbers.
func (w *web) bytesOf(v js.Value) []byte {
	obj, ok := v.(*js.Object)
	if !ok {
		return []byte(textOf(v))
	}
	if obj.ExportType() == reflect.TypeFor[js.ArrayBuffer]() {
		buffer, _ := obj.Export().(js.ArrayBuffer)
		if len(buffer.Bytes()) > w.run.limits.PayloadBytes {
			w.run.throw(w.run.overSize("the answer"))
		}
		return append([]byte(nil), buffer.Bytes()...)
	}
	if length := obj.Get("length"); length != nil && length.ToInteger() > int64(w.run.limits.PayloadBytes) {
		w.run.throw(w.run.overSize("the answer"))
	}
	var b []byte
	if err := w.run.vm.ExportTo(obj, &b); err != nil {
		return []byte(obj.String())
	}
	return append([]byte(nil), b...)
}

func (w *web) jsonp(c js.FunctionCall) js.Value {
	callback := textOf(c.Argument(1))
	if !callbackName.MatchString(callback) {
		w.run.throwType("%q is not the name of a callback", callback)
	}
	body := append([]byte(callback+"("), w.jsonOf(c.Argument(2), "")...)
	return w.answer(c, typeScript, append(body, ")"...))
}

// callbackName keeps JSONP from becoming a way to inject script.
var callbackName = regexp.MustCompile(`^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$`)

// xml answers with a text that is XML already.
func (w *web) xml(c js.FunctionCall) js.Value {
	if _, isObject := c.Argument(1).(*js.Object); isObject {
		w.run.throwType("c.XML expects a text of XML; build it with template() or mustache()")
	}
	text := textOf(c.Argument(1))
	if !strings.HasPrefix(text, "<?xml") {
		text = xmlHeader + text
	}
	return w.answer(c, typeXML, []byte(text))
}

func (w *web) redirect(c js.FunctionCall) js.Value {
	if status := w.status(c.Argument(0)); status < http.StatusMultipleChoices || status > http.StatusPermanentRedirect {
		w.run.throwRange("%d is not a redirect: use 300 to 308", status)
	}
	target := textOf(c.Argument(1))
	w.checkHeader("Location", target)
	return w.answer(c, "", nil, node.Header{Name: "Location", Value: target})
}

// setHeader sets a header of the answer, replacing one of the same name.
func (w *web) setHeader(name, value string) {
	w.delHeader(name)
	w.addHeader(name, value)
}

func (w *web) addHeader(name, value string) {
	w.checkHeader(name, value)
	w.keepHeader(node.Header{Name: textproto.CanonicalMIMEHeaderKey(name), Value: value})
}

// keepHeader adds a header to the answer, whoever gives it.
func (w *web) keepHeader(h node.Header) {
	w.takeRoom(h)
	w.header = append(w.header, h)
}

// takeRoom counts the bytes of a header; all together are bounded as a payload
// is.
func (w *web) takeRoom(h node.Header) {
	if w.headerBytes += headerSize(h); w.headerBytes > w.run.limits.PayloadBytes {
		w.headerBytes -= headerSize(h)
		w.run.throw(w.run.overSize("the header of the answer"))
	}
}

// headerSize is what a header takes on the wire.
func headerSize(h node.Header) int { return len(h.Name) + len(": \r\n") + len(h.Value) }

func (w *web) delHeader(name string) {
	name = textproto.CanonicalMIMEHeaderKey(name)
	kept := w.header[:0:0]
	for _, h := range w.header {
		if h.Name != name {
			kept = append(kept, h)
		} else {
			w.headerBytes -= headerSize(h)
		}
	}
	w.header = kept
}

// checkHeader refuses what would break out of a header line.
func (w *web) checkHeader(name, value string) {
	if name == "" || strings.ContainsFunc(name, notToken) {
		w.run.throwType("%q is not the name of a header", name)
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		w.run.throwType("the header %s cannot hold line breaks or control characters", name)
	}
}

// notToken reports whether a character may not stand in a header's name.
func notToken(r rune) bool {
	switch {
	case '0' <= r && r <= '9', 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z':
		return false
	}
	return !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}
