package mail

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// compose builds a mail. Faults are invalid, at the field of the node.
func (m *Mailer) compose(r node.MailRequest) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.address(msg, r); err != nil {
		return nil, err
	}
	if hasControl(r.Subject) {
		return nil, invalid("subject", "holds a line break or another control character")
	}
	msg.Subject(r.Subject)
	msg.SetDate()
	msg.SetMessageID()
	switch {
	case r.Text != "":
		msg.SetBodyString(gomail.TypeTextPlain, r.Text)
		if r.HTML != "" {
			msg.AddAlternativeString(gomail.TypeTextHTML, r.HTML)
		}
	case r.HTML != "":
		msg.SetBodyString(gomail.TypeTextHTML, r.HTML)
	default:
		return nil, invalid("text", "is missing; a mail needs text or html")
	}
	for _, a := range r.Attachments {
		if err := attach(msg, a); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

func (m *Mailer) address(msg *gomail.Msg, r node.MailRequest) error {
	from := r.From
	if from == "" {
		from = m.cfg.From
	}
	if from == "" {
		return invalid("from", "is missing, and there is no [mail] from either")
	}
	sender, err := addresses("from", []string{from})
	if err != nil {
		return err
	}
	if len(sender) != 1 {
		return invalid("from", "%q is not one mail address", from)
	}
	msg.FromMailAddress(sender[0])
	to, errTo := addresses("to", r.To)
	cc, errCC := addresses("cc", r.CC)
	bcc, errBCC := addresses("bcc", r.BCC)
	for _, err := range []error{errTo, errCC, errBCC} {
		if err != nil {
			return err
		}
	}
	if len(to)+len(cc)+len(bcc) == 0 {
		return invalid("to", "names no recipient")
	}
	msg.ToMailAddress(to...)
	msg.CcMailAddress(cc...)
	msg.BccMailAddress(bcc...)
	return nil
}

// addresses reads addresses, each text holding one or several with commas
// between; empty ones are passed over.
func addresses(field string, texts []string) ([]*mail.Address, error) {
	var all []*mail.Address
	for _, text := range texts {
		if strings.TrimSpace(text) == "" {
			continue
		}
		list, err := mail.ParseAddressList(text)
		if err != nil || hasControl(text) {
			return nil, invalid(field, "%q is not a mail address", text)
		}
		for _, a := range list {
			if hasControl(a.Address) || hasControl(a.Name) {
				return nil, invalid(field, "%q is not a mail address", text)
			}
		}
		all = append(all, list...)
	}
	return all, nil
}

func attach(msg *gomail.Msg, a node.Attachment) error {
	if a.Name == "" || hasControl(a.Name) {
		return invalid("attachments", "%q is not a name for an attachment", a.Name)
	}
	var options []gomail.FileOption
	if a.ContentType != "" {
		kind := contentType(a.ContentType)
		if kind == "" {
			return invalid("attachments", "%q of %q is not a content type", a.ContentType, a.Name)
		}
		options = append(options, gomail.WithFileContentType(gomail.ContentType(kind)))
	}
	msg.AttachReadSeeker(a.Name, bytes.NewReader(a.Content), options...)
	return nil
}

// contentType spells a content type anew, without a name, which the library adds
// itself; empty when it is none, or says the content has parts.
func contentType(s string) string {
	kind, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || hasControl(s) {
		return ""
	}
	delete(params, "name")
	return mime.FormatMediaType(kind, params)
}

// hasControl finds what could end a header line.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func invalid(field, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).AtField(field)
}
