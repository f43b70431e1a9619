package system_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/arturoeanton/nflow-runtime/adapters/system"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const password = "correct horse"

// cheap keeps the tests fast; the default cost has a test of its own.
func cheap(t testing.TB) *system.Passwords {
	t.Helper()
	p, err := system.NewPasswords(system.PasswordsConfig{MemoryKiB: 64, Time: 1})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestHashUsesTheRecommendedParameters(t *testing.T) {
	p, err := system.NewPasswords(system.PasswordsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := p.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(h, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("unexpected parameters in %q", h)
	}
	if ok, outdated := p.Verify(h, password); !ok || outdated {
		t.Errorf("own hash: ok %v, outdated %v", ok, outdated)
	}
	again, _ := p.Hash(password)
	if again == h {
		t.Error("two hashes of a password are equal: the salt is not random")
	}
}

func TestVerify(t *testing.T) {
	p := cheap(t)
	own, err := p.Hash(password)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	in := []byte(password)
	tests := []struct {
		name, stored string
		outdated     bool
	}{
		{"argon2id of this version", own, false},
		{"argon2id of another cost", "$argon2id$v=19$m=32,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + strings.Repeat("A", 43), true},
		{"bcrypt", string(b), true},
		{"bcrypt of PHP", "$2y$" + string(b[4:]), true},
		{"md5", fmt.Sprintf("%x", md5.Sum(in)), true},
		{"sha-1", fmt.Sprintf("%x", sha1.Sum(in)), true},
		{"sha-224", fmt.Sprintf("%x", sha256.Sum224(in)), true},
		{"sha-512/224", fmt.Sprintf("%x", sha512.Sum512_224(in)), true},
		{"sha-256", fmt.Sprintf("%x", sha256.Sum256(in)), true},
		{"sha-512/256, the designer's", fmt.Sprintf("%x", sha512.Sum512_256(in)), true},
		{"sha-384", fmt.Sprintf("%x", sha512.Sum384(in)), true},
		{"sha-512 in capitals", fmt.Sprintf("%X", sha512.Sum512(in)), true},
		{"plain", password, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ok, outdated := p.Verify(tt.stored, password)
			if want := !strings.HasSuffix(tt.stored, "AAAAAAAA"); ok != want {
				t.Errorf("right password: ok = %v, want %v", ok, want)
			}
			if outdated != tt.outdated {
				t.Errorf("outdated = %v, want %v", outdated, tt.outdated)
			}
			for _, wrong := range []string{"", "correct horse ", "Correct horse", tt.stored + "x"} {
				if ok, _ := p.Verify(tt.stored, wrong); ok {
					t.Errorf("%q was accepted", wrong)
				}
			}
		})
	}
}

func TestVerifyNeverMatchesAFormThatItCannotRead(t *testing.T) {
	p := cheap(t)
	digest := fmt.Sprintf("%x", sha512.Sum512_256([]byte(password)))
	for name, stored := range map[string]string{
		"nothing":               "",
		"a digest as password":  digest,
		"argon2i":               "$argon2i$v=19$m=32,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"broken argon2id":       "$argon2id$v=19$m=32",
		"argon2id of a TiB":     "$argon2id$v=19$m=1073741824,t=1,p=1$c29tZXNhbHQ$" + strings.Repeat("A", 43),
		"bcrypt of a day":       "$2a$31$" + strings.Repeat("a", 53),
		"broken bcrypt":         "$2a$xx$hello",
		"hash without password": "$argon2id$",
	} {
		t.Run(name, func(t *testing.T) {
			if ok, _ := p.Verify(stored, stored); ok {
				t.Errorf("the stored form %q was accepted as its own password", stored)
			}
		})
	}
}

func TestLongPasswordsAreRefused(t *testing.T) {
	p := cheap(t)
	long := strings.Repeat("x", 4097)
	if _, err := p.Hash(long); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("Hash: %v", err)
	}
	if ok, _ := p.Verify(long, long); ok {
		t.Error("Verify accepted it")
	}
}

func TestNewPasswordsRefusesCostsItCouldNotVerify(t *testing.T) {
	for name, cfg := range map[string]system.PasswordsConfig{
		"memory":             {MemoryKiB: 65537},
		"time":               {Time: 11},
		"threads":            {Threads: 9},
		"memory for threads": {MemoryKiB: 16, Threads: 4},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := system.NewPasswords(cfg); fault.CodeOf(err) != fault.Invalid {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestHashesWaitTheirTurn(t *testing.T) {
	p, err := system.NewPasswords(system.PasswordsConfig{MemoryKiB: 64, Time: 1, Concurrency: 1})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			h, err := p.Hash(password)
			if err != nil {
				t.Error(err)
			}
			if ok, _ := p.Verify(h, password); !ok {
				t.Error("own hash does not match")
			}
		})
	}
	wg.Wait()
}
