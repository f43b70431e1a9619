package app

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// Twilio is a Twilio Verify service.
type Twilio struct {
	Account string
	Token   string
	Service string
	URL     string // such as https://verify.twilio.com
}

// otpFunctions are send_otp(phone), which sends a one-time code by SMS and gives
// whether it was accepted, and check_otp(phone, code), which gives whether the
// code is right. Without [twilio] both are refused: a check that always says yes
// would be no check.
func otpFunctions() map[string]hostCall {
	return map[string]hostCall{
		"send_otp": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			phone, err := a.required(0, "phone")
			if err != nil {
				return payload.Value{}, err
			}
			answer, err := h.askTwilio(ctx, a, "Verifications", url.Values{"To": {phone}, "Channel": {"sms"}})
			status, _ := answer.Field("status")
			return truth(status.String() == "pending"), err
		},
		"check_otp": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			phone, err := a.required(0, "phone")
			if err != nil {
				return payload.Value{}, err
			}
			code, err := a.required(1, "code")
			if err != nil {
				return payload.Value{}, err
			}
			answer, err := h.askTwilio(ctx, a, "VerificationCheck", url.Values{"To": {phone}, "Code": {code}})
			status, _ := answer.Field("status")
			return truth(status.String() == "approved"), err
		},
	}
}

// askTwilio gives the service's answer; null when it refused the request, as it
// does for a code that was never sent.
func (h *scriptHost) askTwilio(ctx context.Context, a arguments, resource string, form url.Values) (payload.Value, error) {
	t := h.cfg.Twilio
	if t.Account == "" {
		return payload.Value{}, fault.New(fault.Disabled, "%s needs a Twilio account; the operator sets it in [twilio]", a.function)
	}
	if err := h.cfg.Features.RequireNetwork(a.function); err != nil {
		return payload.Value{}, err
	}
	login := base64.StdEncoding.EncodeToString([]byte(t.Account + ":" + t.Token))
	result, err := h.callHTTP(ctx, node.HTTPRequest{
		Method: "POST",
		URL:    strings.TrimSuffix(t.URL, "/") + "/v2/Services/" + url.PathEscape(t.Service) + "/" + resource,
		Header: []node.Header{
			{Name: "Authorization", Value: "Basic " + login},
			{Name: "Content-Type", Value: "application/x-www-form-urlencoded"},
		},
		Body: []byte(form.Encode()),
	})
	if err != nil {
		return payload.Value{}, err
	}
	answer := result.(node.HTTPResult) //nolint:forcetypeassert // callHTTP gives nothing else
	if answer.Status == 401 || answer.Status == 403 || answer.Status >= 500 {
		f := fault.New(fault.Upstream, "%s: Twilio answered status %d", a.function, answer.Status)
		f.Status = answer.Status
		return payload.Value{}, f
	}
	if answer.Status >= 400 {
		return null(), nil
	}
	return payload.Parse(answer.Body)
}
