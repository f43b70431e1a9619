package config

import "time"

// Monitor is [monitor].
type Monitor struct {
	Enabled               bool   `key:"enabled" default:"true" doc:"Serve the two pages below."`
	HealthCheckPath       string `key:"health_check_path" default:"/health" check:"path" doc:"Path of the health report; live and ready are below it."`
	MetricsPath           string `key:"metrics_path" default:"/metrics" check:"path" doc:"Path of the metrics, in Prometheus text format."`
	EnableDetailedMetrics bool   `key:"enable_detailed_metrics" default:"false" doc:"Metrics of the process and of the Go runtime as well."`
	MetricsPort           string `key:"metrics_port" number:"ok" check:"port" doc:"Serve the metrics on a port of their own; empty = on the server's."`
}

// Debug is [debug].
type Debug struct {
	Enabled     bool     `key:"enabled" default:"false" doc:"Serve the pages. Needs auth_token, allowed_ips or both."`
	AuthToken   Secret   `key:"auth_token" doc:"Value the header X-Debug-Token must have."`
	AllowedIPs  []string `key:"allowed_ips" check:"networks" doc:"Addresses or CIDR ranges that may look."`
	EnablePprof bool     `key:"enable_pprof" default:"false" doc:"Serve Go's profiles under /debug/pprof."`
}

// Tracker is [tracker].
type Tracker struct {
	Enabled        bool          `key:"enabled" default:"false" doc:"Write the rows."`
	Workers        int           `key:"workers" default:"2" min:"1" max:"1000" doc:"Writers at once."`
	BatchSize      int           `key:"batch_size" default:"1000" min:"1" max:"100000" doc:"Rows of one write."`
	FlushInterval  time.Duration `key:"flush_interval" default:"250" unit:"milliseconds" min:"1ms" doc:"A batch is written at this age even when it is not full."`
	ChannelBuffer  int           `key:"channel_buffer" default:"10000" min:"1" max:"10000000" doc:"Rows that may wait; further ones are dropped and counted."`
	VerboseLogging bool          `key:"verbose_logging" default:"false" doc:"Log every batch."`

	Payload         bool          `key:"payload" default:"true" doc:"Write what each node handed on, as JSON."`
	MaxPayloadBytes int           `key:"max_payload_bytes" default:"65536" min:"0" doc:"A larger payload is left out of its row."`
	Keep            int           `key:"keep" default:"0" min:"0" doc:"Rows kept; older ones are deleted. 0 = all."`
	MaxAge          time.Duration `key:"max_age" default:"0s" doc:"Rows older than this are deleted, such as 720h; 0 = whatever their age."`
}

// RateLimit is [rate_limit].
type RateLimit struct {
	Enabled          bool          `key:"enabled" default:"false" doc:"Limit requests by address."`
	IPRateLimit      int           `key:"ip_rate_limit" default:"100" min:"1" doc:"Requests of one address in a window."`
	IPWindow         time.Duration `key:"ip_window_minutes" default:"1" unit:"minutes" min:"1ms" doc:"Length of the window."`
	IPBurstSize      int           `key:"ip_burst_size" alias:"burst_size" default:"0" min:"0" doc:"Requests that may come at once, the size of the token bucket; 0 = ip_rate_limit."`
	Backend          string        `key:"backend" default:"memory" enum:"memory|redis" doc:"Where counts are kept; redis counts for all instances together."`
	CleanupInterval  time.Duration `key:"cleanup_interval" default:"10" unit:"minutes" min:"1ms" doc:"How often old counts are dropped."`
	RetryAfterHeader bool          `key:"retry_after_header" default:"true" doc:"Say in a refusal when to try again."`
	ErrorMessage     string        `key:"error_message" default:"Too many requests. Please try again later." doc:"Text of a refusal."`
	ExcludedIPs      []string      `key:"excluded_ips" check:"networks" doc:"Addresses or CIDR ranges that are not limited."`
	ExcludedPaths    []string      `key:"excluded_paths" default:"/health,/metrics" check:"paths" doc:"Paths that are not limited, with everything below them."`
	TokenRateLimit   int           `key:"token_rate_limit" default:"0" min:"0" doc:"Requests of one API token in a window; 0 = as many as it likes. nflow token create --rate-limit sets another for one token. It binds even with enabled = false."`
	OnBackendError   string        `key:"on_backend_error" default:"open" enum:"open|closed" doc:"What to do while the backend cannot be reached: open lets requests through, closed answers 503."`
}
