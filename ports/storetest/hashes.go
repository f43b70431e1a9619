package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// RunHashes runs the suite of hashes. open returns a store without any.
func RunHashes(t *testing.T, open func(t *testing.T) ports.Hashes) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, hashes ports.Hashes)
	}{
		{"fields", hashFields},
		{"setting leaves the others", otherFields},
		{"delete says how many there were", deleteFields},
		{"expiry", expireHash},
		{"an end at once", endHash},
		{"64 writers set their own fields", fieldRace},
		{"64 deleters: one counts the field", deleteRace},
		{"an ended context", endedHashes},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func field(t *testing.T, hashes ports.Hashes, key, name, want string) {
	t.Helper()
	got, err := hashes.Field(ctx(t), key, name)
	must(t, err)
	if got != want {
		t.Fatalf("field %q of %q: %d bytes %.40q, want %d bytes", name, key, len(got), got, len(want))
	}
}

func noField(t *testing.T, hashes ports.Hashes, key, name string) {
	t.Helper()
	_, err := hashes.Field(ctx(t), key, name)
	fails(t, fmt.Sprintf("field %q of %q", name, key), err, fault.NotFound)
}

func hashFields(t *testing.T, hashes ports.Hashes) {
	noField(t, hashes, "k", "f")
	names := []string{"", "f", "F", "á", odd(), "f\x00", "\xff", "{f}"}
	for _, key := range names {
		set := map[string]string{}
		for _, name := range names {
			set[name] = key + name + odd()
		}
		set["big"] = megabyte()
		set["empty"] = ""
		must(t, hashes.SetFields(ctx(t), key, set))
	}
	for _, key := range names {
		for _, name := range names {
			field(t, hashes, key, name, key+name+odd())
		}
		field(t, hashes, key, "big", megabyte())
		field(t, hashes, key, "empty", "")
		noField(t, hashes, key, "other")
	}
	noField(t, hashes, "other", "f")
}

func otherFields(t *testing.T, hashes ports.Hashes) {
	must(t, hashes.SetFields(ctx(t), "k", map[string]string{"a": "1", "b": "2"}))
	must(t, hashes.SetFields(ctx(t), "k", map[string]string{"b": "3", "c": "4"}))
	must(t, hashes.SetFields(ctx(t), "k", nil))
	must(t, hashes.SetFields(ctx(t), "nothing", map[string]string{}))
	for name, want := range map[string]string{"a": "1", "b": "3", "c": "4"} {
		field(t, hashes, "k", name, want)
	}
	there, err := hashes.ExpireHash(ctx(t), "nothing", time.Hour)
	must(t, err)
	same(t, "a hash without fields", there, false)
}

func deleted(t *testing.T, hashes ports.Hashes, want int, names ...string) {
	t.Helper()
	n, err := hashes.DeleteFields(ctx(t), "k", names)
	must(t, err)
	same(t, "deleted", n, want)
}

func deleteFields(t *testing.T, hashes ports.Hashes) {
	deleted(t, hashes, 0, "a")
	must(t, hashes.SetFields(ctx(t), "k", map[string]string{"a": "1", "b": "2", odd(): "3"}))
	deleted(t, hashes, 0)
	deleted(t, hashes, 0, "x", "")
	deleted(t, hashes, 2, "a", "x", odd())
	deleted(t, hashes, 0, "a")
	deleted(t, hashes, 1, "b", "b")
	noField(t, hashes, "k", "b")
	there, err := hashes.ExpireHash(ctx(t), "k", time.Hour)
	must(t, err)
	same(t, "a hash without fields", there, false)
}

func expireHash(t *testing.T, hashes ports.Hashes) {
	set := func(key string) { must(t, hashes.SetFields(ctx(t), key, map[string]string{"f": "1"})) }
	expire := func(key string, after time.Duration, want bool) {
		t.Helper()
		there, err := hashes.ExpireHash(ctx(t), key, after)
		must(t, err)
		same(t, "there was one", there, want)
	}
	expire("none", time.Hour, false)
	set("short")
	set("kept")
	expire("kept", 20*time.Millisecond, true)
	expire("kept", time.Hour, true)
	expire("short", time.Nanosecond, true)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := hashes.Field(ctx(t), "short", "f"); err != nil {
			fails(t, "expired", err, fault.NotFound)
			break
		}
		if time.Now().After(end) {
			t.Fatal("the hash is still there")
		}
	}
	expire("short", time.Hour, false)
	set("mark")
	expire("mark", 30*time.Millisecond, true)
	for {
		if _, err := hashes.Field(ctx(t), "mark", "f"); err != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	field(t, hashes, "kept", "f", "1")
}

func endHash(t *testing.T, hashes ports.Hashes) {
	for _, after := range []time.Duration{0, -1, -time.Hour} {
		must(t, hashes.SetFields(ctx(t), "k", map[string]string{"f": "1"}))
		for _, want := range []bool{true, false} {
			there, err := hashes.ExpireHash(ctx(t), "k", after)
			must(t, err)
			same(t, "there was one", there, want)
		}
		noField(t, hashes, "k", "f")
	}
}

func fieldRace(t *testing.T, hashes ports.Hashes) {
	c := ctx(t)
	for _, err := range race(func(i int) error {
		return hashes.SetFields(c, "k", map[string]string{fmt.Sprint(i): "own", "shared": fmt.Sprint(i)})
	}) {
		must(t, err)
	}
	for i := range writers {
		field(t, hashes, "k", fmt.Sprint(i), "own")
	}
	_, err := hashes.Field(c, "k", "shared")
	must(t, err)
}

func deleteRace(t *testing.T, hashes ports.Hashes) {
	c := ctx(t)
	must(t, hashes.SetFields(c, "k", map[string]string{"f": "1", "g": "2"}))
	counts := make([]int, writers)
	for _, err := range race(func(i int) (err error) {
		counts[i], err = hashes.DeleteFields(c, "k", []string{"f"})
		return err
	}) {
		must(t, err)
	}
	total := 0
	for _, n := range counts {
		total += n
	}
	same(t, "deleted by all", total, 1)
}

func endedHashes(t *testing.T, hashes ports.Hashes) {
	must(t, hashes.SetFields(ctx(t), "k", map[string]string{"f": "1"}))
	for name, ended := range endedContexts(t) {
		_, err := hashes.Field(ended, "k", "f")
		fails(t, name+" read", err, fault.Cancelled)
		fails(t, name+" set", hashes.SetFields(ended, "k", map[string]string{"f": "2"}), fault.Cancelled)
		_, err = hashes.DeleteFields(ended, "k", []string{"f"})
		fails(t, name+" delete", err, fault.Cancelled)
		_, err = hashes.ExpireHash(ended, "k", 0)
		fails(t, name+" expire", err, fault.Cancelled)
	}
	field(t, hashes, "k", "f", "1")
}
