package system

import (
	"crypto/rand"
	"crypto/subtle"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

var _ ports.Passwords = (*Passwords)(nil)

const (
	// maxPassword bounds what is hashed: longer input is an attack.
	maxPassword = 4096
	// maxBcryptCost bounds what a stored bcrypt hash may make us compute; each
	// step doubles it, and 15 is about two seconds.
	maxBcryptCost = 15
)

// PasswordsConfig sets the cost of new hashes. The zero value means the
// defaults, which are the argon2id parameters OWASP recommends.
type PasswordsConfig struct {
	MemoryKiB uint32 // 8 to 65536; default 19456, that is 19 MiB
	Time      uint32 // passes over the memory, 1 to 10; default 2
	Threads   uint8  // 1 to 8; default 1
	// Concurrency is how many hashes are computed at once; more wait their turn.
	// It bounds the memory of logins to Concurrency times the largest hash.
	// Default 2.
	Concurrency int
}

// Passwords hashes with argon2id and verifies what older systems stored.
type Passwords struct {
	model argonHash     // the parameters and sizes of new hashes
	turns chan struct{} // holds a token for each hash being computed
}

// NewPasswords returns a hasher. It fails with code invalid when the
// configuration is out of its bounds.
func NewPasswords(cfg PasswordsConfig) (*Passwords, error) {
	if cfg.MemoryKiB == 0 {
		cfg.MemoryKiB = 19 << 10
	}
	if cfg.Time == 0 {
		cfg.Time = 2
	}
	if cfg.Threads == 0 {
		cfg.Threads = 1
	}
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = 2
	}
	p := &Passwords{
		model: argonHash{
			memory: cfg.MemoryKiB, time: cfg.Time, threads: cfg.Threads,
			salt: make([]byte, 16), key: make([]byte, 32),
		},
		turns: make(chan struct{}, cfg.Concurrency),
	}
	// What we write we must be able to read.
	if _, err := parsePHC(p.model.String()); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "argon2id parameters are out of bounds: memory 8 to %d KiB and at least 8 per thread, time 1 to %d, threads 1 to %d", maxMemory, maxTime, maxThreads)
	}
	return p, nil
}

// Hash returns an argon2id hash in PHC form, with a new random salt. It fails
// with code invalid for a password over 4096 bytes.
func (p *Passwords) Hash(password string) (string, error) {
	if len(password) > maxPassword {
		return "", fault.New(fault.Invalid, "the password is longer than %d bytes", maxPassword)
	}
	h := p.model
	h.salt = make([]byte, len(p.model.salt))
	_, _ = rand.Read(h.salt) // documented never to fail
	defer p.turn()()
	h.key = h.derive(password)
	return h.String(), nil
}

// Verify compares a password with its stored form, see ports.Passwords. A
// stored form that cannot be read never matches.
func (p *Passwords) Verify(stored, password string) (ok, outdated bool) {
	switch {
	case stored == "" || len(password) > maxPassword:
		return false, false
	case strings.HasPrefix(stored, "$argon2"):
		return p.verifyArgon(stored, password)
	case isBcrypt(stored):
		return p.verifyBcrypt(stored, password), true
	}
	if ok, known := verifyDigest(stored, password); known {
		return ok, true
	}
	return verifyPlain(stored, password), true
}

func (p *Passwords) verifyArgon(stored, password string) (ok, outdated bool) {
	h, err := parsePHC(stored)
	if err != nil {
		return false, true
	}
	defer p.turn()()
	ok = subtle.ConstantTimeCompare(h.key, h.derive(password)) == 1
	return ok, !h.sameCost(p.model)
}

func (p *Passwords) verifyBcrypt(stored, password string) bool {
	cost, err := bcrypt.Cost([]byte(stored))
	if err != nil || cost > maxBcryptCost {
		return false
	}
	defer p.turn()()
	return bcrypt.CompareHashAndPassword([]byte(stored), []byte(password)) == nil
}

// turn waits for a place among the hashes being computed; the result gives the
// place back.
func (p *Passwords) turn() (done func()) {
	p.turns <- struct{}{}
	return func() { <-p.turns }
}

// isBcrypt recognises $2a$, $2b$, $2x$ and $2y$.
func isBcrypt(stored string) bool {
	return len(stored) > 4 && strings.HasPrefix(stored, "$2") && stored[3] == '$'
}
