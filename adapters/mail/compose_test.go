package mail_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/mail"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func newMailer(t testing.TB, cfg mail.Config) *mail.Mailer {
	t.Helper()
	cfg.Enabled = true
	if cfg.Host == "" {
		cfg.Host = "127.0.0.1"
	}
	if cfg.From == "" {
		cfg.From = "nFlow Runtime <nflow@example.com>"
	}
	m, err := mail.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func simple() node.MailRequest {
	return node.MailRequest{To: []string{"ana@example.com"}, Subject: "Hi", Text: "hello"}
}

// part is a leaf of a MIME tree.
type part struct{ kind, disposition, name, body string }

// parts reads a mail with the standard library, not with the one that wrote it.
func parts(t *testing.T, data string) (netmail.Header, []part) {
	t.Helper()
	msg, err := netmail.ReadMessage(strings.NewReader(data))
	if err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return msg.Header, leaves(t, msg.Header.Get, msg.Body)
}

func leaves(t *testing.T, header func(string) string, body io.Reader) []part {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		out := []part{{kind: kind}}
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return out
			}
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, leaves(t, p.Header.Get, p)...)
		}
	}
	disposition, names, _ := mime.ParseMediaType(header("Content-Disposition"))
	switch header("Content-Transfer-Encoding") {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := new(mime.WordDecoder).DecodeHeader(names["filename"])
	return []part{{kind, disposition, name, string(text)}}
}

func TestMailArrivesAsWritten(t *testing.T) {
	s := start(t, options{})
	m := newMailer(t, mail.Config{Port: s.port})
	binary := string([]byte{0, 1, 2, 0xff, '\r', '\n', '.', '\r', '\n'})
	err := m.Send(t.Context(), node.MailRequest{
		To:      []string{"Ana Gómez <ana@example.com>", " ", "b@example.com, c@example.com"},
		CC:      []string{"d@example.com"},
		BCC:     []string{"hidden@example.com"},
		Subject: "Año nuevo: ¡feliz! " + strings.Repeat("x", 200),
		Text:    "línea 1\n.\n..dots\nFrom here",
		HTML:    "<p>línea</p>",
		Attachments: []node.Attachment{
			{Name: "información \"a\".bin", Content: []byte(binary)},
			{Name: "data.pdf", ContentType: "application/pdf", Content: []byte("pdf")},
			{Name: "t.txt", ContentType: "text/plain; charset=utf-8", Content: []byte("é")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.last(t)
	if got.from != "nflow@example.com" || strings.Join(got.to, " ") != "ana@example.com b@example.com c@example.com d@example.com hidden@example.com" {
		t.Errorf("envelope: %s to %v", got.from, got.to)
	}
	if strings.Contains(got.data, "hidden") {
		t.Error("the blind copy shows")
	}
	header, tree := parts(t, got.data)
	decode := func(name string) string {
		text, err := new(mime.WordDecoder).DecodeHeader(header.Get(name))
		if err != nil {
			t.Error(err)
		}
		return text
	}
	if got := decode("Subject"); got != "Año nuevo: ¡feliz! "+strings.Repeat("x", 200) {
		t.Errorf("subject: %q", got)
	}
	if got := decode("To"); !strings.Contains(got, "Ana Gómez") {
		t.Errorf("to: %q", got)
	}
	if header.Get("Date") == "" || header.Get("Message-Id") == "" || header.Get("User-Agent")+header.Get("X-Mailer") != "" {
		t.Errorf("header: %v", header)
	}
	want := []part{
		{kind: "multipart/mixed"}, {kind: "multipart/alternative"},
		{"text/plain", "", "", "línea 1\r\n.\r\n..dots\r\nFrom here"},
		{"text/html", "", "", "<p>línea</p>"},
		{"application/octet-stream", "attachment", "información _a_.bin", binary},
		{"application/pdf", "attachment", "data.pdf", "pdf"},
		{"text/plain", "attachment", "t.txt", "é"},
	}
	if len(tree) != len(want) {
		t.Fatalf("parts: %q", tree)
	}
	for i := range want {
		if tree[i] != want[i] {
			t.Errorf("part %d: got %q, want %q", i, tree[i], want[i])
		}
	}
}

func TestOnlyHTML(t *testing.T) {
	s := start(t, options{})
	r := simple()
	r.Text, r.HTML, r.From = "", "<b>hi</b>", "Other <other@example.com>"
	if err := newMailer(t, mail.Config{Port: s.port}).Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	_, tree := parts(t, s.last(t).data)
	if len(tree) != 1 || tree[0] != (part{kind: "text/html", body: "<b>hi</b>\r\n"}) || s.last(t).from != "other@example.com" {
		t.Errorf("got %q from %s", tree, s.last(t).from)
	}
}

func TestBadMailsAreRefused(t *testing.T) {
	s := start(t, options{})
	m := newMailer(t, mail.Config{Port: s.port})
	for _, tt := range []struct {
		name, field, says string
		change            func(*node.MailRequest)
	}{
		{"no recipient", "to", "no recipient", func(r *node.MailRequest) { r.To = []string{""} }},
		{"bad recipient", "to", `"ana" is not a mail address`, func(r *node.MailRequest) { r.To = []string{"ana"} }},
		{"bad copy", "cc", `"b@"`, func(r *node.MailRequest) { r.CC = []string{"b@"} }},
		{"bad blind copy", "bcc", `"c d"`, func(r *node.MailRequest) { r.BCC = []string{"ok@example.com", "c d"} }},
		{"bad sender", "from", `"x"`, func(r *node.MailRequest) { r.From = "x" }},
		{"two senders", "from", "one mail address", func(r *node.MailRequest) { r.From = "a@example.com, b@example.com" }},
		{"injected recipient", "to", "not a mail address", func(r *node.MailRequest) { r.To = []string{"a@example.com\r\nBcc: x@example.com"} }},
		{"injected name", "to", "not a mail address", func(r *node.MailRequest) { r.To = []string{"\"A\r\nBcc: x@example.com\" <a@example.com>"} }},
		{"folded name", "to", "not a mail address", func(r *node.MailRequest) { r.To = []string{"A\r\n B <a@example.com>"} }},
		{"injected command", "to", "not a mail address", func(r *node.MailRequest) { r.To = []string{"<a@example.com>\r\nRCPT TO:<x@example.com>"} }},
		{"injected subject", "subject", "line break", func(r *node.MailRequest) { r.Subject = "Hi\r\nBcc: x@example.com" }},
		{"line feed in the subject", "subject", "line break", func(r *node.MailRequest) { r.Subject = "Hi\n\nbody" }},
		{"no body", "text", "needs text or html", func(r *node.MailRequest) { r.Text = "" }},
		{"unnamed attachment", "attachments", "not a name", func(r *node.MailRequest) { r.Attachments = []node.Attachment{{}} }},
		{"injected attachment", "attachments", "not a name", func(r *node.MailRequest) { r.Attachments = []node.Attachment{{Name: "a\r\nX: y"}} }},
		{"bad content type", "attachments", "not a content type", func(r *node.MailRequest) {
			r.Attachments = []node.Attachment{{Name: "a", ContentType: "text/plain\r\nX: y"}}
		}},
		{"half a content type", "attachments", "not a content type", func(r *node.MailRequest) {
			r.Attachments = []node.Attachment{{Name: "a", ContentType: "plain"}}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := simple()
			tt.change(&r)
			f := fault.As(m.Send(t.Context(), r))
			if f == nil || f.Code != fault.Invalid || f.Field != tt.field || !strings.Contains(f.Message, tt.says) {
				t.Errorf("got %#v, want field %s and %q", f, tt.field, tt.says)
			}
		})
	}
	if n := s.count(); n > 0 {
		t.Errorf("%d mails were sent", n)
	}
}

// FuzzHeaders checks that no text of a mail gets out of its place: whatever is
// accepted arrives as one mail with one recipient and the headers it should have.
func FuzzHeaders(f *testing.F) {
	f.Add("Hi\r\nBcc: x@example.com", "A <a@example.com>", "a\"; x=\"b.txt", "text/plain; name=\"x\"")
	f.Add("=?utf-8?q?=0d=0aBcc:_x?=", "\"=?utf-8?q?=0d=0aX:_y?=\" <a@example.com>", "=?utf-8?q?=0d=0a?=", "a/b; c=d")
	s := start(f, options{})
	m := newMailer(f, mail.Config{Port: s.port})
	f.Fuzz(func(t *testing.T, subject, to, name, kind string) {
		before := s.count()
		err := m.Send(t.Context(), node.MailRequest{To: []string{to}, Subject: subject, Text: "x",
			Attachments: []node.Attachment{{Name: name, ContentType: kind}}})
		if err != nil {
			return
		}
		header, tree := parts(t, s.last(t).data)
		for key := range header {
			switch key {
			case "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To":
			default:
				t.Errorf("header %s appeared in %q", key, s.last(t).data)
			}
		}
		if n := s.count() - before; len(tree) != 3 || n != 1 {
			t.Errorf("%d mails, parts %q", n, tree)
		}
	})
}
