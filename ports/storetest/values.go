package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

func valueTests() []test {
	return []test{
		{"values come back", values},
		{"unknown and bad keys", badValues},
		{"a full space", fullSpace},
		{"64 writers do not overfill a space", fillRace},
		{"64 writers of one key make one", oneKeyRace},
		{"writers and deleters leave a true count", countRace},
		{"nothing is shared with the caller", valueAliases},
	}
}

func text(s string) payload.Value { return payload.Text(s) }

func values(t *testing.T, s Stores) {
	for space, key := range map[string]string{"a": "k", odd(): odd(), "b": strings.Repeat("k", 512), strings.Repeat("s", 512): "k"} {
		for _, v := range []payload.Value{text(odd()), text(megabyte()), payload.Trusted([]byte(`{"a":[1,null,"\u0000"]}`)), {}} {
			must(t, s.Values.PutValue(ctx(t), space, key, v, 1))
			got, err := s.Values.Value(ctx(t), space, key)
			must(t, err)
			same(t, key, string(got.Bytes()), string(v.Bytes()))
		}
	}
	must(t, s.Values.PutValue(ctx(t), "other", "k", text("another space"), 1))
	must(t, s.Values.DeleteValue(ctx(t), "a", "k"))
	_, err := s.Values.Value(ctx(t), "a", "k")
	fails(t, "deleted", err, fault.NotFound)
	_, err = s.Values.Value(ctx(t), "other", "k")
	must(t, err)
}

func badValues(t *testing.T, s Stores) {
	must(t, s.Values.PutValue(ctx(t), "s", "k", text("v"), 9))
	for _, pair := range [][2]string{{"", "k"}, {"s", ""}, {"S", "k"}, {"s", "K"}, {"s\x00", "k"}, {"s", "k\xff"}} {
		_, err := s.Values.Value(ctx(t), pair[0], pair[1])
		fails(t, fmt.Sprintf("%q", pair), err, fault.NotFound)
		must(t, s.Values.DeleteValue(ctx(t), pair[0], pair[1]))
	}
	long := strings.Repeat("k", 513)
	for _, pair := range [][2]string{{"", "k"}, {"s", ""}, {"s\x00", "k"}, {"s", "k\xff"}, {long, "k"}, {"s", long}} {
		fails(t, fmt.Sprintf("%q", pair), s.Values.PutValue(ctx(t), pair[0], pair[1], text("v"), 9), fault.Invalid)
	}
}

func fullSpace(t *testing.T, s Stores) {
	fails(t, "no room at all", s.Values.PutValue(ctx(t), "s", "a", text("1"), 0), fault.LimitExceeded)
	must(t, s.Values.PutValue(ctx(t), "s", "a", text("1"), 2))
	must(t, s.Values.PutValue(ctx(t), "s", "b", text("1"), 2))
	for range 3 {
		fails(t, "full", s.Values.PutValue(ctx(t), "s", "c", text("1"), 2), fault.LimitExceeded)
	}
	must(t, s.Values.PutValue(ctx(t), "s", "a", text("2"), 1))
	must(t, s.Values.PutValue(ctx(t), "another", "c", text("1"), 2))
	_, err := s.Values.Value(ctx(t), "s", "c")
	fails(t, "refused", err, fault.NotFound)
	for range 2 {
		must(t, s.Values.DeleteValue(ctx(t), "s", "a"))
	}
	must(t, s.Values.PutValue(ctx(t), "s", "c", text("1"), 2))
	fails(t, "full again", s.Values.PutValue(ctx(t), "s", "d", text("1"), 2), fault.LimitExceeded)
}

func fillRace(t *testing.T, s Stores) {
	const room = 10
	c := ctx(t)
	stored := 0
	for i, err := range race(func(i int) error { return s.Values.PutValue(c, "s", fmt.Sprint(i), text("v"), room) }) {
		if err == nil {
			stored++
			continue
		}
		fails(t, fmt.Sprint("writer ", i), err, fault.LimitExceeded)
	}
	same(t, "keys", stored, room)
}

func oneKeyRace(t *testing.T, s Stores) {
	c := ctx(t)
	for _, err := range race(func(i int) error { return s.Values.PutValue(c, "s", "k", text(fmt.Sprint(i)), 1) }) {
		must(t, err)
	}
	_, err := s.Values.Value(c, "s", "k")
	must(t, err)
	must(t, s.Values.PutValue(c, "s", "l", text("v"), 2))
}

func countRace(t *testing.T, s Stores) {
	c := ctx(t)
	for _, err := range race(func(i int) error {
		key := fmt.Sprint(i % 4)
		if i%3 == 0 {
			return s.Values.DeleteValue(c, "s", key)
		}
		return s.Values.PutValue(c, "s", key, text("v"), 4)
	}) {
		must(t, err)
	}
	for i := range 4 {
		must(t, s.Values.DeleteValue(c, "s", fmt.Sprint(i)))
	}
	must(t, s.Values.PutValue(c, "s", "only", text("v"), 1))
	fails(t, "one more", s.Values.PutValue(c, "s", "more", text("v"), 1), fault.LimitExceeded)
}

func valueAliases(t *testing.T, s Stores) {
	b := []byte(`"mine"`)
	must(t, s.Values.PutValue(ctx(t), "s", "k", payload.Trusted(b), 1))
	b[1] = 'X'
	got, err := s.Values.Value(ctx(t), "s", "k")
	must(t, err)
	same(t, "value", string(got.Bytes()), `"mine"`)
}
