package ports

import (
	"context"
	"time"
)

// TrackerRow is a visited node, as the designer's table tracker keeps it. Empty
// texts are stored as such.
type TrackerRow struct {
	LogID          string // of the run
	BoxID          string // of the node
	BoxName        string // label of the node
	BoxType        string
	URL            string // path of the request
	Username       string // of the visitor's profile
	ConnectionNext string // id of the next node
	Duration       time.Duration
	Created        time.Time
	Order          int    // 1, 2, 3... within the run
	Payload        string // JSON, what the node handed on
	IP             string // of the peer
	RealIP         string // of the client, behind trusted proxies
	UserAgent      string
	QueryParam     string // the query, as it was sent
	Hostname       string // of this machine
	Host           string // as the request named it
}

// TrackerStore keeps tracker rows.
type TrackerStore interface {
	// AppendTracker stores rows, all or none.
	AppendTracker(ctx context.Context, rows []TrackerRow) error
	// PruneTracker deletes the oldest rows: those from before a time (zero = none)
	// and those beyond the newest keep (0 = none), at most so many. It says how many
	// it deleted; fewer than most means that it is done.
	PruneTracker(ctx context.Context, before time.Time, keep, most int) (int, error)
}
