package http

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Headers that tell clients how much they may still ask for. A bucket that
// counts a request is of an address, of a token or of a workflow; of several the
// answer names the one that is closest to a refusal.
const (
	limitHeader     = "X-Ratelimit-Limit" // canonical form of X-RateLimit-Limit
	remainingHeader = "X-Ratelimit-Remaining"
	resetHeader     = "X-Ratelimit-Reset"
	rateHeaders     = "X-Ratelimit-"
)

// counted notes what a bucket said of this request; the zero Allowance says
// nothing.
func (ex *exchange) counted(a policy.Allowance) {
	if a == (policy.Allowance{}) {
		return
	}
	if !ex.limited() || tighter(a, ex.allowance) {
		ex.allowance = a
	}
}

// tighter reports whether a is closer to a refusal than b, or takes longer to
// recover when both are as close.
func tighter(a, b policy.Allowance) bool {
	switch {
	case a.Allowed != b.Allowed:
		return !a.Allowed
	case a.Remaining != b.Remaining:
		return a.Remaining < b.Remaining
	default:
		return a.Full > b.Full
	}
}

// limited reports whether any bucket counted this request.
func (ex *exchange) limited() bool { return ex.allowance != policy.Allowance{} }

// ownRateHeader reports whether a header of a workflow would stand beside those
// of the server. Where no bucket counts, a workflow may use the names itself.
func (ex *exchange) ownRateHeader(name string) bool {
	return ex.limited() && strings.HasPrefix(name, rateHeaders)
}

// rateHeader sets the headers just before the answer begins.
func (ex *exchange) rateHeader(header http.Header) {
	if !ex.limited() {
		return
	}
	full := ex.s.deps.Clock.Now().Add(ex.allowance.Full + time.Second - 1) // rounded up: never full too early
	values := [...]string{
		strconv.Itoa(ex.allowance.Limit),
		strconv.Itoa(ex.allowance.Remaining),
		strconv.FormatInt(full.Unix(), 10),
	}
	header[limitHeader], header[remainingHeader], header[resetHeader] = values[0:1:1], values[1:2:2], values[2:3:3]
}
