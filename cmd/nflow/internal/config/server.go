package config

import "time"

// Server is [server].
type Server struct {
	Address           string        `key:"address" default:"127.0.0.1:8080" check:"hostport" doc:"Address and port to listen on; \":8080\" listens on every interface."`
	URLBase           string        `key:"url_base" check:"url" doc:"Where visitors reach the server, such as https://flows.example.com; scripts read it as url_base."`
	TLSCert           string        `key:"tls_cert" doc:"File with the certificate chain, PEM. Set together with tls_key to serve HTTPS; read again when it changes."`
	TLSKey            string        `key:"tls_key" doc:"File with the private key, PEM."`
	TrustedProxies    []string      `key:"trusted_proxies" check:"networks" doc:"Addresses or CIDR ranges of proxies whose X-Forwarded headers count; those of anybody else are ignored."`
	MaxBodyBytes      int           `key:"max_body_bytes" default:"10485760" min:"1" doc:"Largest request body; a larger one is answered with 413."`
	MaxHeaderBytes    int           `key:"max_header_bytes" default:"65536" min:"1024" doc:"Largest request line and header."`
	MaxFormParts      int           `key:"max_form_parts" default:"1000" min:"1" doc:"Fields and files of one form."`
	Compression       bool          `key:"compression" default:"true" doc:"Compress answers for clients that take it."`
	ReadHeaderTimeout time.Duration `key:"read_header_timeout" default:"10s" min:"1ms" doc:"For the header of a request to arrive."`
	ReadTimeout       time.Duration `key:"read_timeout" default:"2m" min:"1ms" doc:"For a whole body to arrive, from the end of the header."`
	StallTimeout      time.Duration `key:"stall_timeout" default:"10s" min:"1ms" doc:"For each pause while a body arrives."`
	WriteTimeout      time.Duration `key:"write_timeout" default:"2m" min:"1ms" doc:"For an answer to be taken, from the moment it is ready. Runs are bounded by limits.max_run_seconds instead."`
	RequestTimeout    time.Duration `key:"request_timeout" default:"30s" min:"1ms" doc:"For calls of the API other than running a workflow."`
	IdleTimeout       time.Duration `key:"idle_timeout" default:"2m" min:"1ms" doc:"For an unused connection to stay open."`
	ShutdownTimeout   time.Duration `key:"shutdown_timeout" default:"30s" min:"1ms" doc:"For running requests to end after SIGTERM; what is left then is cancelled."`
}

// Auth is [auth].
type Auth struct {
	AdminToken    Secret        `key:"admin_token" min:"16" doc:"Bearer token of /api/**, at least 16 characters. Without one, the first start makes one, prints it once and keeps its hash."`
	CookieName    string        `key:"cookie_name" default:"nflow_session" check:"token" doc:"Name of the session cookie."`
	SessionIdle   time.Duration `key:"session_idle" default:"24h" min:"1s" doc:"A session ends when it was not used for this long."`
	SessionMaxAge time.Duration `key:"session_max_age" default:"168h" min:"1s" doc:"A session ends at this age, used or not."`

	SessionStore    string   `key:"session_store" default:"auto" enum:"auto|database|redis" doc:"Where sessions are kept; auto = in Redis when there is one, else in the database."`
	SessionMaxBytes int      `key:"session_max_bytes" default:"1048576" min:"1024" doc:"Size of one session, what forms that wait keep included."`
	CSRFProtection  bool     `key:"csrf_protection" default:"true" doc:"Refuse requests that another site makes a visitor's browser send with the session cookie, and begin no session by those it sends without."`
	TrustedOrigins  []string `key:"trusted_origins" check:"origin" doc:"Sites that may do so all the same, such as https://shop.example.com."`
}

// Log is [log].
type Log struct {
	Level  string `key:"level" default:"info" enum:"debug|info|warn|error" doc:"Least important level that is written; -v is debug."`
	Format string `key:"format" default:"text" enum:"text|json" doc:"One line of text, or one JSON object, for each event."`
}
