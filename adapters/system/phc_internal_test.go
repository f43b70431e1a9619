package system

import (
	"strings"
	"testing"
)

func TestParsePHCRefuses(t *testing.T) {
	salt, key := "c29tZXNhbHRzb21lc2FsdA", strings.Repeat("A", 43)
	good := "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key
	if _, err := parsePHC(good); err != nil {
		t.Fatalf("the model itself: %v", err)
	}
	for name, s := range map[string]string{
		"empty":             "",
		"other algorithm":   strings.Replace(good, "argon2id", "argon2i", 1),
		"old version":       strings.Replace(good, "v=19", "v=16", 1),
		"no version":        strings.Replace(good, "v=19$", "", 1),
		"too much memory":   strings.Replace(good, "19456", "65537", 1),
		"memory overflows":  strings.Replace(good, "19456", "4294967304", 1),
		"no time":           strings.Replace(good, "t=2", "t=0", 1),
		"too long":          strings.Replace(good, "t=2", "t=11", 1),
		"signed time":       strings.Replace(good, "t=2", "t=+2", 1),
		"threads wrap":      strings.Replace(good, "p=1", "p=257", 1),
		"memory per thread": strings.Replace(good, "m=19456,t=2,p=1", "m=15,t=2,p=2", 1),
		"order":             strings.Replace(good, "m=19456,t=2", "t=2,m=19456", 1),
		"short salt":        strings.Replace(good, salt, "c2FsdA", 1),
		"long salt":         strings.Replace(good, salt, strings.Repeat("A", 88), 1),
		"padded key":        good + "=",
		"short key":         strings.Replace(good, key, "AAAA", 1),
		"more parts":        good + "$",
		"huge":              good + strings.Repeat("A", 1<<16),
	} {
		t.Run(name, func(t *testing.T) {
			if h, err := parsePHC(s); err == nil {
				t.Errorf("accepted as %+v", h)
			}
		})
	}
}

// FuzzParsePHC checks that what is accepted is within the bounds and has
// exactly one written form.
func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + strings.Repeat("A", 43))
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$$")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err != nil {
			return
		}
		if h.memory > maxMemory || h.time > maxTime || h.threads > maxThreads || h.time == 0 || h.threads == 0 ||
			len(h.salt) > maxSalt || len(h.key) > maxKey || len(h.key) < minKey {
			t.Fatalf("%q was accepted out of bounds: %+v", s, h)
		}
		if h.String() != s {
			t.Fatalf("%q is written as %q", s, h.String())
		}
	})
}
