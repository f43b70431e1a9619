package sqlstore

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Setting implements ports.Settings.
func (s *Store) Setting(ctx context.Context, key string) (string, error) {
	var content string
	err := s.one(ctx, "read the setting", &content, fault.New(fault.NotFound, "there is no setting %q", key),
		"SELECT content FROM nf_settings WHERE key = $1", key)
	return content, err
}

// PutSettingIfAbsent implements ports.Settings.
func (s *Store) PutSettingIfAbsent(ctx context.Context, key, value string) (string, error) {
	const op = "store the setting"
	if key == "" {
		return "", fault.New(fault.Invalid, "cannot %s: it has no key", op).AtField("key")
	}
	if err := checkText(op, "key", key, "value", value); err != nil {
		return "", err
	}
	var stored string
	err := s.writing(ctx, op, usual, func(ctx context.Context, q conn) error {
		if _, err := q.exec(ctx, "INSERT INTO nf_settings (key, content) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", key, value); err != nil {
			return err
		}
		return q.get(ctx, &stored, "SELECT content FROM nf_settings WHERE key = $1", key)
	})
	return stored, err
}
