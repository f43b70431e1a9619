package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func sessionTests() []test {
	return append(savedSessionTests(), test{"drop expired sessions", dropExpired})
}

// savedSessionTests are those that also a store passes which forgets expired
// sessions by itself.
func savedSessionTests() []test {
	return []test{
		{"sessions", sessions},
		{"a stale version is a conflict", staleSession},
		{"expiry", sessionExpiry},
		{"an expired session makes room", expiredMakesRoom},
		{"delete", deleteSession},
		{"64 writers: one wins each version", sessionRace},
	}
}

func session(key string, version int, values string) ports.Session {
	return ports.Session{
		Key: key, Version: version, Values: payload.Trusted([]byte(values)), Created: noon(), Expires: noon().Add(time.Hour),
	}
}

func sessions(t *testing.T, s Stores) {
	big, err := payload.From(map[string]string{"odd": odd(), "big": megabyte(), "zero": "\x00"})
	must(t, err)
	for version, values := range []string{`{}`, `{"nflow_form":{"a":1.50}}`, string(big.Bytes()), `{"a":"\u0000\ud800"}`} {
		given := session("k", version, values)
		n, err := s.Sessions.SaveSession(ctx(t), given)
		must(t, err)
		same(t, "version", n, version+1)
		got, err := s.Sessions.Session(ctx(t), "k", noon())
		must(t, err)
		given.Version = n
		same(t, "session", got, given)
	}
	for _, key := range []string{"", "K", "nobody", "k\x00"} {
		_, err := s.Sessions.Session(ctx(t), key, noon())
		fails(t, key, err, fault.NotFound)
	}
	for _, key := range []string{"", "k\x00"} {
		_, err := s.Sessions.SaveSession(ctx(t), session(key, 0, "{}"))
		fails(t, key, err, fault.Invalid)
	}
}

func staleSession(t *testing.T, s Stores) {
	save := func(version int) error {
		_, err := s.Sessions.SaveSession(ctx(t), session("k", version, fmt.Sprintf(`{"saved":%d}`, version)))
		return err
	}
	fails(t, "update of nothing", save(1), fault.Conflict)
	must(t, save(0))
	fails(t, "must not exist", save(0), fault.Conflict)
	must(t, save(1))
	for _, version := range []int{0, 1, 3} {
		fails(t, fmt.Sprint("version ", version), save(version), fault.Conflict)
	}
	got, err := s.Sessions.Session(ctx(t), "k", noon())
	must(t, err)
	same(t, "values", string(got.Values.Bytes()), `{"saved":1}`)
}

func sessionExpiry(t *testing.T, s Stores) {
	given := session("k", 0, "{}")
	_, err := s.Sessions.SaveSession(ctx(t), given)
	must(t, err)
	_, err = s.Sessions.Session(ctx(t), "k", given.Expires.Add(-time.Microsecond))
	must(t, err)
	_, err = s.Sessions.Session(ctx(t), "k", given.Expires)
	fails(t, "at its end", err, fault.NotFound)
	given.Version, given.Expires = 1, given.Expires.Add(time.Hour)
	_, err = s.Sessions.SaveSession(ctx(t), given)
	must(t, err)
	_, err = s.Sessions.Session(ctx(t), "k", noon().Add(time.Hour))
	must(t, err)
}

func expiredMakesRoom(t *testing.T, s Stores) {
	_, err := s.Sessions.SaveSession(ctx(t), session("k", 0, `{"old":true}`))
	must(t, err)
	next := session("k", 0, `{"new":true}`)
	next.Created = next.Expires.Add(-time.Microsecond)
	_, err = s.Sessions.SaveSession(ctx(t), next)
	fails(t, "still valid", err, fault.Conflict)
	next.Created, next.Expires = noon().Add(2*time.Hour), noon().Add(3*time.Hour)
	version, err := s.Sessions.SaveSession(ctx(t), next)
	must(t, err)
	if version < 2 {
		t.Errorf("version %d could be mistaken for the old session's", version)
	}
	got, err := s.Sessions.Session(ctx(t), "k", next.Created)
	must(t, err)
	same(t, "values", string(got.Values.Bytes()), `{"new":true}`)
}

func dropExpired(t *testing.T, s Stores) {
	for i := range 5 {
		given := session(fmt.Sprint(i), 0, "{}")
		given.Expires = noon().Add(time.Duration(i) * time.Minute)
		_, err := s.Sessions.SaveSession(ctx(t), given)
		must(t, err)
	}
	forever := session("forever", 0, "{}")
	forever.Expires = time.Time{}
	_, err := s.Sessions.SaveSession(ctx(t), forever)
	must(t, err)
	for _, want := range []int{2, 1, 0} {
		n, err := s.Sessions.DropExpiredSessions(ctx(t), noon().Add(2*time.Minute), 2)
		must(t, err)
		same(t, "dropped", n, want)
	}
	_, err = s.Sessions.Session(ctx(t), "2", noon())
	fails(t, "dropped", err, fault.NotFound)
	_, err = s.Sessions.Session(ctx(t), "3", noon())
	must(t, err)
	_, err = s.Sessions.Session(ctx(t), "forever", noon().AddDate(100, 0, 0))
	must(t, err)
}

func deleteSession(t *testing.T, s Stores) {
	_, err := s.Sessions.SaveSession(ctx(t), session("k", 0, "{}"))
	must(t, err)
	for _, key := range []string{"k", "k", "", "k\x00"} {
		must(t, s.Sessions.DeleteSession(ctx(t), key))
	}
	_, err = s.Sessions.Session(ctx(t), "k", noon())
	fails(t, "deleted", err, fault.NotFound)
	_, err = s.Sessions.SaveSession(ctx(t), session("k", 1, "{}"))
	fails(t, "a deleted session does not come back", err, fault.Conflict)
}

func sessionRace(t *testing.T, s Stores) {
	c := ctx(t)
	for version := range 3 {
		winner(t, race(func(i int) error {
			_, err := s.Sessions.SaveSession(c, session("k", version, fmt.Sprintf(`{"writer":%d}`, i)))
			return err
		}), fault.Conflict)
	}
}
