package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// crowd is how many write at the same moment.
const crowd = 1000

func loadTests() []test {
	return []test{
		{"1,000 publishers of 50 workflows", manyPublishers},
		{"1,000 requests of 250 sessions", manySessions},
		{"1,000 values in 50 spaces", manyValues},
		{"a clock that goes back", timeGoesBack},
	}
}

// all runs fn for everybody at once and returns what went wrong.
func all(fn func(i int) error) error {
	errs := make([]error, crowd)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errors.Join(errs...)
}

func manyPublishers(t *testing.T, s Stores) {
	const ids = 50
	c := ctx(t)
	numbers := make([]int, crowd)
	must(t, all(func(i int) (err error) {
		w := ports.Workflow{ID: fmt.Sprint("w", i%ids), Document: fmt.Append(nil, i), Created: noon()}
		numbers[i], err = s.Writer.Put(c, w, ports.AnyVersion)
		return err
	}))
	for i, n := range numbers {
		w, err := s.Reader.Workflow(c, fmt.Sprint("w", i%ids), n)
		must(t, err)
		same(t, "document", string(w.Document), fmt.Sprint(i))
	}
	for i := range ids {
		infos, err := s.Reader.Versions(c, fmt.Sprint("w", i))
		must(t, err)
		same(t, "versions", len(infos), crowd/ids)
		same(t, "the last is active", infos[0].Active, true)
	}
	_, now, err := s.Changes.ChangedSince(c, 0)
	must(t, err)
	same(t, "revisions", now, int64(crowd))
}

// manySessions adds a mark to a session, again when somebody else was faster.
func manySessions(t *testing.T, s Stores) {
	const keys = 250
	c := ctx(t)
	must(t, all(func(i int) error { return mark(c, s, fmt.Sprint("k", i%keys), i) }))
	for i := range crowd {
		got, err := s.Sessions.Session(c, fmt.Sprint("k", i%keys), noon())
		must(t, err)
		if !strings.Contains(string(got.Values.Bytes()), fmt.Sprintf(`"%d"`, i)) {
			t.Errorf("mark %d is lost in %s", i, got.Values.Bytes())
		}
		same(t, "version", got.Version, crowd/keys)
	}
}

func mark(c context.Context, s Stores, key string, i int) error {
	for {
		found, err := s.Sessions.Session(c, key, noon())
		if fault.CodeOf(err) == fault.NotFound {
			found, err = session(key, 0, "{}"), nil
		}
		if err != nil {
			return err
		}
		marks := fmt.Sprintf(`{"%d":true`, i)
		if rest := strings.TrimPrefix(string(found.Values.Bytes()), "{"); rest != "}" {
			marks += "," + strings.TrimSuffix(rest, "}")
		}
		found.Values = payload.Trusted([]byte(marks + "}"))
		if _, err = s.Sessions.SaveSession(c, found); fault.CodeOf(err) != fault.Conflict {
			return err
		}
	}
}

func manyValues(t *testing.T, s Stores) {
	const spaces = 50
	c := ctx(t)
	must(t, all(func(i int) error {
		return s.Values.PutValue(c, fmt.Sprint("s", i%spaces), fmt.Sprint("k", i), text(fmt.Sprint(i)), crowd/spaces)
	}))
	for i := range crowd {
		v, err := s.Values.Value(c, fmt.Sprint("s", i%spaces), fmt.Sprint("k", i))
		must(t, err)
		same(t, "value", string(v.Bytes()), fmt.Sprintf(`"%d"`, i))
	}
	for i := range spaces {
		err := s.Values.PutValue(c, fmt.Sprint("s", i), "one more", text("v"), crowd/spaces)
		fails(t, "a full space", err, fault.LimitExceeded)
	}
}

// timeGoesBack reads after the clock was set back: what had expired is there again,
// unless somebody removed it meanwhile.
func timeGoesBack(t *testing.T, s Stores) {
	must(t, s.Tokens.PutToken(ctx(t), ports.Token{Hash: "h", Expires: noon()}))
	given := session("k", 0, "{}")
	given.Expires = noon()
	_, err := s.Sessions.SaveSession(ctx(t), given)
	must(t, err)
	for _, late := range []bool{true, false, true} {
		now := noon().Add(-1)
		if late {
			now = noon()
		}
		_, err := s.Tokens.Token(ctx(t), "h", now)
		same(t, fmt.Sprint("token expired at ", now), fault.CodeOf(err) == fault.NotFound, late)
		_, err = s.Sessions.Session(ctx(t), "k", now)
		same(t, fmt.Sprint("session expired at ", now), fault.CodeOf(err) == fault.NotFound, late)
	}
	n, err := s.Sessions.DropExpiredSessions(ctx(t), noon(), 999)
	must(t, err)
	same(t, "dropped", n, 1)
	_, err = s.Sessions.Session(ctx(t), "k", noon().Add(-1))
	fails(t, "dropped", err, fault.NotFound)
}
