package goja

import (
	"encoding/base64"
	"encoding/json"
	"mime"
	"net/http"
	"path"

	js "github.com/dop251/goja"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// readFile is the host function behind File, Attachment and Inline: name ->
// content as base64. It is not offered to scripts.
const readFile = "__read_file"

// fileMethods are the methods of c that answer with a file.
func fileMethods() map[string]contextMethod {
	return map[string]contextMethod{
		"File":       func(w *web, c js.FunctionCall) js.Value { return w.file(c, "") },
		"Attachment": func(w *web, c js.FunctionCall) js.Value { return w.file(c, "attachment") },
		"Inline":     func(w *web, c js.FunctionCall) js.Value { return w.file(c, "inline") },
	}
}

// file answers with a file of the host's; the second argument is the name the
// browser is told, when there is a disposition.
func (w *web) file(c js.FunctionCall, disposition string) js.Value {
	name := textOf(c.Argument(0))
	content := w.readFile(name)
	contentType := mime.TypeByExtension(path.Ext(name))
	if contentType == "" {
		contentType = http.DetectContentType(content)
	}
	var header []node.Header
	if disposition != "" {
		shown := textOf(c.Argument(1))
		if shown == "" {
			shown = path.Base(name)
		}
		value := mime.FormatMediaType(disposition, map[string]string{"filename": shown})
		header = append(header, node.Header{Name: "Content-Disposition", Value: value})
	}
	ok := js.FunctionCall{Arguments: []js.Value{w.run.vm.ToValue(http.StatusOK)}}
	return w.answer(ok, contentType, content, header...)
}

func (w *web) readFile(name string) []byte {
	r := w.run
	r.countHostCall()
	result, err := r.call.Host.Call(r.hostContext(), readFile, []payload.Value{payload.Text(name)})
	if err != nil {
		r.throw(err)
	}
	var encoded string
	if err := json.Unmarshal(result.Bytes(), &encoded); err != nil {
		r.throw(fault.Wrap(err, fault.Internal, "the file %q came in an unexpected form", name))
	}
	content, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		r.throw(fault.Wrap(err, fault.Internal, "the file %q came in an unexpected form", name))
	}
	return content
}
