package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	file := "[databases.shop-2]\ndriver='sqlite3'\ndsn='a.db'\n[env]\napi_url='old'\n"
	rows := []struct {
		name    string
		environ string
		holds   func(Config) bool
	}{
		{"manual: database", "NFLOW_DATABASE_DSN=postgres://user:pass@host/db", func(c Config) bool {
			return c.Store.Driver == "postgres" && c.Store.DSN.Reveal() == "postgres://user:pass@host/db"
		}},
		{"manual: redis", "NFLOW_REDIS_HOST=redis.ejemplo.com:6379", func(c Config) bool { return c.Redis.Host == "redis.ejemplo.com:6379" }},
		{"manual: pool", "NFLOW_VM_POOL_MAX_SIZE=500", func(c Config) bool { return c.VMPool.MaxSize == 500 }},
		{"manual: key", "NFLOW_SECURITY_ENCRYPTION_KEY=01234567890123456789012345678901", func(c Config) bool { return c.Security.EncryptionKey != "" }},
		{"full section name", "NFLOW_DATABASE_NFLOW_DRIVER=memory", func(c Config) bool { return c.Store.Driver == "memory" }},
		{"alias", "NFLOW_RATE_LIMIT_BURST_SIZE=3", func(c Config) bool { return c.RateLimit.IPBurstSize == 3 }},
		{"list", "NFLOW_SERVER_TRUSTED_PROXIES=10.0.0.1, 10.1.0.0/16", func(c Config) bool { return len(c.Server.TrustedProxies) == 2 }},
		{"bool", "NFLOW_MONITOR_ENABLED=0", func(c Config) bool { return !c.Monitor.Enabled }},
		{"count with a unit", "NFLOW_VM_POOL_MAX_EXECUTION_SECONDS=7", func(c Config) bool { return c.VMPool.MaxExecution.Seconds() == 7 }},
		{"new database", "NFLOW_DATABASES_CRM_DSN=postgres://h/crm", func(c Config) bool { return c.Databases["crm"].Driver == "postgres" }},
		{"known database", "NFLOW_DATABASES_SHOP_2_DSN=b.db", func(c Config) bool { return c.Databases["shop-2"].DSN == "b.db" && len(c.Databases) == 1 }},
		{"env", "NFLOW_ENV_TOKEN=x", func(c Config) bool { return c.Env["TOKEN"] == "x" }},
		{"env named like a suffix", "NFLOW_ENV_FILE=x", func(c Config) bool { return c.Env["FILE"] == "x" }},
		{"env of the file", "NFLOW_ENV_API_URL=new", func(c Config) bool { return c.Env["api_url"] == "new" && len(c.Env) == 1 }},
		{"pattern", "NFLOW_SECURITY_CUSTOM_PATTERNS_ID=x+", func(c Config) bool { return c.Security.CustomPatterns["id"] == "x+" }},
		{"trusted key", "NFLOW_PLUGIN_HOST_TRUSTED_KEYS_ACME=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", func(c Config) bool {
			return string(c.PluginHost.Keys()["acme"]) == "01234567890123456789012345678901"
		}},
		{"directory of plugins", "NFLOW_PLUGIN_HOST_DIR=/srv/plugins", func(c Config) bool { return c.PluginHost.Dir == "/srv/plugins" }},
		{"isolation of a workflow", "NFLOW_VM_POOL_WORKFLOW_ISOLATION_SHOP=in_process", func(c Config) bool { return c.VMPool.WorkflowIsolation["shop"] == "in_process" }},
		{"programs", "NFLOW_VM_POOL_ALLOWED_EXECUTABLES=/bin/ls, /bin/cat", func(c Config) bool {
			return len(c.VMPool.AllowedExecutables) == 2 && c.VMPool.AllowedExecutables[1] == "/bin/cat"
		}},
		{"servers", "NFLOW_REDIS_ADDRESSES=a:1, b:2,[::1]:3", func(c Config) bool {
			return len(c.Redis.Addresses) == 3 && c.Redis.Addresses[1] == "b:2" && c.Redis.Addresses[2] == "[::1]:3"
		}},
		{"password of Redis from a file", "NFLOW_REDIS_PASSWORD_FILE=/run/dsn", func(c Config) bool { return c.Redis.Password == "postgres://from/file" }},
		{"prefix", "NFLOW_REDIS_KEY_PREFIX=shop:", func(c Config) bool { return c.Redis.KeyPrefix == "shop:" }},
		{"no prefix", "NFLOW_REDIS_KEY_PREFIX=", func(c Config) bool { return c.Redis.KeyPrefix == "" }},
		{"entry to a cluster", "NFLOW_REDIS_CLUSTER=true", func(c Config) bool { return c.Redis.Cluster }},
		{"TLS", "NFLOW_REDIS_TLS=true", func(c Config) bool { return c.Redis.TLS }},
		{"origins", "NFLOW_AUTH_TRUSTED_ORIGINS=https://a.example, http://b.example:8080", func(c Config) bool { return len(c.Auth.TrustedOrigins) == 2 }},
		{"no protection", "NFLOW_AUTH_CSRF_PROTECTION=false", func(c Config) bool { return !c.Auth.CSRFProtection }},
		{"sessions", "NFLOW_AUTH_SESSION_STORE=database", func(c Config) bool { return c.Auth.SessionStore == "database" }},
		{"requests of tokens", "NFLOW_RATE_LIMIT_TOKEN_RATE_LIMIT=60", func(c Config) bool { return c.RateLimit.TokenRateLimit == 60 }},
		{"outage of the backend", "NFLOW_RATE_LIMIT_ON_BACKEND_ERROR=closed", func(c Config) bool { return c.RateLimit.OnBackendError == "closed" }},
		{"minutes as a number", "NFLOW_RATE_LIMIT_IP_WINDOW_MINUTES=2", func(c Config) bool { return c.RateLimit.IPWindow.Minutes() == 2 }},
		{"age of rows", "NFLOW_TRACKER_MAX_AGE=720h", func(c Config) bool { return c.Tracker.MaxAge.Hours() == 720 }},
		{"rows", "NFLOW_TRACKER_KEEP=5", func(c Config) bool { return c.Tracker.Keep == 5 }},
		{"age of runs", "NFLOW_RUNS_MAX_AGE=1m", func(c Config) bool { return c.Runs.MaxAge.Minutes() == 1 }},
		{"poll, short section", "NFLOW_DATABASE_POLL_INTERVAL=1s", func(c Config) bool { return c.Store.PollInterval.Seconds() == 1 }},
		{"from a file", "NFLOW_DATABASE_DSN_FILE=/run/dsn", func(c Config) bool { return c.Store.DSN == "postgres://from/file" }},
		{"entry from a file", "NFLOW_ENV_KEY_FILE=/run/dsn", func(c Config) bool { return c.Env["KEY"] == "postgres://from/file" }},
		{"for tests", "NFLOW_TEST_ANYTHING=1", func(Config) bool { return true }},
		{"not ours", "OTHER_THING=1", func(Config) bool { return true }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			read := files{DefaultPath: file, "/run/dsn": "postgres://from/file\n"}.read
			c, err := Load(Source{ReadFile: read, Environ: []string{row.environ}})
			if err != nil {
				t.Fatal(err)
			}
			if !row.holds(c) {
				t.Error("the variable was not taken over")
			}
		})
	}
}

func TestEnvironmentFaults(t *testing.T) {
	rows := []struct {
		name    string
		environ []string
		want    []string
	}{
		{"unknown", []string{"NFLOW_VM_POOL_MAXSIZE=hush"}, []string{
			`NFLOW_VM_POOL_MAXSIZE: there is no such setting; did you mean "NFLOW_VM_POOL_MAX_SIZE"?`}},
		{"wrong type", []string{"NFLOW_VM_POOL_MAX_SIZE=many"}, []string{
			`NFLOW_VM_POOL_MAX_SIZE: vm_pool.max_size must be a whole number, not "many"`}},
		{"wrong bool", []string{"NFLOW_MONITOR_ENABLED=maybe"}, []string{
			`NFLOW_MONITOR_ENABLED: monitor.enabled must be true or false, not "maybe"`}},
		{"out of bounds", []string{"NFLOW_VM_POOL_MAX_SIZE=0"}, []string{
			"NFLOW_VM_POOL_MAX_SIZE: vm_pool.max_size is 0; it must be 1 or more"}},
		{"value and file", []string{"NFLOW_AUTH_ADMIN_TOKEN=0123456789abcdef", "NFLOW_AUTH_ADMIN_TOKEN_FILE=/x"}, []string{
			"NFLOW_AUTH_ADMIN_TOKEN_FILE: auth.admin_token is given by NFLOW_AUTH_ADMIN_TOKEN as well; keep one of the two variables"}},
		{"unreadable file", []string{"NFLOW_AUTH_ADMIN_TOKEN_FILE=/x"}, []string{
			"NFLOW_AUTH_ADMIN_TOKEN_FILE: auth.admin_token cannot be read from the file that this variable names: file does not exist"}},
		{"two spellings", []string{"NFLOW_DATABASE_DSN=a.db", "NFLOW_DATABASE_NFLOW_DSN=b.db"}, []string{
			"NFLOW_DATABASE_NFLOW_DSN: database_nflow.dsn is given by NFLOW_DATABASE_DSN as well, with a different value; keep one of the two variables"}},
		{"incomplete database", []string{"NFLOW_DATABASES_CRM_DRIVER=postgres"}, []string{
			"NFLOW_DATABASES_CRM_DRIVER: databases.crm needs a dsn"}},
		{"Redis twice", []string{"NFLOW_REDIS_HOST=a:1", "NFLOW_REDIS_ADDRESSES=b:2"}, []string{
			"NFLOW_REDIS_ADDRESSES: redis.addresses is given beside redis.host; keep host for one server, or addresses for a cluster or sentinels"}},
		{"a password in an address", []string{"NFLOW_REDIS_HOST=redis://:hush@h:6379"}, []string{
			`NFLOW_REDIS_HOST: redis.host must hold the address and the port of a server, such as "localhost:6379"`}},
		{"password of Redis both ways", []string{"NFLOW_REDIS_PASSWORD=a", "NFLOW_REDIS_PASSWORD_FILE=/x"}, []string{
			"NFLOW_REDIS_PASSWORD_FILE: redis.password is given by NFLOW_REDIS_PASSWORD as well; keep one of the two variables"}},
		{"TLS without TLS", []string{"NFLOW_REDIS_HOST=a:1", "NFLOW_REDIS_TLS_KEY=k.pem", "NFLOW_REDIS_TLS_CERT=c.pem"}, []string{
			"NFLOW_REDIS_TLS_CERT: redis.tls_cert needs redis.tls = true; without it nothing is encrypted",
			"NFLOW_REDIS_TLS_KEY: redis.tls_key needs redis.tls = true; without it nothing is encrypted"}},
		{"plugins", []string{"NFLOW_PLUGINS=x", "NFLOW_PLUGINS_0_NAME=x", "NFLOW_PLUGINSX=x"}, []string{
			"NFLOW_PLUGINS: plugins can be given in the configuration file only; write [[plugins]] there",
			"NFLOW_PLUGINSX: there is no such setting",
			"NFLOW_PLUGINS_0_NAME: plugins can be given in the configuration file only; write [[plugins]] there"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			_, err := load("", row.environ...)
			if diff := cmp.Diff(row.want, lines(err)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOfFileAndEnvironmentComeTogether(t *testing.T) {
	_, err := load("x = \n", "NFLOW_NOPE=1", "NFLOW_VM_POOL_MAX_SIZE=0")
	if got := lines(err); len(got) != 3 {
		t.Errorf("want three faults, got %q", got)
	}
}

func TestKubernetesServiceLinksAreNotSettings(t *testing.T) {
	links := []string{
		"NFLOW_RUNTIME_SERVICE_HOST=10.0.0.1", "NFLOW_RUNTIME_SERVICE_PORT=80", "NFLOW_RUNTIME_SERVICE_PORT_HTTP=80",
		"NFLOW_RUNTIME_PORT=tcp://10.0.0.1:80", "NFLOW_RUNTIME_PORT_80_TCP=tcp://10.0.0.1:80",
		"NFLOW_RUNTIME_PORT_80_TCP_PROTO=tcp", "NFLOW_RUNTIME_PORT_80_TCP_ADDR=10.0.0.1",
		"NFLOW_SERVICE_HOST=10.0.0.2", "NFLOW_SERVICE_PORT=80", "NFLOW_PORT=tcp://10.0.0.2:80",
	}
	if _, err := load("", links...); err != nil {
		t.Errorf("service links are refused:\n%v", err)
	}
	_, err := load("", append(links, "NFLOW_SERVER_PORT=80")...)
	if got := lines(err); len(got) != 1 || !strings.HasPrefix(got[0], "NFLOW_SERVER_PORT:") {
		t.Errorf("want one fault about NFLOW_SERVER_PORT, got %q", got)
	}
	if _, err := load("", "NFLOW_RUNTIME_PORT=tcp://10.0.0.1:80"); err == nil {
		t.Error("a lone variable that looks like a link is accepted")
	}
}
