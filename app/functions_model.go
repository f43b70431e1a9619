package app

import (
	"context"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// modelFunctions ask language models: openai(key, system, prompt, model, data),
// ollama(base, system, prompt, model, data) and gemini(key, prompt, model,
// data). Prompts are mustache templates over data; the answer is a text. They
// obey the network switch and the egress list.
func modelFunctions() map[string]hostCall {
	return map[string]hostCall{"openai": askOpenAI, "ollama": askOllama, "gemini": askGemini}
}

func askOpenAI(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
	messages, err := h.chat(ctx, a, 1, 2, 4)
	if err != nil {
		return payload.Value{}, err
	}
	header := []node.Header{{Name: "Authorization", Value: "Bearer " + a.text(0)}}
	body := map[string]any{"model": a.text(3), "messages": messages}
	return h.askModel(ctx, a, "https://api.openai.com/v1/chat/completions", header, body, "choices", "0", "message", "content")
}

func askOllama(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
	messages, err := h.chat(ctx, a, 1, 2, 4)
	if err != nil {
		return payload.Value{}, err
	}
	base := strings.TrimSuffix(a.text(0), "/")
	if base == "" {
		base = "http://localhost:11434"
	}
	body := map[string]any{"model": a.text(3), "messages": messages, "stream": false}
	return h.askModel(ctx, a, base+"/api/chat", nil, body, "message", "content")
}

func askGemini(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
	prompt, err := h.prompt(ctx, a, 1, 3)
	if err != nil {
		return payload.Value{}, err
	}
	target := "https://generativelanguage.googleapis.com/v1beta/models/" + url.PathEscape(a.text(2)) + ":generateContent"
	header := []node.Header{{Name: "X-Goog-Api-Key", Value: a.text(0)}}
	body := map[string]any{"contents": []any{map[string]any{"parts": []any{map[string]any{"text": prompt}}}}}
	return h.askModel(ctx, a, target, header, body, "candidates", "0", "content", "parts", "0", "text")
}

// chat makes the messages of a conversation; an empty system text is left out.
func (h *scriptHost) chat(ctx context.Context, a arguments, systemAt, promptAt, dataAt int) ([]map[string]string, error) {
	var messages []map[string]string
	system, err := h.prompt(ctx, a, systemAt, dataAt)
	if err != nil {
		return nil, err
	}
	if system != "" {
		messages = append(messages, map[string]string{"role": "system", "content": system})
	}
	prompt, err := h.prompt(ctx, a, promptAt, dataAt)
	if err != nil {
		return nil, err
	}
	return append(messages, map[string]string{"role": "user", "content": prompt}), nil
}

func (h *scriptHost) prompt(ctx context.Context, a arguments, textAt, dataAt int) (string, error) {
	return h.Renderer.Render(ctx, node.Mustache, a.text(textAt), payload.Merge(a.at(dataAt), payload.EmptyObject()))
}

func (h *scriptHost) askModel(ctx context.Context, a arguments, target string, header []node.Header, body any, answerAt ...string) (payload.Value, error) {
	if err := h.cfg.Features.RequireNetwork(a.function); err != nil {
		return payload.Value{}, err
	}
	encoded, err := payload.From(body)
	if err != nil {
		return payload.Value{}, err
	}
	header = append(header, node.Header{Name: "Content-Type", Value: "application/json"})
	result, err := h.callHTTP(ctx, node.HTTPRequest{Method: "POST", URL: target, Header: header, Body: encoded.Bytes()})
	if err != nil {
		return payload.Value{}, err
	}
	answer := result.(node.HTTPResult) //nolint:forcetypeassert // callHTTP gives nothing else
	if answer.Status != 200 {
		f := fault.New(fault.Upstream, "%s: the model answered status %d", a.function, answer.Status)
		f.Status = answer.Status
		return payload.Value{}, f
	}
	parsed, err := payload.Parse(answer.Body)
	if err != nil {
		return payload.Value{}, fault.New(fault.Upstream, "%s: the model did not answer in JSON", a.function)
	}
	text, ok := parsed.Lookup(answerAt...)
	if !ok || text.String() == "" {
		return payload.Value{}, fault.New(fault.Upstream, "%s: the model's answer is empty", a.function)
	}
	return text, nil
}
