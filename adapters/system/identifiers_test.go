package system_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/system"
)

func TestClockTellsThePresent(t *testing.T) {
	before := time.Now()
	now := system.NewClock().Now()
	if now.Before(before) || now.Sub(before) > time.Minute {
		t.Errorf("Now() = %v, asked at %v", now, before)
	}
}

func TestRunIDsAreUniqueAndSortByTime(t *testing.T) {
	ids := system.NewIdentifiers()
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	last := ""
	for range 1000 {
		id := ids.RunID()
		if !form.MatchString(id) {
			t.Fatalf("%q is not a UUID of version 7", id)
		}
		if id <= last {
			t.Fatalf("%q does not sort after %q", id, last)
		}
		last = id
	}
}

func TestSecretsAreLongUniqueAndURLSafe(t *testing.T) {
	ids := system.NewIdentifiers()
	form := regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := map[string]bool{}
	for range 1000 {
		s := ids.Secret()
		if !form.MatchString(s) || seen[s] {
			t.Fatalf("bad or repeated secret %q", s)
		}
		seen[s] = true
	}
}
