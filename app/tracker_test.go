package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/arturoeanton/nflow-runtime/adapters/memory"
	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// rows is a tracker store that can be slow or away.
type rows struct {
	mu    sync.Mutex
	rows  []ports.TrackerRow
	sizes []int
	err   error
	gate  chan struct{} // when set, a write waits for it

	refused string // a User-Agent
}

func (r *rows) AppendTracker(ctx context.Context, batch []ports.TrackerRow) error {
	r.mu.Lock()
	gate := r.gate
	r.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return fault.Wrap(ctx.Err(), fault.Cancelled, "cancelled")
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	if err := r.refusing(batch); err != nil {
		return err
	}
	r.rows = append(r.rows, slices.Clone(batch)...)
	r.sizes = append(r.sizes, len(batch))
	return nil
}

// refusing takes no row with some text, nor any beside it.
func (r *rows) refusing(batch []ports.TrackerRow) error {
	for _, row := range batch {
		if r.refused != "" && row.UserAgent == r.refused {
			return fault.Wrap(errors.New("value too long"), fault.QueryFailed, "the database refuses a row")
		}
	}
	return nil
}

func (*rows) PruneTracker(context.Context, time.Time, int, int) (int, error) { return 0, nil }

func (r *rows) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
}

func (r *rows) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.rows)
}

func tracked(r *rows, change func(*app.Tracking)) func(*app.Deps, *app.Config) {
	return func(d *app.Deps, c *app.Config) {
		d.Tracker = r
		c.Tracking = app.Tracking{
			Enabled: true, Workers: 1, BatchSize: 2, FlushInterval: 250 * time.Millisecond, Buffer: 10, Payload: true, MaxPayload: 20,
			Hostname: "here",
		}
		if change != nil {
			change(&c.Tracking)
		}
	}
}

func TestTrackerRows(t *testing.T) {
	store := &rows{}
	w := newStopped(t, memory.Designer{}, tracked(store, nil))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.engine.calls("login();", "set_profile", `{"username":"ana"}`)
	w.engine.gives("big();", `"`+strings.Repeat("x", 30)+`"`)
	w.publish("x", doc(start("s", "POST", "/x", "output_1>a"), js("a", "login();", "output_1>b"), js("b", "big();", "output_1>r"),
		raw("r", `{"type":"response","body":"fine"}`, "")))
	in := get("/x?tok=1")
	in.Method, in.PeerIP, in.RealIP, in.Host = "POST", "10.0.0.1", "1.2.3.4", "shop.example"
	in.Header["User-Agent"] = []string{"curl"}
	out, err := w.Serve(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil { // what was accepted is written
		t.Fatal(err)
	}
	common := ports.TrackerRow{
		LogID: out.RunID, URL: "/x", Created: w.clock.Now(), IP: "10.0.0.1", RealIP: "1.2.3.4", UserAgent: "curl", QueryParam: "tok=1",
		Hostname: "here", Host: "shop.example",
	}
	want := []ports.TrackerRow{
		{BoxID: "s", BoxType: "httpstart", ConnectionNext: "a", Order: 1, Payload: `{"tok":"1"}`},
		{BoxID: "a", BoxName: "Box a", BoxType: "js", ConnectionNext: "b", Order: 2, Payload: `"undefined"`, Username: "ana"},
		{BoxID: "b", BoxName: "Box b", BoxType: "js", ConnectionNext: "r", Order: 3, Username: "ana"},
		{BoxID: "r", BoxType: "response", Order: 4, Username: "ana"},
	}
	for i := range want {
		row := common
		row.BoxID, row.BoxName, row.BoxType, row.ConnectionNext = want[i].BoxID, want[i].BoxName, want[i].BoxType, want[i].ConnectionNext
		row.Order, row.Payload, row.Username = want[i].Order, want[i].Payload, want[i].Username
		want[i] = row
	}
	if diff := cmp.Diff(want, store.rows); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !slices.Equal(store.sizes, []int{2, 2}) {
		t.Errorf("batches of %v", store.sizes)
	}
}

func TestTrackerLosesRowsInsteadOfTime(t *testing.T) {
	store := &rows{gate: make(chan struct{})}
	w := newStopped(t, memory.Designer{}, tracked(store, nil))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "GET", "/x", "output_1>r"), raw("r", `{"type":"response","body":"fine"}`, "")))
	for range 50 { // nobody writes, and nobody waits
		w.expect(get("/x"), "200 fine")
	}
	lost := w.counted("dropped tracker_rows")
	if lost < 100-10-2 || lost > 100-10 { // ten wait, up to two are being written
		t.Errorf("%d rows are lost", lost)
	}
	w.clock.tick(time.Minute)
	eventually(t, "a report", func() bool {
		return strings.Contains(w.logs.String(), fmt.Sprintf("tracker rows could not be written in time; see [tracker] channel_buffer, workers and batch_size\" dropped=%d", lost))
	})
	close(store.gate)
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := store.count() + lost; got != 100 {
		t.Errorf("%d rows are written or lost, want 100", got)
	}
}

func TestTrackerWaitsForItsStore(t *testing.T) {
	store := &rows{}
	w := newWorld(t, tracked(store, nil))
	w.publish("x", doc(start("s", "GET", "/x", "output_1>r"), raw("r", `{"type":"response","body":"fine"}`, "")))
	store.fail(fault.New(fault.Unavailable, "the database is away").Retry(1))
	w.expect(get("/x"), "200 fine")
	w.clock.tick(time.Minute)
	eventually(t, "a report", func() bool {
		w.clock.tick(time.Minute)
		return strings.Contains(w.logs.String(), "the database is away")
	})
	store.fail(nil)
	eventually(t, "the rows", func() bool {
		w.clock.tick(250 * time.Millisecond)
		return store.count() == 2
	})
	for i, err := range []error{
		fault.New(fault.QueryFailed, "no such column"), fault.New(fault.Unavailable, "the connection broke: nobody knows"), fault.New(fault.Cancelled, "too late"),
	} {
		store.fail(err)
		w.expect(get("/x"), "200 fine")
		eventually(t, "the loss", func() bool { return w.counted("dropped tracker_rows") == 2*(i+1) })
	}
}

// One visitor's odd text costs that visitor's rows alone.
func TestTrackerRefusesSingleRows(t *testing.T) {
	store := &rows{refused: "odd"}
	w := newStopped(t, memory.Designer{}, tracked(store, func(c *app.Tracking) { c.BatchSize, c.Buffer = 64, 64 }))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.publish("x", doc(start("s", "GET", "/x", "output_1>r"), raw("r", `{"type":"response","body":"fine"}`, "")))
	for i := range 20 {
		in := get("/x")
		if i == 7 {
			in.Header["User-Agent"] = []string{"odd"}
		}
		w.expect(in, "200 fine")
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if store.count() != 38 || w.counted("dropped tracker_rows") != 2 {
		t.Errorf("%d rows are written, %d lost", store.count(), w.counted("dropped tracker_rows"))
	}
	if !strings.Contains(w.logs.String(), "value too long") {
		t.Errorf("the log does not say why:\n%s", w.logs)
	}
}

func TestTrackerPayloadsHaveBounds(t *testing.T) {
	store := &rows{gate: make(chan struct{})}
	w := newStopped(t, memory.Designer{}, tracked(store, func(c *app.Tracking) { c.MaxPayload, c.Buffer, c.BatchSize = 40<<20, 100, 100 }))
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	big := payload.Text(strings.Repeat("x", 10<<20))
	w.engine.gives("big();", string(big.Bytes()))
	w.publish("x", doc(start("s", "GET", "/x", "output_1>a"), js("a", "big();", "")))
	for range 10 {
		if _, err := w.Serve(t.Context(), get("/x")); err != nil {
			t.Fatal(err)
		}
	}
	close(store.gate)
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	with := 0
	for _, row := range store.rows {
		if len(row.Payload) > 1<<20 {
			with++
		}
	}
	if len(store.rows) != 20 || with < 6 {
		t.Errorf("%d rows, %d with a payload", len(store.rows), with)
	}
}
