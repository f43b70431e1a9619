package app

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/flow"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// visit is a tracker row before it is spelled out, which is not for the request to
// wait for.
type visit struct {
	request *trackedRequest
	node    *flow.Node
	next    *flow.Node // nil = none
	order   int
	took    time.Duration
	ended   time.Time
	user    string
	payload payload.Value
}

// trackedRequest is what the rows of one run share. It holds texts of the request
// and not the request, whose body may be large.
type trackedRequest struct {
	run, url                  string
	peer, client, agent, host string
	query                     string
}

// track hands a visited node to the tracker.
func (x *execution) track(e run.Visited, took time.Duration) {
	if x.tracker == nil {
		return
	}
	if x.tracked == nil {
		x.tracked = x.trackedRequest()
	}
	graph := x.published.graph
	v := visit{
		request: x.tracked, node: graph.Node(e.Node), order: x.visits, took: took, ended: x.Clock.Now(),
		user: x.session.username(),
	}
	if e.Next >= 0 {
		v.next = graph.Node(e.Next)
	}
	if size := len(e.Payload.Bytes()); x.cfg.Tracking.Payload && size <= x.cfg.Tracking.MaxPayload {
		v.payload = e.Payload
	}
	x.tracker.add(v)
}

func (x *execution) trackedRequest() *trackedRequest {
	r := &trackedRequest{run: x.id, url: x.endpoint}
	if x.in != nil {
		r.peer, r.client, r.host, r.query = x.in.PeerIP, x.in.RealIP, x.in.Host, x.in.RawQuery
		if agents := x.in.Header["User-Agent"]; len(agents) > 0 {
			r.agent = agents[0]
		}
	}
	return r
}

// size is that of the payload, in bytes.
func (v visit) size() int64 {
	if v.payload.IsZero() { // which reads as null
		return 0
	}
	return int64(len(v.payload.Bytes()))
}

func (v visit) row(hostname string) ports.TrackerRow {
	r := ports.TrackerRow{
		LogID: v.request.run, BoxID: v.node.ID, BoxName: v.node.Label, BoxType: v.node.Type,
		URL: v.request.url, Username: v.user, Duration: v.took, Created: v.ended, Order: v.order,
		IP: v.request.peer, RealIP: v.request.client, UserAgent: v.request.agent, QueryParam: v.request.query,
		Hostname: hostname, Host: v.request.host,
	}
	if v.next != nil {
		r.ConnectionNext = v.next.ID
	}
	if !v.payload.IsZero() {
		r.Payload = string(v.payload.Bytes())
	}
	return r
}
