package config

import "reflect"

// Reread loads the configuration again from where it came from, for what can
// change while nflow runs.
func (c Config) Reread() (Config, error) {
	if c.source == nil {
		return c, nil
	}
	return Load(*c.source)
}

// DefaultPlugin is a [[plugins]] in which nothing is set.
func DefaultPlugin() Plugin {
	var p Plugin
	setDefaults(reflect.ValueOf(&p).Elem())
	return p
}
