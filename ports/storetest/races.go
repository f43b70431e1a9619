package storetest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// writers is how many compete in a race.
const writers = 64

// race runs fn in as many goroutines at the same moment and returns their
// errors by number.
func race(fn func(i int) error) []error {
	errs := make([]error, writers)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// winner checks that exactly one call succeeded and the others failed with code.
func winner(t *testing.T, errs []error, code fault.Code) int {
	t.Helper()
	won := -1
	for i, err := range errs {
		if err != nil {
			fails(t, fmt.Sprintf("loser %d", i), err, code)
			continue
		}
		if won >= 0 {
			t.Fatalf("both %d and %d won", won, i)
		}
		won = i
	}
	if won < 0 {
		t.Fatal("nobody won")
	}
	return won
}

func lostUpdates(t *testing.T, s Stores) {
	c := ctx(t)
	for version := range 3 {
		won := winner(t, race(func(i int) error {
			document := fmt.Appendf(nil, "round %d writer %d", version, i)
			n, err := s.Writer.Put(c, ports.Workflow{ID: "shop", Document: document}, version)
			if err == nil && n != version+1 {
				return fmt.Errorf("version %d, want %d", n, version+1)
			}
			return err
		}), fault.PreconditionFailed)
		got, err := s.Reader.Workflow(c, "shop", 0)
		must(t, err)
		same(t, "the winner's document", string(got.Document), fmt.Sprintf("round %d writer %d", version, won))
	}
	infos, err := s.Reader.Versions(c, "shop")
	must(t, err)
	same(t, "versions", len(infos), 3)
}

func anyVersionWriters(t *testing.T, s Stores) {
	c := ctx(t)
	var mu sync.Mutex
	given := map[int]string{}
	for _, err := range race(func(i int) error {
		document := fmt.Sprint("writer ", i)
		n, err := s.Writer.Put(c, ports.Workflow{ID: "shop", Document: []byte(document)}, ports.AnyVersion)
		mu.Lock()
		defer mu.Unlock()
		given[n] = document
		return err
	}) {
		must(t, err)
	}
	same(t, "numbers given", len(given), writers)
	for n, document := range given {
		got, err := s.Reader.Workflow(c, "shop", n)
		must(t, err)
		same(t, "document", string(got.Document), document)
	}
}
