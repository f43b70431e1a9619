package app

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// fileFunctions are file_to_string(name), string_to_file(name, text) and what
// c.File and its likes read through. They obey the file system switch and stay
// inside its one directory.
func fileFunctions() map[string]hostCall {
	return map[string]hostCall{
		"file_to_string": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "name")
			if err != nil {
				return payload.Value{}, err
			}
			if text, ok, err := h.templateFile(ctx, name); ok || err != nil {
				return text, err
			}
			content, err := h.readFile(a.function, name)
			return payload.Text(validText(content)), err
		},
		"string_to_file": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "name")
			if err != nil {
				return payload.Value{}, err
			}
			if err := h.cfg.Features.RequireFileSystem(a.function); err != nil {
				return payload.Value{}, err
			}
			if err := h.Files.Write(name, []byte(a.text(1))); err != nil {
				return payload.Value{}, err
			}
			return nothing()
		},
		"__read_file": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "name")
			if err != nil {
				return payload.Value{}, err
			}
			content, err := h.readFile("reading a file", name)
			return payload.Text(base64.StdEncoding.EncodeToString(content)), err
		},
	}
}

func (h *scriptHost) readFile(function, name string) ([]byte, error) {
	if err := h.cfg.Features.RequireFileSystem(function); err != nil {
		return nil, err
	}
	return h.Files.Read(name)
}

// templateFile answers the designer's modules, which read their templates as
// files of a folder templete or templates: those are stored templates here.
func (h *scriptHost) templateFile(ctx context.Context, name string) (payload.Value, bool, error) {
	folder, stored, ok := strings.Cut(strings.TrimPrefix(name, "./"), "/")
	if !ok || (folder != "templete" && folder != "templates") {
		return payload.Value{}, false, nil
	}
	for _, candidate := range []string{stored, strings.TrimSuffix(stored, ".html")} {
		t, err := h.library.template(ctx, candidate)
		if err == nil {
			return payload.Text(t.Content), true, nil
		}
		if fault.CodeOf(err) != fault.NotFound {
			return payload.Value{}, false, err
		}
	}
	if h.cfg.Features.FileSystem {
		return payload.Value{}, false, nil
	}
	return payload.Value{}, false, fault.New(fault.NotFound, "there is no template %q", stored)
}
