package system

import (
	"encoding/base64"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// The bounds of an argon2id hash this package agrees to compute. A stored hash
// names its own cost, so without bounds whoever can write one could make every
// login allocate gigabytes.
const (
	maxMemory  = 64 << 10 // KiB, so 64 MiB
	maxTime    = 10
	maxThreads = 8
	minSalt    = 8
	maxSalt    = 64
	minKey     = 16
	maxKey     = 64
	// maxPHC is the longest text that can hold a hash within these bounds.
	maxPHC = 256

	phcPrefix = "$argon2id$"
)

// argonHash is an argon2id hash with everything needed to compute it again.
type argonHash struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
	salt    []byte
	key     []byte
}

// derive computes the key of a password with the parameters of h.
func (h argonHash) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.threads, uint32(len(h.key)))
}

// sameCost reports whether both were made with the same parameters and sizes.
func (h argonHash) sameCost(other argonHash) bool {
	return h.memory == other.memory && h.time == other.time && h.threads == other.threads &&
		len(h.salt) == len(other.salt) && len(h.key) == len(other.key)
}

// String is the PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (h argonHash) String() string {
	b := make([]byte, 0, maxPHC)
	b = append(b, phcPrefix...)
	b = append(b, "v="...)
	b = strconv.AppendUint(b, argon2.Version, 10)
	b = append(b, "$m="...)
	b = strconv.AppendUint(b, uint64(h.memory), 10)
	b = append(b, ",t="...)
	b = strconv.AppendUint(b, uint64(h.time), 10)
	b = append(b, ",p="...)
	b = strconv.AppendUint(b, uint64(h.threads), 10)
	b = append(b, '$')
	b = base64.RawStdEncoding.AppendEncode(b, h.salt)
	b = append(b, '$')
	b = base64.RawStdEncoding.AppendEncode(b, h.key)
	return string(b)
}

// parsePHC reads the PHC form of an argon2id hash. It fails with code invalid
// on anything else, including costs outside of the bounds above.
func parsePHC(s string) (argonHash, error) {
	var h argonHash
	rest, ok := strings.CutPrefix(s, phcPrefix)
	parts := strings.Split(rest, "$")
	if !ok || len(s) > maxPHC || len(parts) != 4 {
		return h, badHash("it is not in PHC form")
	}
	if parts[0] != "v="+strconv.Itoa(argon2.Version) {
		return h, badHash("its version is unknown")
	}
	if err := h.parseCosts(parts[1]); err != nil {
		return h, err
	}
	var saltErr, keyErr error
	h.salt, saltErr = base64.RawStdEncoding.Strict().DecodeString(parts[2])
	h.key, keyErr = base64.RawStdEncoding.Strict().DecodeString(parts[3])
	if saltErr != nil || keyErr != nil ||
		len(h.salt) < minSalt || len(h.salt) > maxSalt || len(h.key) < minKey || len(h.key) > maxKey {
		return h, badHash("its salt or key has a bad size or encoding")
	}
	if h.String() != s { // the base64 decoder passes over line breaks
		return h, badHash("it is not written the one way there is")
	}
	return h, nil
}

// parseCosts reads m=...,t=...,p=... in that order, as the PHC form demands.
func (h *argonHash) parseCosts(s string) error {
	costs := strings.Split(s, ",")
	if len(costs) != 3 {
		return badHash("its costs are not m, t and p")
	}
	memory, okM := parseCost(costs[0], "m=", maxMemory)
	time, okT := parseCost(costs[1], "t=", maxTime)
	threads, okP := parseCost(costs[2], "p=", maxThreads)
	if !okM || !okT || !okP || memory < 8*threads {
		return badHash("its costs are out of bounds")
	}
	h.memory, h.time, h.threads = memory, time, uint8(threads)
	return nil
}

func parseCost(s, name string, limit uint32) (uint32, bool) {
	digits, ok := strings.CutPrefix(s, name)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false // also signs and leading zeros, so that each hash has one form
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	return uint32(n), err == nil && n <= uint64(limit)
}

func badHash(why string) error {
	return fault.New(fault.Invalid, "a stored password hash cannot be read: %s", why)
}
