package plugintest

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Host is a host made of values, which remembers what it was asked. It is safe
// for concurrent use.
type Host struct {
	mu       sync.Mutex
	granted  plugin.Capabilities
	values   map[[2]string]json.RawMessage // by space and key
	secrets  map[string]string
	answers  map[string]plugin.FetchResponse // by method and URL
	failures map[string]*plugin.Error        // by method
	requests []plugin.FetchRequest
	lines    []Line
}

// Line is a line the plugin logged.
type Line struct {
	Level   string         `json:"level"`
	Message string         `json:"message"`
	Fields  map[string]any `json:"fields"`
}

func newHost(p *plugin.Plugin) *Host {
	both := func(a, b []string) []string { return slices.Concat(a, b) }
	c, o := p.Capabilities, p.Optional
	return &Host{
		granted: plugin.Capabilities{HTTP: both(c.HTTP, o.HTTP), KV: both(c.KV, o.KV), Secret: both(c.Secret, o.Secret)},
		values:  map[[2]string]json.RawMessage{}, secrets: map[string]string{},
		answers: map[string]plugin.FetchResponse{}, failures: map[string]*plugin.Error{},
	}
}

// Deny takes a capability away, as an operator may: kind is http, kv or secret.
func (h *Host) Deny(kind, name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := map[string]*[]string{"http": &h.granted.HTTP, "kv": &h.granted.KV, "secret": &h.granted.Secret}[kind]
	if list == nil {
		panic("plugintest: there is no capability " + kind + "; use http, kv or secret")
	}
	*list = slices.DeleteFunc(slices.Clone(*list), func(granted string) bool { return granted == name })
}

// Fail lets every call of a host method, such as "kv.get", fail; nil ends that.
func (h *Host) Fail(method string, err *plugin.Error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures[method] = err
}

// SetSecret gives a secret a value.
func (h *Host) SetSecret(name, value string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secrets[name] = value
}

// SetValue writes a value of the key-value store. It panics for what is no JSON.
func (h *Host) SetValue(space, key string, value any) {
	b, err := encode(value)
	if err != nil {
		panic("plugintest: " + err.Error())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.values[[2]string{space, key}] = b
}

// Value reads a value of the key-value store; false when there is none.
func (h *Host) Value(space, key string) (json.RawMessage, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	v, found := h.values[[2]string{space, key}]
	return v, found
}

// Answer says how the server at a URL answers a method. Other requests fail with
// unavailable.
func (h *Host) Answer(method, address string, r plugin.FetchResponse) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers[method+" "+address] = r
}

// Requests are the HTTP requests the plugin made.
func (h *Host) Requests() []plugin.FetchRequest {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.requests)
}

// Lines are the lines the plugin logged.
func (h *Host) Lines() []Line {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.lines)
}

// answer carries out a host call as nFlow would.
func (h *Host) answer(ctx context.Context, request wire.Frame) wire.Frame {
	var header wire.HostRequest
	if err := json.Unmarshal(request.Header, &header); err != nil {
		return wire.Failure(plugin.Errorf(plugin.InvalidArgument, "the header of the host call: %v", err))
	}
	if err := ctx.Err(); err != nil {
		return wire.Failure(plugin.Errorf(plugin.CodeOf(err), "%v", err))
	}
	result, err := h.carryOut(header.Method, request.Payload)
	if err == nil {
		var body json.RawMessage
		if body, err = json.Marshal(result); err == nil {
			return wire.Frame{Header: []byte("{}"), Payload: body}
		}
	}
	var typed *plugin.Error
	if !errors.As(err, &typed) {
		typed = plugin.Errorf(plugin.Internal, "%v", err)
	}
	return wire.Failure(typed)
}

// arguments are those of all methods.
type arguments struct {
	Space, Key string
	Value      json.RawMessage
	Name       string

	Method, URL, Body string
	Headers           map[string]string
	Base64            []byte `json:"body_base64"`

	Line
}

func (h *Host) carryOut(method wire.Method, raw json.RawMessage) (any, error) {
	var a arguments
	if err := json.Unmarshal(raw, &a); err != nil {
		return nil, plugin.Errorf(plugin.InvalidArgument, "the arguments of %s: %v", method, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.failures[string(method)]; err != nil {
		return nil, err
	}
	place := [2]string{a.Space, a.Key}
	switch method {
	case wire.KVGet, wire.KVSet, wire.KVDelete:
		if !slices.Contains(h.granted.KV, a.Space) {
			return nil, denied("kv", a.Space)
		}
		return h.value(method, place, a.Value), nil
	case wire.Secret:
		if !slices.Contains(h.granted.Secret, a.Name) {
			return nil, denied("secret", a.Name)
		}
		value, found := h.secrets[a.Name]
		if !found {
			return nil, plugin.Errorf(plugin.NotFound, "the secret %s has no value; use Host.SetSecret", a.Name)
		}
		return value, nil
	case wire.HTTP:
		return h.fetch(a)
	case wire.Log:
		h.lines = append(h.lines, a.Line)
		return nil, nil
	}
	return nil, plugin.Errorf(plugin.NotFound, "the host has no method %q", method)
}

func (h *Host) value(method wire.Method, place [2]string, value json.RawMessage) any {
	switch method {
	case wire.KVSet:
		h.values[place] = value
	case wire.KVDelete:
		delete(h.values, place)
	default:
		v, found := h.values[place]
		return map[string]any{"found": found, "value": v}
	}
	return nil
}

func (h *Host) fetch(a arguments) (any, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Host == "" {
		return nil, plugin.Errorf(plugin.InvalidArgument, "%q is no URL", a.URL)
	}
	if !slices.ContainsFunc(h.granted.HTTP, func(pattern string) bool { return permits(pattern, u) }) {
		return nil, denied("http", u.Hostname())
	}
	if a.Method == "" {
		a.Method = "GET"
	}
	body := []byte(a.Body)
	if a.Base64 != nil {
		body = a.Base64
	}
	h.requests = append(h.requests, plugin.FetchRequest{Method: a.Method, URL: a.URL, Headers: a.Headers, Body: body})
	answer, found := h.answers[a.Method+" "+a.URL]
	if !found {
		return nil, plugin.Errorf(plugin.Unavailable, "nobody answers %s %s; use Host.Answer", a.Method, a.URL)
	}
	if answer.Status == 0 {
		answer.Status = 200
	}
	out := map[string]any{"status": answer.Status, "headers": answer.Headers}
	if utf8.Valid(answer.Body) {
		out["body"] = string(answer.Body)
	} else {
		out["body_base64"] = answer.Body
	}
	return out, nil
}

// permits reports whether a pattern such as *.example.com covers the host of a
// URL.
func permits(pattern string, u *url.URL) bool {
	suffix, wild := strings.CutPrefix(pattern, "*")
	return pattern == u.Host || pattern == u.Hostname() || (wild && strings.HasSuffix(u.Hostname(), suffix))
}

func denied(kind, name string) error {
	return plugin.Errorf(plugin.PermissionDenied, "%s %s was not granted to the plugin", kind, name)
}
