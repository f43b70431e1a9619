package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestOneTimeCodes(t *testing.T) {
	answer := node.HTTPResult{}
	var sent node.HTTPRequest
	w := newStopped(t, applicationRows(t), func(_ *app.Deps, c *app.Config) {
		c.Features.Network = true
		c.Twilio = app.Twilio{Account: "AC1", Token: "secret", Service: "VA/1", URL: "https://otp.test/"}
	})
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.outside.http = func(_ context.Context, r node.HTTPRequest) (node.HTTPResult, error) {
		sent = r
		return answer, nil
	}
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	for _, tt := range []struct {
		name, function string
		args           []string
		status         int
		body           string
		want, url      string
	}{
		{"sent", "send_otp", []string{`"+34600"`}, 201, `{"status":"pending"}`, "true", "Verifications"},
		{"bad number", "send_otp", []string{`"x"`}, 400, `{"code":60200}`, "false", "Verifications"},
		{"right code", "check_otp", []string{`"+34600"`, `"123"`}, 200, `{"status":"approved"}`, "true", "VerificationCheck"},
		{"wrong code", "check_otp", []string{`"+34600"`, `"124"`}, 200, `{"status":"pending"}`, "false", "VerificationCheck"},
		{"code never sent", "check_otp", []string{`"+34600"`, `"124"`}, 404, `{"code":20404}`, "false", "VerificationCheck"},
		{"wrong account", "check_otp", []string{`"+34600"`, `"124"`}, 401, `{}`, "upstream_failed", "VerificationCheck"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			answer = node.HTTPResult{Status: tt.status, Body: []byte(tt.body)}
			if got := w.called(t, tt.function, tt.args...); !strings.HasPrefix(got, tt.want) || strings.Contains(got, "secret") {
				t.Errorf("gave %s, want %s", got, tt.want)
			}
			if want := "https://otp.test/v2/Services/VA%2F1/" + tt.url; sent.URL != want {
				t.Errorf("asked %s, want %s", sent.URL, want)
			}
		})
	}
}

func TestOneTimeCodesNeedAnAccount(t *testing.T) {
	w := newStopped(t, applicationRows(t), func(_ *app.Deps, c *app.Config) { c.Features.Network = true })
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "ANY", "/call", "output_1>a"), js("a", "call();", "")))
	for _, function := range []string{"send_otp", "check_otp"} {
		if got := w.called(t, function, `"+34600"`, `"1"`); !strings.HasPrefix(got, "feature_disabled") || !strings.Contains(got, "[twilio]") {
			t.Errorf("%s gave %s", function, got)
		}
	}
}
