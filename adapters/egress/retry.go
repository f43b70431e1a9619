package egress

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// worthRepeating reports whether the same call may well succeed a moment later.
func worthRepeating(r node.HTTPResult, err error) bool {
	if err != nil {
		code := fault.CodeOf(err)
		return code == fault.Upstream && !isPermanent(err) || code == fault.UpstreamTimeout
	}
	switch r.Status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusTooManyRequests:
		return retryAfter(r) != ""
	default:
		return false
	}
}

// pause is how long to wait after a try (0 = the first): what the server asks
// for, or else a random part, at least half, of a pause that doubles each time,
// so that many callers do not come back at once. ok is false when the server
// asks for more than we wait.
func (c *Client) pause(try int, r node.HTTPResult) (d time.Duration, ok bool) {
	if asked, ok := parseRetryAfter(retryAfter(r), time.Now()); ok {
		return asked, asked <= c.cfg.MaxRetryAfter
	}
	d = c.cfg.RetryBase << min(try, 20)
	if d <= 0 || d > c.cfg.RetryMax {
		d = c.cfg.RetryMax
	}
	return d/2 + rand.N(d/2+1), true //nolint:gosec // spreads load; nobody gains by guessing it
}

func retryAfter(r node.HTTPResult) string {
	for _, h := range r.Header {
		if h.Name == "Retry-After" {
			return strings.TrimSpace(h.Value)
		}
	}
	return ""
}

// parseRetryAfter reads seconds or an HTTP date.
func parseRetryAfter(s string, now time.Time) (time.Duration, bool) {
	const day = 24 * 60 * 60
	if seconds, err := strconv.ParseUint(s, 10, 64); err == nil {
		return time.Duration(min(seconds, day)) * time.Second, true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}

// wait is false when ctx ends before the pause does; if its deadline says so
// beforehand, it does not wait at all.
func wait(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
