package config

import "time"

// Server is [server].
type Server struct {
	Address           string        `key:"address" default:"127.0.0.1:8080" check:"hostport" doc:"Address and port to listen on; \":8080\" listens on every interface."`
	TLSCert           string        `key:"tls_cert" doc:"File with the certificate chain, PEM. Set together with tls_key to serve HTTPS."`
	TLSKey            string        `key:"tls_key" doc:"File with the private key, PEM."`
	TrustedProxies    []string      `key:"trusted_proxies" check:"networks" doc:"Addresses or CIDR ranges of proxies whose X-Forwarded headers count; those of anybody else are ignored."`
	MaxBodyBytes      int           `key:"max_body_bytes" default:"10485760" min:"1" doc:"Largest request body; a larger one is answered with 413."`
	Compression       bool          `key:"compression" default:"true" doc:"Compress answers for clients that ask for it."`
	ReadHeaderTimeout time.Duration `key:"read_header_timeout" default:"10s" min:"1ms" doc:"For the headers of a request to arrive."`
	ReadTimeout       time.Duration `key:"read_timeout" default:"1m" doc:"For a whole request to arrive; 0s = no limit."`
	WriteTimeout      time.Duration `key:"write_timeout" default:"6m" doc:"For a request to be worked on and its answer to be taken; 0s = no limit. Must be longer than limits.max_run_seconds."`
	IdleTimeout       time.Duration `key:"idle_timeout" default:"2m" doc:"For an unused connection to stay open; 0s = read_timeout."`
	ShutdownTimeout   time.Duration `key:"shutdown_timeout" default:"30s" doc:"For running requests to end after SIGTERM; what is left then is cancelled."`
}

// Auth is [auth].
type Auth struct {
	AdminToken     Secret        `key:"admin_token" min:"16" doc:"Bearer token of /api/**, at least 16 characters. Without one, the first start makes one, prints it once and keeps its hash."`
	CookieName     string        `key:"cookie_name" default:"nflow_session" check:"token" doc:"Name of the session cookie."`
	CookieSecure   string        `key:"cookie_secure" default:"auto" enum:"auto|always|never" doc:"When the cookie is marked Secure; auto = when the request came over HTTPS."`
	CookieSameSite string        `key:"cookie_same_site" default:"lax" enum:"lax|strict|none" doc:"SameSite attribute of the cookie; none needs cookie_secure = \"always\"."`
	SessionIdle    time.Duration `key:"session_idle" default:"24h" min:"1s" doc:"A session ends when it was not used for this long."`
	SessionMaxAge  time.Duration `key:"session_max_age" default:"168h" min:"1s" doc:"A session ends at this age, used or not."`
}

// Log is [log].
type Log struct {
	Level  string `key:"level" default:"info" enum:"debug|info|warn|error" doc:"Least important level that is written; -v is debug."`
	Format string `key:"format" default:"text" enum:"text|json" doc:"One line of text, or one JSON object, for each event."`
}
