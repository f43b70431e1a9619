package config

import "time"

// VMPool is [vm_pool].
type VMPool struct {
	MaxSize         int           `key:"max_size" default:"50" min:"1" max:"100000" doc:"Most virtual machines at once; further scripts wait for a free one."`
	PreloadSize     int           `key:"preload_size" default:"25" min:"0" max:"100000" doc:"Virtual machines kept ready with isolation = \"process\"; not above max_size. In process, each run gets a new one, which costs microseconds."`
	IdleTimeout     time.Duration `key:"idle_timeout" default:"10" unit:"minutes" doc:"With isolation = \"process\": a virtual machine unused for this long is dropped."`
	CleanupInterval time.Duration `key:"cleanup_interval" default:"5" unit:"minutes" min:"1ms" doc:"With isolation = \"process\": how often unused ones are looked for."`
	EnableMetrics   bool          `key:"enable_metrics" default:"true" doc:"Show the use of the pool under monitor.metrics_path."`

	MaxMemoryMB   int           `key:"max_memory_mb" default:"0" min:"0" max:"1048576" doc:"Memory of one script, in MiB; 0 = no limit."`
	MaxExecution  time.Duration `key:"max_execution_seconds" default:"30" unit:"seconds" min:"1ms" doc:"Wall clock time of one script."`
	MaxOperations int           `key:"max_operations" default:"0" min:"0" doc:"Loop turns and calls of one script; 0 = no limit."`

	EnableFilesystem bool   `key:"enable_filesystem" default:"false" doc:"Scripts may use files, below filesystem_root only."`
	FilesystemRoot   string `key:"filesystem_root" doc:"The one directory scripts see; required by enable_filesystem."`
	EnableNetwork    bool   `key:"enable_network" default:"false" doc:"Scripts may call the hosts that [egress] allows. http, db and mail nodes do not need it."`
	EnableProcess    bool   `key:"enable_process" default:"false" doc:"Scripts may start processes."`
	Isolation        string `key:"isolation" default:"in_process" enum:"in_process|process" doc:"Where scripts run: inside the server, or in child processes."`
}

// Limits is [limits].
type Limits struct {
	MaxSteps         int           `key:"max_steps" default:"10000" min:"1" doc:"Nodes visited in one run."`
	MaxRun           time.Duration `key:"max_run_seconds" default:"300" unit:"seconds" min:"1ms" doc:"Wall clock time of a run, its branches included."`
	MaxPayloadBytes  int           `key:"max_payload_bytes" default:"16777216" min:"1" doc:"Size of the payload between two nodes."`
	MaxResponseBytes int           `key:"max_response_bytes" default:"16777216" min:"1" doc:"Size of what one outbound call may return."`
	MaxRows          int           `key:"max_rows" default:"10000" min:"1" doc:"Rows of one query."`
	MaxCallDepth     int           `key:"max_call_depth" default:"1000" min:"1" max:"100000" doc:"Nested JavaScript calls."`
	MaxLogLines      int           `key:"max_log_lines" default:"1000" min:"0" doc:"Console lines of one script; further ones are dropped."`
}

// Egress is [egress].
type Egress struct {
	Allow        []string `key:"allow" check:"hosts" doc:"Hosts that may be called; empty = every public host."`
	Deny         []string `key:"deny" check:"hosts" doc:"Hosts that may not, whatever allow says."`
	AllowPrivate bool     `key:"allow_private" default:"false" doc:"Allow private, loopback and link-local addresses too. One that allow names itself needs no switch."`
}
