package storetest

import (
	"fmt"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func settingTests() []test {
	return []test{
		{"the first value stays", firstValueStays},
		{"unknown and bad keys", badSettings},
		{"64 writers agree on one value", settingRace},
	}
}

func firstValueStays(t *testing.T, s Stores) {
	for key, value := range map[string]string{"a": "1", odd(): odd(), "big": megabyte(), "empty": ""} {
		for _, try := range []string{value, "another"} {
			got, err := s.Settings.PutSettingIfAbsent(ctx(t), key, try)
			must(t, err)
			same(t, key, got, value)
		}
		got, err := s.Settings.Setting(ctx(t), key)
		must(t, err)
		same(t, key, got, value)
	}
}

func badSettings(t *testing.T, s Stores) {
	for _, key := range []string{"", "nobody", "a\x00"} {
		_, err := s.Settings.Setting(ctx(t), key)
		fails(t, key, err, fault.NotFound)
	}
	for _, pair := range [][2]string{{"", "v"}, {"a\x00", "v"}, {"k", "\xff"}} {
		_, err := s.Settings.PutSettingIfAbsent(ctx(t), pair[0], pair[1])
		fails(t, pair[0], err, fault.Invalid)
	}
}

func settingRace(t *testing.T, s Stores) {
	c := ctx(t)
	got := make([]string, writers)
	for _, err := range race(func(i int) (err error) {
		got[i], err = s.Settings.PutSettingIfAbsent(c, "cookie_key", fmt.Sprint("value ", i))
		return err
	}) {
		must(t, err)
	}
	stored, err := s.Settings.Setting(c, "cookie_key")
	must(t, err)
	for i := range got {
		same(t, fmt.Sprint("writer ", i), got[i], stored)
	}
}
