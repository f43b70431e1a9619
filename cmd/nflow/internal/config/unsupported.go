package config

import (
	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// switchedOff is a setting whose feature this version does not have.
type switchedOff struct {
	path string
	used func(Config) bool // whether the value asks for the feature
}

// unavailable lists them. A version that gains a feature deletes its row.
func unavailable() []switchedOff {
	return []switchedOff{
		{"debug.enabled", func(c Config) bool { return c.Debug.Enabled }},
		{"debug.enable_pprof", func(c Config) bool { return c.Debug.EnablePprof }},
		{"security.enable_encryption", func(c Config) bool { return c.Security.EnableEncryption }},
		{"security.encryption_key", func(c Config) bool { return c.Security.EncryptionKey != "" }},
		{"security.encrypt_sensitive_data", func(c Config) bool { return c.Security.EncryptSensitiveData }},
		{"security.encrypt_in_place", func(c Config) bool { return c.Security.EncryptInPlace }},
		{"security.always_encrypt_fields", func(c Config) bool { return len(c.Security.AlwaysEncryptFields) > 0 }},
		{"security.custom_patterns", func(c Config) bool { return len(c.Security.CustomPatterns) > 0 }},
	}
}

// Unsupported returns a fault for each setting that asks for a feature this
// version does not have, at the place where it was given. Starting all the same
// would promise a protection or a service that is not there. Settings at their
// "off" value are fine.
func Unsupported(c Config) fault.List {
	var faults fault.List
	for _, s := range unavailable() {
		if !s.used(c) {
			continue
		}
		at, _ := c.places.near(s.path)
		f := at.fault(s.path, "is not available in this version; remove it")
		f.Code = fault.Disabled
		faults.Add(f)
	}
	return faults
}
