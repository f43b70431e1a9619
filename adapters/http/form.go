package http

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// parseForm fills Form and Files from a form body and leaves other bodies alone.
// It fails with code malformed for a broken form, too_large for one with more
// than MaxFormParts fields and files; their bytes are bounded with the body.
func (s *Server) parseForm(in *ports.Inbound) error {
	if len(in.Body) == 0 {
		return nil
	}
	kind := http.Header(in.Header).Get("Content-Type")
	switch {
	case hasPrefixFold(kind, "application/x-www-form-urlencoded"):
		return s.parseURLEncoded(in)
	case hasPrefixFold(kind, "multipart/form-data"):
		return s.parseMultipart(in, kind)
	default:
		return nil
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func (s *Server) parseURLEncoded(in *ports.Inbound) error {
	if bytes.Count(in.Body, []byte{'&'}) >= s.cfg.MaxFormParts {
		return s.tooManyParts()
	}
	form, err := url.ParseQuery(string(in.Body))
	if err != nil {
		return fault.Wrap(err, fault.Malformed, "the form body is not properly URL-encoded")
	}
	in.Form = form
	return nil
}

func (s *Server) parseMultipart(in *ports.Inbound, kind string) error {
	_, params, err := mime.ParseMediaType(kind)
	if err != nil || params["boundary"] == "" {
		return fault.New(fault.Malformed, "the Content-Type of the form has no usable boundary")
	}
	in.Form = url.Values{}
	reader := multipart.NewReader(bytes.NewReader(in.Body), params["boundary"])
	for n := 0; ; n++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenForm(err)
		}
		if n == s.cfg.MaxFormParts {
			return s.tooManyParts()
		}
		if err := addPart(in, part); err != nil {
			return err
		}
	}
}

// addPart keeps a part as a file when it names one, else as a field.
func addPart(in *ports.Inbound, part *multipart.Part) error {
	name := part.FormName()
	if name == "" {
		return nil
	}
	content, err := io.ReadAll(part)
	if err != nil {
		return brokenForm(err)
	}
	file := part.FileName()
	if file == "" {
		in.Form.Add(name, string(content))
		return nil
	}
	in.Files = append(in.Files, ports.FormFile{
		Field:       name,
		Name:        printable(file[strings.LastIndexByte(file, '\\')+1:]), // some browsers send Windows paths
		ContentType: part.Header.Get("Content-Type"),
		Content:     content,
	})
	return nil
}

func brokenForm(err error) error {
	return fault.Wrap(err, fault.Malformed, "the multipart form is broken or cut short")
}

func (s *Server) tooManyParts() error {
	return fault.New(fault.TooLarge, "the form has more than %d fields and files", s.cfg.MaxFormParts).
		OverLimit("server.max_form_parts")
}
