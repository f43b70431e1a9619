package node

import (
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// The bounds of a start node's rate limit. They keep the arithmetic of buckets
// exact, also where numbers are floating point: in a script of Redis.
const (
	maxRateRequests = 1_000_000
	minRateWindow   = time.Second
	maxRateWindow   = 720 * time.Hour
	maxRateFilling  = 366 * 24 * time.Hour
)

// RateLimit bounds how often requests may enter a workflow at a start node. The
// zero RateLimit bounds nothing.
type RateLimit struct {
	Rate      policy.Rate
	PerClient bool // each client has a bucket of its own; else all share one
}

// rateLimit reads a number, requests in a minute, or an object: requests,
// window (seconds, or a text such as "1m"), burst and per, ip or workflow.
func rateLimit(f *fields, name string) RateLimit {
	v, ok := f.get(name)
	if !ok {
		return RateLimit{}
	}
	limit := RateLimit{Rate: policy.Rate{Window: time.Minute}, PerClient: true}
	switch v.Kind() {
	case payload.Object:
		o := &fields{data: v}
		limit.read(o)
		adopt(f, name, o.faults)
	case payload.Number, payload.String:
		limit.Rate.Requests = f.number(name, 0, 1, maxRateRequests)
	default:
		f.wrong(name, `must be a number of requests in a minute, or an object such as {"requests": 100, "window": "1m"}; leave it out for no limit`)
	}
	if len(f.faults) > 0 {
		return RateLimit{}
	}
	return limit
}

func (l *RateLimit) read(o *fields) {
	for member := range o.data.Fields() {
		switch member {
		case "requests", "window", "burst", "per":
		default:
			o.wrong(member, "is unknown here; a rate limit has requests, window, burst and per")
		}
	}
	if l.Rate.Requests = o.number("requests", 0, 1, maxRateRequests); l.Rate.Requests == 0 {
		o.wrong("requests", "is missing; say how many requests may come in a window")
	}
	if window := o.duration("window"); window != 0 {
		l.Rate.Window = window
	}
	if l.Rate.Window < minRateWindow || l.Rate.Window > maxRateWindow {
		o.wrong("window", `must be from "1s" to "720h"`)
	}
	l.Rate.Burst = o.number("burst", 0, 1, maxRateRequests)
	l.PerClient = o.choice("per", "ip", "workflow") == "ip"
	if len(o.faults) == 0 && int64(l.Rate.Size())*l.Rate.Interval() > maxRateFilling.Microseconds() {
		o.wrong("burst", "a bucket of %d takes more than a year to fill at %s; lower burst or raise requests", l.Rate.Size(), l.Rate)
	}
}

// adopt takes over what is wrong with the members of a field.
func adopt(f *fields, name string, faults fault.List) {
	for _, one := range faults {
		f.add(one.AtField("data." + name + "." + strings.TrimPrefix(one.Field, "data.")))
	}
}
