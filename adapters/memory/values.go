package memory

import (
	"bytes"
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// mostKeyBytes bounds spaces and keys, as the databases do.
const mostKeyBytes = 512

// Value implements ports.KeyValues.
func (s *Store) Value(ctx context.Context, space, key string) (payload.Value, error) {
	if err := alive(ctx, "read the value"); err != nil {
		return payload.Value{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.values[space][key]
	if !ok {
		return payload.Value{}, fault.New(fault.NotFound, "there is no value %q", key)
	}
	return v, nil
}

// PutValue implements ports.KeyValues; code invalid for a space or key that is
// empty or longer than 512 bytes.
func (s *Store) PutValue(ctx context.Context, space, key string, v payload.Value, most int) error {
	const op = "store the value"
	if err := alive(ctx, op); err != nil {
		return err
	}
	for field, text := range map[string]string{"space": space, "key": key} {
		if len(text) == 0 || len(text) > mostKeyBytes {
			return fault.New(fault.Invalid, "cannot %s: its %s must have 1 to %d bytes", op, field, mostKeyBytes).AtField(field)
		}
	}
	if err := checkText(op, "space", space, "key", key); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	values := s.values[space]
	if _, known := values[key]; !known && len(values) >= most {
		return fault.New(fault.LimitExceeded, "cannot %s: the space %q holds %d keys already; delete some", op, space, len(values))
	}
	if values == nil {
		values = make(map[string]payload.Value)
		s.values[space] = values
	}
	values[key] = payload.Trusted(bytes.Clone(v.Bytes()))
	return nil
}

// DeleteValue implements ports.KeyValues.
func (s *Store) DeleteValue(ctx context.Context, space, key string) error {
	if err := alive(ctx, "delete the value"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values[space], key)
	return nil
}
