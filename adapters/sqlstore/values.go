package sqlstore

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// mostKeyBytes bounds spaces and keys; the indexes of PostgreSQL take no long ones.
const mostKeyBytes = 512

// Value implements ports.KeyValues.
func (s *Store) Value(ctx context.Context, space, key string) (payload.Value, error) {
	var content []byte
	err := s.one(ctx, "read the value", &content, fault.New(fault.NotFound, "there is no value %q", key),
		"SELECT content FROM nf_values WHERE space = $1 AND key = $2", space, key)
	if err != nil {
		return payload.Value{}, err
	}
	return payload.Trusted(content), nil
}

// PutValue implements ports.KeyValues; code invalid for a space or key that is
// empty or longer than 512 bytes.
func (s *Store) PutValue(ctx context.Context, space, key string, v payload.Value, most int) error {
	const op = "store the value"
	for field, text := range map[string]string{"space": space, "key": key} {
		if len(text) == 0 || len(text) > mostKeyBytes {
			return fault.New(fault.Invalid, "cannot %s: its %s must have 1 to %d bytes", op, field, mostKeyBytes).AtField(field)
		}
	}
	if err := checkText(op, "space", space, "key", key); err != nil {
		return err
	}
	return s.writing(ctx, op, usual, func(ctx context.Context, q conn) error {
		put := put{q, space, key, v.Bytes()}
		if changed, err := put.change(ctx); changed || err != nil {
			return err
		}
		return put.add(ctx, most)
	})
}

// put is one value on its way into a space.
type put struct {
	q          conn
	space, key string
	content    []byte
}

// change replaces a value that is there.
func (p put) change(ctx context.Context) (bool, error) {
	n, err := p.q.exec(ctx, "UPDATE nf_values SET content = $3, updated = $4 WHERE space = $1 AND key = $2",
		p.space, p.key, p.content, micros(time.Now()))
	return n > 0, err
}

// add makes a new value. It holds the space, so that its number of keys is true;
// meanwhile somebody else may have made the same one.
func (p put) add(ctx context.Context, most int) error {
	var keys int
	if err := p.q.get(ctx, &keys, `
		INSERT INTO nf_value_spaces (space, keys) VALUES ($1, 1)
		ON CONFLICT (space) DO UPDATE SET keys = nf_value_spaces.keys + 1
		RETURNING keys`, p.space); err != nil {
		return err
	}
	added, err := p.q.exec(ctx, `
		INSERT INTO nf_values (space, key, content, updated) VALUES ($1, $2, $3, $4) ON CONFLICT (space, key) DO NOTHING`,
		p.space, p.key, p.content, micros(time.Now()))
	switch {
	case err != nil:
		return err
	case added > 0 && keys > most:
		return fault.New(fault.LimitExceeded, "cannot store the value: the space %q holds %d keys already; delete some", p.space, keys-1)
	case added > 0:
		return nil
	}
	if _, err := p.q.exec(ctx, oneKeyLess, p.space); err != nil {
		return err
	}
	_, err = p.change(ctx)
	return err
}

const oneKeyLess = "UPDATE nf_value_spaces SET keys = keys - 1 WHERE space = $1"

// DeleteValue implements ports.KeyValues.
func (s *Store) DeleteValue(ctx context.Context, space, key string) error {
	if !storable(space) || !storable(key) {
		return nil
	}
	return s.writing(ctx, "delete the value", usual, func(ctx context.Context, q conn) error {
		// The space first, as PutValue has it: two orders could wait for each other.
		// So a space that is not there is not taken later either.
		held, err := q.exec(ctx, "UPDATE nf_value_spaces SET keys = keys WHERE space = $1", space)
		if err != nil || held == 0 {
			return err
		}
		n, err := q.exec(ctx, "DELETE FROM nf_values WHERE space = $1 AND key = $2", space, key)
		if err != nil || n == 0 {
			return err
		}
		_, err = q.exec(ctx, oneKeyLess, space)
		return err
	})
}
