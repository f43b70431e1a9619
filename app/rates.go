package app

import (
	"cmp"
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Rates is how often clients may call.
type Rates struct {
	Throttle policy.Throttle // of every client; zero = no limit
	Token    policy.Rate     // of every API token that has no rate of its own; zero = no limit
	Message  string          // of a refusal; empty = one that names the limit
	// Closed refuses requests while the limiter cannot be reached, instead of
	// letting them through.
	Closed bool
	Sweep  time.Duration // between two turns of Deps.Sweep
}

// The keys of the limits, as refusals name them.
const (
	clientLimit   = "rate_limit.ip_rate_limit"
	tokenLimit    = "rate_limit.token_rate_limit"
	workflowLimit = "data.rate_limit" // of the start node
)

// Admit implements ports.Doorkeeper.
func (r *Runtime) Admit(ctx context.Context, client, path string) (policy.Allowance, error) {
	bucket, limited := r.cfg.Rates.Throttle.Bucket(client, path)
	if !limited {
		return policy.Allowance{}, nil
	}
	return r.take(ctx, bucket, r.cfg.Rates.Throttle.Rate, clientLimit)
}

// admitResumed counts a request that goes on with a form when nobody did at the
// door: a form may go on below any path, also one that is not limited.
func (r *Runtime) admitResumed(ctx context.Context, in *ports.Inbound) (policy.Allowance, error) {
	if _, limited := r.cfg.Rates.Throttle.Bucket(in.RealIP, in.Path); limited {
		return policy.Allowance{}, nil
	}
	return r.Admit(ctx, in.RealIP, "")
}

// admitToken counts a use of an API token.
func (r *Runtime) admitToken(ctx context.Context, t ports.Token) (policy.Allowance, error) {
	rate := r.cfg.Rates.Token
	if t.PerMinute > 0 {
		rate = policy.Rate{Requests: t.PerMinute, Window: time.Minute}
	}
	if rate.Unlimited() {
		return policy.Allowance{}, nil
	}
	return r.take(ctx, "token:"+t.Hash, rate, tokenLimit)
}

// admitStart counts a request that enters a workflow at a start node.
func (r *Runtime) admitStart(ctx context.Context, p *published, start int, in *ports.Inbound) (policy.Allowance, error) {
	n := p.graph.Node(start)
	if n.Start == nil || n.Start.RateLimit.Rate.Unlimited() {
		return policy.Allowance{}, nil
	}
	bucket := "start:" + strconv.Quote(p.ID) + strconv.Quote(n.Flow) + strconv.Quote(n.ID)
	if n.Start.RateLimit.PerClient {
		bucket += clientOf(in)
	}
	a, err := r.take(ctx, bucket, n.Start.RateLimit.Rate, workflowLimit)
	if err != nil {
		err = fault.As(err).InWorkflow(p.ID).AtNode(n.ID)
	}
	return a, err
}

// take asks a bucket, and decides alone when nobody can be asked.
func (r *Runtime) take(ctx context.Context, bucket string, rate policy.Rate, key string) (policy.Allowance, error) {
	a, err := r.Limiter.Take(ctx, bucket, rate)
	if err == nil && r.uncounted.Load() && r.uncounted.Swap(false) {
		r.Log.Info("rate limits are counted again")
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return policy.Allowance{}, err
	case err != nil:
		r.Observer.Counted(ports.RateUnknown, key, 1)
		if !r.uncounted.Swap(true) {
			r.Log.Warn("rate limits cannot be counted for the time being; see rate_limit.on_backend_error", "closed", r.cfg.Rates.Closed, "error", err)
		}
		if r.cfg.Rates.Closed {
			return policy.Allowance{}, fault.Wrap(err, fault.Unavailable, "nobody can tell whether there were too many requests; try again").Retry(1)
		}
		return policy.Allowance{}, nil
	case !a.Allowed:
		r.Observer.Counted(ports.RateLimited, key, 1)
		message := cmp.Or(r.cfg.Rates.Message, "there were too many requests; "+rate.String()+" are allowed")
		return a, fault.New(fault.LimitExceeded, "%s", message).OverLimit(key).Retry(max(1, policy.Seconds(a.RetryAfter)))
	}
	return a, nil
}

// clientOf is what stands for the client of a request in the name of a bucket.
func clientOf(in *ports.Inbound) string {
	if in == nil {
		return "unknown"
	}
	addr, err := netip.ParseAddr(in.RealIP)
	if err != nil {
		return "unknown"
	}
	return policy.Client(addr)
}
