package storetest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

func userTests() []test {
	return []test{
		{"a designer's user", designerUser},
		{"an upgraded password", upgradePassword},
		{"unknown users", unknownUsers},
	}
}

func designerUser(t *testing.T, s Stores) {
	got, err := s.Users.User(ctx(t), "ana")
	must(t, err)
	same(t, "user", got, Designer().User)
}

func upgradePassword(t *testing.T, s Stores) {
	for _, hash := range []string{"$argon2id$first", "$argon2id$second"} {
		must(t, s.Users.UpgradePassword(ctx(t), "ana", hash))
		got, err := s.Users.User(ctx(t), "ana")
		must(t, err)
		want := Designer().User
		want.Password = hash
		same(t, "user", got, want)
	}
	fails(t, "bad hash", s.Users.UpgradePassword(ctx(t), "ana", "a\x00"), fault.Invalid)
}

func unknownUsers(t *testing.T, s Stores) {
	for _, name := range []string{"bob", "", "ANA", "ana\x00", "ana\xff", "' OR '1'='1"} {
		_, err := s.Users.User(ctx(t), name)
		fails(t, name, err, fault.NotFound)
		fails(t, name, s.Users.UpgradePassword(ctx(t), name, "$argon2id$"), fault.NotFound)
	}
}
