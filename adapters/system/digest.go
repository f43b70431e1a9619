package system

import (
	"crypto/md5"  //nolint:gosec // only to verify digests that others stored; such a match is reported as outdated
	"crypto/sha1" //nolint:gosec // only to verify digests that others stored; such a match is reported as outdated
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"hash"
)

// digestsOfSize lists the digests that a stored hex text of so many bytes can
// be. The designer writes SHA-512/256, which is as long as SHA-256.
func digestsOfSize(size int) []func() hash.Hash {
	switch size {
	case md5.Size:
		return []func() hash.Hash{md5.New}
	case sha1.Size:
		return []func() hash.Hash{sha1.New}
	case sha256.Size224:
		return []func() hash.Hash{sha256.New224, sha512.New512_224}
	case sha256.Size:
		return []func() hash.Hash{sha512.New512_256, sha256.New}
	case sha512.Size384:
		return []func() hash.Hash{sha512.New384}
	case sha512.Size:
		return []func() hash.Hash{sha512.New}
	default:
		return nil
	}
}

// verifyDigest compares with a stored hex digest. known is false when stored is
// not one; then it may be a plain password. A text that looks like a digest is
// never compared as a plain one: a leaked digest must not work as a password.
func verifyDigest(stored, password string) (ok, known bool) {
	want, err := hex.DecodeString(stored)
	if err != nil {
		return false, false
	}
	digests := digestsOfSize(len(want))
	match := 0
	for _, newDigest := range digests {
		d := newDigest()
		d.Write([]byte(password))
		match |= subtle.ConstantTimeCompare(want, d.Sum(nil))
	}
	return match == 1, len(digests) > 0
}

// verifyPlain compares with a plain password, hiding also its length.
func verifyPlain(stored, password string) bool {
	a, b := sha256.Sum256([]byte(stored)), sha256.Sum256([]byte(password))
	return stored != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
