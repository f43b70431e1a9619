package config

import "strings"

// settle completes what depends on other keys: drivers that a DSN implies, and
// defaults that give way to a value somebody wrote.
func settle(c *Config) {
	p := c.places
	inferDriver(p, "database_nflow", &c.Store.Driver, c.Store.DSN)
	giveWay(p, "database_nflow.max_idle_conns", &c.Store.MaxIdleConns, c.Store.MaxOpenConns)
	for name, db := range c.Databases {
		path := join("databases", name)
		inferDriver(p, path, &db.Driver, db.DSN)
		giveWay(p, path+".max_idle_conns", &db.MaxIdleConns, db.MaxOpenConns)
		c.Databases[name] = db
	}
	giveWay(p, "vm_pool.preload_size", &c.VMPool.PreloadSize, c.VMPool.MaxSize)
	giveWay(p, "tracker.batch_size", &c.Tracker.BatchSize, c.Tracker.ChannelBuffer)
	if !p.given("auth.session_idle") {
		c.Auth.SessionIdle = min(c.Auth.SessionIdle, c.Auth.SessionMaxAge)
	}
}

// inferDriver sets postgres when the DSN is a postgres URL and the driver is a
// default, or stands in a source that the DSN's own source overrides: a file
// with driver = "sqlite3" below NFLOW_DATABASE_DSN=postgres://...
func inferDriver(p places, path string, driver *string, dsn Secret) {
	if isPostgresURL(dsn) && p[path+".driver"].layer < p[path+".dsn"].layer {
		*driver = "postgres"
	}
}

func isPostgresURL(dsn Secret) bool {
	s := strings.ToLower(dsn.Reveal())
	return strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://")
}

// giveWay lowers a default that a written maximum is below.
func giveWay(p places, path string, value *int, most int) {
	if !p.given(path) {
		*value = max(0, min(*value, most))
	}
}
