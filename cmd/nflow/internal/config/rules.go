package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// rules are the checks between keys.
func rules() []func(*checker) {
	return []func(*checker){
		serverRules, sessionRules, storeRules, databaseRules, poolRules,
		mailRules, twilioRules, monitorRules, accessRules, pluginRules,
		redisRules, rateRules, trackerRules, retentionRules,
	}
}

func serverRules(k *checker) {
	s := k.config.Server
	k.together("server.tls_cert", s.TLSCert, "server.tls_key", s.TLSKey)
}

func sessionRules(k *checker) {
	a := k.config.Auth
	if a.SessionIdle > a.SessionMaxAge {
		k.add("auth.session_idle", "is %s, longer than auth.session_max_age (%s); lower it", a.SessionIdle, a.SessionMaxAge)
	}
}

func storeRules(k *checker) {
	s := k.config.Store
	if s.Driver == "memory" {
		return
	}
	if s.Driver == "postgres" && !k.config.places.given("database_nflow.dsn") {
		k.add("database_nflow.driver", `is "postgres"; give database_nflow.dsn too`)
		return
	}
	k.connection("database_nflow", s.Driver, s.DSN, s.MaxIdleConns, s.MaxOpenConns)
}

func databaseRules(k *checker) {
	for _, name := range sortedNames(k.config.Databases) {
		db, path := k.config.Databases[name], join("databases", name)
		if judgeToken(name) != "" || name == "" {
			k.addNear(path, "is no name for a database; use letters, digits, _ and -")
		}
		if db.DSN == "" {
			k.addNear(path, "needs a dsn")
			continue
		}
		if db.Driver == "" {
			k.addNear(path, `needs driver = "sqlite3" or "postgres"`)
			continue
		}
		k.connection(path, db.Driver, db.DSN, db.MaxIdleConns, db.MaxOpenConns)
	}
}

// connection judges what every database has. It never repeats a DSN.
func (k *checker) connection(path, driver string, dsn Secret, idle, open int) {
	text := strings.TrimSpace(dsn.Reveal())
	switch {
	case text == "":
		k.add(path+".dsn", "is empty; give a file or a connection string")
	case driver == "sqlite3" && (isPostgresURL(dsn) || keyValueDSN().MatchString(text)):
		k.add(path+".dsn", `is a PostgreSQL connection string, but the driver is sqlite3; set driver = "postgres"`)
	case driver == "sqlite3" && strings.Contains(text, "://") && !strings.HasPrefix(text, "file:"):
		k.add(path+".dsn", "is a URL, but the driver is sqlite3; give a file name, or a URL that begins with postgres://")
	case driver == "postgres" && !isPostgresURL(dsn) && !keyValueDSN().MatchString(text):
		k.add(path+".dsn", `is no PostgreSQL connection string; write postgres://user:password@host/database or host=... dbname=...`)
	}
	if open > 0 && idle > open {
		k.addNear(path+".max_idle_conns", "is %d, more than %s.max_open_conns (%d); lower it", idle, path, open)
	}
}

// keyValueDSN knows the form host=localhost user=nflow.
func keyValueDSN() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(\w+\s*=\s*\S+\s+)*(host|hostaddr|user|dbname|service)\s*=`)
}

// leastMemoryMB is what the collector of a process needs to keep up with the
// garbage of an ordinary script.
const leastMemoryMB = 32

func poolRules(k *checker) {
	v := k.config.VMPool
	if v.MaxSize > 0 && v.PreloadSize > v.MaxSize {
		k.add("vm_pool.preload_size", "is %d, more than vm_pool.max_size (%d); lower it", v.PreloadSize, v.MaxSize)
	}
	if v.EnableFilesystem && v.FilesystemRoot == "" {
		k.add("vm_pool.enable_filesystem", "needs vm_pool.filesystem_root, the one directory that scripts may use")
	}
	if v.EnableProcess && len(v.AllowedExecutables) == 0 {
		k.add("vm_pool.enable_process", "needs vm_pool.allowed_executables, the programs that scripts may start")
	}
	if v.MaxMemoryMB > 0 && v.MaxMemoryMB < leastMemoryMB {
		k.add("vm_pool.max_memory_mb", "is %d, too little for any script; give at least %d, or 0 for no limit", v.MaxMemoryMB, leastMemoryMB)
	}
	for _, id := range slices.Sorted(maps.Keys(v.WorkflowIsolation)) {
		if v.WorkflowIsolation[id] == "" {
			k.add(join("vm_pool.workflow_isolation", id), `is empty; it must be "in_process" or "process"`)
		}
	}
	if v.RequireHardening && v.Isolation != "process" && !slices.Contains(slices.Collect(maps.Values(v.WorkflowIsolation)), "process") {
		k.add("vm_pool.require_hardening", `needs vm_pool.isolation = "process"; inside the server scripts cannot be confined`)
	}
}

func mailRules(k *checker) {
	m := k.config.Mail
	if m.Enabled && m.SMTPHost == "" {
		k.add("mail.enabled", "needs mail.smtp_host")
	}
	if m.Enabled && m.From == "" {
		k.add("mail.enabled", "needs mail.from")
	}
}

func twilioRules(k *checker) {
	t := k.config.Twilio
	if t.AccountSID != "" && (t.AuthToken == "" || t.VerifyServiceID == "") {
		k.add("twilio.account_sid", "needs twilio.auth_token and twilio.verify_service_id")
	}
}

func monitorRules(k *checker) {
	m := k.config.Monitor
	if m.HealthCheckPath == m.MetricsPath {
		k.addNear("monitor.metrics_path", "is the same as monitor.health_check_path; they need two paths")
	}
	k.pagePath("monitor.health_check_path", m.HealthCheckPath)
	k.pagePath("monitor.metrics_path", m.MetricsPath)
}

func (k *checker) pagePath(path, value string) {
	switch {
	case value == "":
		k.add(path, "is empty; to serve no such page set monitor.enabled = false")
	case value == "/" || value == "/api" || strings.HasPrefix(value, "/api/"):
		k.add(path, "is %q, where the API or the workflows answer; choose another path", value)
	}
}

func accessRules(k *checker) {
	c := k.config
	if c.Debug.Enabled && c.Debug.AuthToken == "" && len(c.Debug.AllowedIPs) == 0 {
		k.add("debug.enabled", "needs debug.auth_token, debug.allowed_ips or both")
	}
	if c.Security.EnableEncryption && c.Security.EncryptionKey == "" {
		k.add("security.enable_encryption", "needs security.encryption_key")
	}
}

// addNear reports at the path, or at the first given key below or beside it.
func (k *checker) addNear(path, format string, args ...any) {
	f := k.config.places.fault(path, format, args...)
	if near, ok := k.config.places.near(path); ok {
		f = near.fault(path, format, args...)
	}
	k.faults.Add(f)
}

func sortedNames(m map[string]Database) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
