package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// cacheSetting is where the key of the seals is kept, in the database that all
// instances of an installation share.
const cacheSetting = "cache_key"

// sealedCache keeps copies that only instances of this installation can make: what
// is in a copy is executed, and others may be able to write to the cache.
type sealedCache struct {
	cache ports.Cache
	clock ports.Clock
	key   []byte
	space string // begins all names, so that installations do not meet
}

const sealBytes = sha256.Size + 8 // a digest and the time of reading

func newSealedCache(cache ports.Cache, clock ports.Clock, key string) *sealedCache {
	space := sha256.Sum256([]byte("nflow cache " + key))
	return &sealedCache{cache: cache, clock: clock, key: []byte(key), space: hex.EncodeToString(space[:8]) + ":"}
}

// get returns a copy and when it was read from the store. One that is too old, or
// that somebody else made, is none.
func (c *sealedCache) get(ctx context.Context, name string) (content []byte, read time.Time, found bool) {
	sealed, found, err := c.cache.Cached(ctx, c.space+name)
	if err != nil || !found || len(sealed) < sealBytes {
		return nil, read, false
	}
	content = sealed[sealBytes:]
	read = time.UnixMicro(int64(binary.BigEndian.Uint64(sealed[sha256.Size:])))
	age := c.clock.Now().Sub(read)
	if !hmac.Equal(sealed[:sha256.Size], c.seal(name, sealed[sha256.Size:])) || age >= libraryFreshness || age <= -libraryFreshness {
		return nil, read, false
	}
	return content, read, true
}

// put keeps a copy. The cache is only there to spare the store: what is wrong with
// it is no fault.
func (c *sealedCache) put(ctx context.Context, name string, content []byte, read time.Time) {
	sealed := make([]byte, sealBytes, sealBytes+len(content))
	binary.BigEndian.PutUint64(sealed[sha256.Size:], uint64(read.UnixMicro()))
	sealed = append(sealed, content...)
	copy(sealed, c.seal(name, sealed[sha256.Size:]))
	_ = c.cache.PutCached(ctx, c.space+name, sealed, libraryFreshness)
}

// drop forgets a copy, which gets too old by itself soon.
func (c *sealedCache) drop(ctx context.Context, name string) {
	_ = c.cache.DropCached(ctx, c.space+name)
}

func (c *sealedCache) seal(name string, content []byte) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(name))
	mac.Write([]byte{0})
	mac.Write(content)
	return mac.Sum(nil)
}
