package ports

import (
	"context"
	"time"
)

// Cache keeps copies of what is stored elsewhere, for all instances. It may
// forget anything at any time.
type Cache interface {
	// Cached gives false when there is no copy, or it is too old.
	Cached(ctx context.Context, key string) (content []byte, found bool, err error)
	// PutCached keeps a copy for a time, at least a millisecond.
	PutCached(ctx context.Context, key string, content []byte, keep time.Duration) error
	DropCached(ctx context.Context, key string) error
}

// Hashes are maps of texts under a key, which scripts of all instances share.
type Hashes interface {
	// SetFields sets fields of a hash, which need not exist, and leaves the others.
	SetFields(ctx context.Context, key string, fields map[string]string) error
	// Field gives code not_found.
	Field(ctx context.Context, key, field string) (string, error)
	// DeleteFields says how many there were.
	DeleteFields(ctx context.Context, key string, fields []string) (int, error)
	// ExpireHash ends a hash after a time; false when there is none. A time of 0 or
	// less ends it at once.
	ExpireHash(ctx context.Context, key string, after time.Duration) (bool, error)
}
