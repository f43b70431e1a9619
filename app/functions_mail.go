package app

import (
	"context"
	"path"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// mailFunctions are send_mail(to, subject, text, attachment, format) and
// send_mail_async, which returns at once. The attachment is a file name; format
// is "html" or anything else for plain text; scripts give these two in either
// order. The server is the operator's: mail_config says so.
func mailFunctions() map[string]hostCall {
	return map[string]hostCall{
		"send_mail": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			m, err := h.mailFrom(a)
			if err != nil {
				return payload.Value{}, err
			}
			if err := h.Mailer.Send(ctx, m); err != nil {
				return payload.Value{}, err
			}
			return nothing()
		},
		"send_mail_async": func(_ context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			m, err := h.mailFrom(a)
			if err != nil {
				return payload.Value{}, err
			}
			if err := h.sendLater(m); err != nil {
				return payload.Value{}, err
			}
			return nothing()
		},
		"mail_config": func(context.Context, *scriptHost, arguments) (payload.Value, error) {
			return payload.Value{}, fault.New(fault.Disabled, "mail_config: scripts cannot choose a mail server; the operator sets it in [mail]")
		},
	}
}

func (h *scriptHost) mailFrom(a arguments) (node.MailRequest, error) {
	var m node.MailRequest
	if err := h.cfg.Features.RequireNetwork(a.function); err != nil {
		return m, err
	}
	to, err := a.required(0, "to")
	if err != nil {
		return m, err
	}
	for one := range strings.SplitSeq(to, ",") {
		m.To = append(m.To, strings.TrimSpace(one))
	}
	m.Subject = a.text(1)
	attachment, format := a.text(3), a.text(4)
	if attachment == "html" || attachment == "plain" || attachment == "text" {
		attachment, format = format, attachment
	}
	if format == "html" {
		m.HTML = a.text(2)
	} else {
		m.Text = a.text(2)
	}
	if attachment != "" {
		content, err := h.readFile(a.function+" with an attachment", attachment)
		if err != nil {
			return m, err
		}
		m.Attachments = []node.Attachment{{Name: path.Base(attachment), Content: content}}
	}
	return m, nil
}

// sendLater hands a mail over beside the run. It counts as a run of its own, so
// that shutdown waits for it.
func (h *scriptHost) sendLater(m node.MailRequest) error {
	ctx, cancel := context.WithCancelCause(h.runs.base)
	id := h.id + "/mail/" + h.IDs.RunID()
	if err := h.runs.enter(id, liveRun{workflow: h.published.ID, cancel: cancel}); err != nil {
		cancel(nil)
		return err
	}
	go func() {
		defer h.runs.leave(id)
		defer cancel(nil)
		defer func() {
			if p := recover(); p != nil {
				h.logger().Warn("a mail could not be sent", "node", h.node.ID, "error", h.panicked(h.node.ID, p))
			}
		}()
		if err := h.Mailer.Send(ctx, m); err != nil {
			h.logger().Warn("a mail could not be sent", "node", h.node.ID, "error", err)
		}
	}()
	return nil
}
