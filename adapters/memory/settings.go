package memory

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Setting implements ports.Settings.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	if err := alive(ctx, "read the setting"); err != nil {
		return "", err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	value, ok := s.settings[key]
	if !ok {
		return "", fault.New(fault.NotFound, "there is no setting %q", key)
	}
	return value, nil
}

// PutSettingIfAbsent implements ports.Settings.
func (s *Store) PutSettingIfAbsent(ctx context.Context, key, value string) (string, error) {
	const op = "store the setting"
	if err := alive(ctx, op); err != nil {
		return "", err
	}
	if err := checkKey(op, "key", key); err != nil {
		return "", err
	}
	if err := checkText(op, "value", value); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if present, ok := s.settings[key]; ok {
		return present, nil
	}
	s.settings[key] = value
	return value, nil
}
