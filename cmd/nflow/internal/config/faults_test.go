package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileFaults(t *testing.T) {
	rows := []struct {
		name, toml string
		want       []string
	}{
		{"syntax", "[server]\naddress = \n", []string{
			"config.toml line 2:11: this is not TOML: unexpected character U+000A at start of value"}},
		{"key twice", "[log]\nlevel='info'\nlevel='warn'\n", []string{
			"config.toml line 3:1: this is not TOML: key level is already defined"}},
		{"unknown section", "[vmpool]\nmax_size = 1\n", []string{
			`config.toml line 1:2: vmpool is not a known section; did you mean "vm_pool"?`}},
		{"unknown key", "[vm_pool]\nmaxsize = 1\n", []string{
			`config.toml line 2:1: vm_pool.maxsize is not a known key of [vm_pool]; did you mean "max_size"?`}},
		{"unknown key like nothing", "[vm_pool]\nzzzzzzzz = 'secret'\n", []string{
			"config.toml line 2:1: vm_pool.zzzzzzzz is not a known key of [vm_pool]"}},
		{"value for a section", "vm_pool = 5\n", []string{
			"config.toml line 1:1: vm_pool is a section, not a whole number; write [vm_pool] on a line of its own"}},
		{"wrong types", "[vm_pool]\nmax_size = '50'\nenable_network = 'yes'\nisolation = 3\nidle_timeout = true\n[egress]\nallow = [1]\n", []string{
			"config.toml line 2:1: vm_pool.max_size must be a whole number (without quotes), not a text",
			"config.toml line 3:1: vm_pool.enable_network must be true or false (without quotes), not a text",
			"config.toml line 4:1: vm_pool.isolation must be a text in quotes, not a whole number",
			`config.toml line 5:1: vm_pool.idle_timeout must be a whole number of minutes, or a duration such as "90s", not true or false`,
			"config.toml line 7:1: egress.allow must be an array of texts in quotes, but it holds a whole number"}},
		{"durations", "[server]\nread_timeout = 10\nidle_timeout = 'soon'\nwrite_timeout = '0s'\n", []string{
			`config.toml line 2:1: server.read_timeout must be a duration in quotes with its unit, such as "10s"`,
			`config.toml line 3:1: server.idle_timeout must be a duration such as "10s" or "1m30s", not "soon"`,
			"config.toml line 4:1: server.write_timeout is 0s; it must be 1ms or more"}},
		{"bounds", "[vm_pool]\nmax_execution_seconds = 0\n[mail]\nsmtp_port = 70000\n[limits]\nmax_run_seconds = 9223372036854775807\n", []string{
			"config.toml line 2:1: vm_pool.max_execution_seconds is 0s; it must be 1ms or more",
			"config.toml line 4:1: mail.smtp_port is 70000; it must be 65535 or less",
			"config.toml line 6:1: limits.max_run_seconds is too large"}},
		{"enum", "[log]\nlevel = 'loud'\nformat = ''\n", []string{
			`config.toml line 2:1: log.level must be "debug", "info", "warn" or "error", not "loud"`,
			`config.toml line 3:1: log.format is empty; it must be "text" or "json"`}},
		{"networks", "[server]\ntrusted_proxies = ['10.0.0.0/8', '10.0.0.0/99']\n[rate_limit]\nexcluded_ips = '::1, here'\n", []string{
			`config.toml line 2:1: server.trusted_proxies must hold IP addresses or CIDR ranges, such as 10.0.0.0/8, not "10.0.0.0/99"`,
			`config.toml line 4:1: rate_limit.excluded_ips must hold IP addresses or CIDR ranges, such as 10.0.0.0/8, not "here"`}},
		{"preload above size", "[vm_pool]\nmax_size = 5\npreload_size = 6\n", []string{
			"config.toml line 3:1: vm_pool.preload_size is 6, more than vm_pool.max_size (5); lower it"}},
		{"programs without a list", "[vm_pool]\nenable_process = true\n", []string{
			"config.toml line 2:1: vm_pool.enable_process needs vm_pool.allowed_executables, the programs that scripts may start"}},
		{"programs by name", "[vm_pool]\nallowed_executables = ['convert', '/usr/bin/../bin/tar', '/bin/ls']\n", []string{
			`config.toml line 2:1: vm_pool.allowed_executables must hold absolute paths of programs, such as /usr/bin/convert, not "convert"`,
			`config.toml line 2:1: vm_pool.allowed_executables must hold absolute paths of programs, such as /usr/bin/convert, not "/usr/bin/../bin/tar"`}},
		{"too little memory", "[vm_pool]\nmax_memory_mb = 8\n", []string{
			"config.toml line 2:1: vm_pool.max_memory_mb is 8, too little for any script; give at least 32, or 0 for no limit"}},
		{"isolation of workflows", "[vm_pool.workflow_isolation]\nshop = 'child'\n'my app' = ''\nother = 'in_process'\n", []string{
			`config.toml line 2:1: vm_pool.workflow_isolation.shop must be "in_process" or "process", not "child"`,
			`config.toml line 3:1: vm_pool.workflow_isolation.my app is empty; it must be "in_process" or "process"`}},
		{"hardening of nothing", "[vm_pool]\nisolation = 'in_process'\nrequire_hardening = true\n", []string{
			`config.toml line 3:1: vm_pool.require_hardening needs vm_pool.isolation = "process"; inside the server scripts cannot be confined`}},
		{"certificate without key", "[server]\ntls_cert = 'a.pem'\n", []string{
			"config.toml line 2:1: server.tls_cert is set without server.tls_key; set both or neither"}},
		{"both spellings", "[rate_limit]\nburst_size = 1\nip_burst_size = 2\n", []string{
			"config.toml line 3:1: rate_limit.ip_burst_size and burst_size are the same key but have different values; keep one"}},
		{"databases", "[databases.'a b']\ndsn='x.db'\ndriver='sqlite3'\n[databases.b]\ndriver='sqlite3'\n[databases.c]\ndsn='c.db'\n[databases.d]\ndsn='postgres://u:hush@h/d'\ndriver='sqlite3'\n", []string{
			"config.toml line 1:12: databases.a b is no name for a database; use letters, digits, _ and -",
			"config.toml line 4:12: databases.b needs a dsn",
			`config.toml line 6:12: databases.c needs driver = "sqlite3" or "postgres"`,
			`config.toml line 9:1: databases.d.dsn is a PostgreSQL connection string, but the driver is sqlite3; set driver = "postgres"`}},
		{"postgres without dsn", "[database_nflow]\ndriver='postgres'\n", []string{
			`config.toml line 2:1: database_nflow.driver is "postgres"; give database_nflow.dsn too`}},
		{"key=value dsn for sqlite", "[database_nflow]\ndsn='user=nflow password=hush host=h'\n", []string{
			`config.toml line 2:1: database_nflow.dsn is a PostgreSQL connection string, but the driver is sqlite3; set driver = "postgres"`}},
		{"patterns", "[security.custom_patterns]\nid = '('\n", []string{
			`config.toml line 2:1: security.custom_patterns.id must be a regular expression (RE2 syntax), not "("`}},
		{"short token", "[auth]\nadmin_token = 'hush'\n", []string{
			"config.toml line 2:1: auth.admin_token is too short; it must have 16 characters or more"}},
		{"sessions", "[auth]\nsession_idle='200h'\ncookie_name='a;b'\n", []string{
			"config.toml line 2:1: auth.session_idle is 200h0m0s, longer than auth.session_max_age (168h0m0s); lower it",
			`config.toml line 3:1: auth.cookie_name must consist of letters, digits, _ and -, not "a;b"`}},
		{"addresses", "[server]\naddress='8080'\nurl_base='flows.example.com'\n", []string{
			`config.toml line 2:1: server.address must be an address and a port, such as "127.0.0.1:8080", not "8080"`,
			`config.toml line 3:1: server.url_base must be an address such as https://flows.example.com, not "flows.example.com"`}},
		{"needs", "[mail]\nenabled=true\n[vm_pool]\nenable_filesystem=true\n[debug]\nenabled=true\n[rate_limit]\nenabled=true\nbackend='redis'\n[security]\nenable_encryption=true\n", []string{
			"config.toml line 2:1: mail.enabled needs mail.smtp_host",
			"config.toml line 2:1: mail.enabled needs mail.from",
			"config.toml line 4:1: vm_pool.enable_filesystem needs vm_pool.filesystem_root, the one directory that scripts may use",
			"config.toml line 6:1: debug.enabled needs debug.auth_token, debug.allowed_ips or both",
			`config.toml line 9:1: rate_limit.backend is "redis", which needs redis.host or redis.addresses`,
			"config.toml line 11:1: security.enable_encryption needs security.encryption_key"}},
		{"monitor paths", "[monitor]\nmetrics_path='/health'\nhealth_check_path='/api/x'\n", []string{
			`config.toml line 3:1: monitor.health_check_path is "/api/x", where the API or the workflows answer; choose another path`}},
		{"inline table", "vm_pool = { max_size = 1, wrong = 2 }\n", []string{
			`config.toml line 1:27: vm_pool.wrong is not a known key of [vm_pool]`}},
		{"env holds texts", "[env]\nPORT = 8080\n", []string{
			"config.toml line 2:1: env.PORT must be a text in quotes, not a whole number"}},
		{"plugins", "plugins = 'x'\n", []string{
			"config.toml line 1:1: plugins must be an array of tables; write [[plugins]]"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load(row.toml)
			if diff := cmp.Diff(row.want, lines(err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	key := "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	rows := []struct {
		name, toml string
		holds      func(Config) bool
	}{
		{"preload gives way", "[vm_pool]\nmax_size = 2\n", func(c Config) bool { return c.VMPool.PreloadSize == 2 }},
		{"proxies", "[server]\ntrusted_proxies='10.1.2.3/8, ::1'\n", func(c Config) bool { return len(c.Server.TrustedProxies) == 2 }},
		{"idle connections give way", "[database_nflow]\nmax_open_conns=3\n", func(c Config) bool { return c.Store.MaxIdleConns == 3 }},
		{"driver inferred", "[database_nflow]\ndsn='postgres://h/d'\n", func(c Config) bool { return c.Store.Driver == "postgres" }},
		{"driver of a database inferred", "[databases.x]\ndsn='postgresql://h/d'\n", func(c Config) bool { return c.Databases["x"].Driver == "postgres" }},
		{"defaults of a database", "[databases.x]\ndsn='a.db'\ndriver='sqlite3'\n", func(c Config) bool { return c.Databases["x"].MaxOpenConns == 10 }},
		{"memory", "[database_nflow]\ndriver='memory'\n", func(c Config) bool { return c.Store.Driver == "memory" }},
		{"manual's postgres", "[database_nflow]\ndriver='postgres'\ndsn='user=nflow password=s host=localhost port=5432 dbname=nflow sslmode=require'\n", func(c Config) bool { return c.Store.Driver == "postgres" }},
		{"same burst twice", "[rate_limit]\nburst_size=7\nip_burst_size=7\n", func(c Config) bool { return c.RateLimit.IPBurstSize == 7 }},
		{"burst", "[rate_limit]\nburst_size=7\n", func(c Config) bool { return c.RateLimit.IPBurstSize == 7 }},
		{"port as number", "[monitor]\nmetrics_port=9090\n", func(c Config) bool { return c.Monitor.MetricsPort == "9090" }},
		{"duration with a unit key", "[vm_pool]\nidle_timeout='90s'\n", func(c Config) bool { return c.VMPool.IdleTimeout.Seconds() == 90 }},
		{"key in base64", "[security]\nencryption_key='" + key + "'\n", func(c Config) bool { return c.Security.EncryptionKey.Reveal() == key }},
		{"key as it is", "[security]\nencryption_key='01234567890123456789012345678901'\n", func(c Config) bool { return c.Security.EncryptionKey != "" }},
		{"idle session gives way", "[auth]\nsession_max_age='1h'\n", func(c Config) bool { return c.Auth.SessionIdle.Hours() == 1 }},
		{"byte order and comments", "# a\n\n[env] # b\nA = 'x'\n", func(c Config) bool { return c.Env["A"] == "x" }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, err := load(row.toml)
			if err != nil {
				t.Fatal(err)
			}
			if !row.holds(c) {
				t.Errorf("the value is not as expected: %v", c.Redacted())
			}
		})
	}
}
