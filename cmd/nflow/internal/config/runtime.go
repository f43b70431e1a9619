package config

import "time"

// VMPool is [vm_pool].
type VMPool struct {
	MaxSize         int           `key:"max_size" default:"50" min:"1" max:"100000" doc:"Most scripts at once. Further ones wait, and places go to the workflows in turn; one workflow gets at most about three quarters of them (all, when there are no more than 3), so that the others find one free at once."`
	PreloadSize     int           `key:"preload_size" default:"4" min:"0" max:"100000" doc:"Child processes kept ready with isolation = \"process\"; not above max_size. In process there is nothing to keep: each run gets a new virtual machine, which costs microseconds."`
	IdleTimeout     time.Duration `key:"idle_timeout" default:"10" unit:"minutes" doc:"A child process unused for this long is ended, down to preload_size."`
	CleanupInterval time.Duration `key:"cleanup_interval" default:"5" unit:"minutes" min:"1ms" doc:"How often unused child processes are looked for."`
	EnableMetrics   bool          `key:"enable_metrics" default:"true" doc:"Show the use of the pool under monitor.metrics_path."`

	MaxMemoryMB   int           `key:"max_memory_mb" default:"128" min:"0" max:"1048576" doc:"Memory that one script may use, in MiB; 0 = no limit. Only isolation = \"process\" binds it."`
	MaxExecution  time.Duration `key:"max_execution_seconds" default:"30" unit:"seconds" min:"1ms" doc:"Wall clock time of one script."`
	MaxOperations int           `key:"max_operations" default:"10000000" min:"0" doc:"Loop turns and calls of one script; 0 = no limit. A script with the same input always stops at the same one."`

	EnableFilesystem   bool     `key:"enable_filesystem" default:"false" doc:"Scripts may use files, below filesystem_root only."`
	FilesystemRoot     string   `key:"filesystem_root" doc:"The one directory scripts see; required by enable_filesystem."`
	EnableNetwork      bool     `key:"enable_network" default:"false" doc:"Scripts may call the hosts that [egress] allows. http, db and mail nodes do not need it."`
	EnableProcess      bool     `key:"enable_process" default:"false" doc:"Scripts may start the programs of allowed_executables with exec()."`
	AllowedExecutables []string `key:"allowed_executables" check:"program" doc:"The programs, by absolute path; scripts must write a path exactly as it stands here. They run with the rights of the server, and whatever arguments a script likes: list no shell and no interpreter."`

	Isolation         string            `key:"isolation" default:"process" enum:"in_process|process" doc:"Where scripts run: in child processes, which bind memory and end whatever does not stop, or inside the server, which is faster and for scripts that the operator trusts."`
	WorkflowIsolation map[string]string `key:"workflow_isolation" enum:"in_process|process" doc:"Another isolation for single workflows, by id: [vm_pool.workflow_isolation] shop = \"in_process\"."`
	RequireHardening  bool              `key:"require_hardening" default:"false" doc:"Do not start when child processes cannot be confined as far as nFlow knows how to (on Linux: no new privileges, seccomp, Landlock); else the log and the health page say what is missing."`
}

// Limits is [limits].
type Limits struct {
	MaxSteps         int           `key:"max_steps" default:"10000" min:"1" doc:"Nodes visited in one run."`
	MaxRun           time.Duration `key:"max_run_seconds" default:"300" unit:"seconds" min:"1ms" doc:"Wall clock time of a run, its branches included."`
	MaxPayloadBytes  int           `key:"max_payload_bytes" default:"16777216" min:"1" doc:"Size of the payload between two nodes."`
	MaxResponseBytes int           `key:"max_response_bytes" default:"16777216" min:"1" doc:"Size of what one outbound call may return."`
	MaxRows          int           `key:"max_rows" default:"10000" min:"1" doc:"Rows of one query."`
	MaxCallDepth     int           `key:"max_call_depth" default:"1000" min:"1" max:"100000" doc:"Nested JavaScript calls."`
	MaxLogLines      int           `key:"max_log_lines" default:"1000" min:"1" doc:"Console lines of one script; one more stops it."`
	MaxLogBytes      int           `key:"max_log_bytes" default:"1048576" min:"1" doc:"Console output of one script, in bytes; more stops it."`
	MaxHostCalls     int           `key:"max_host_calls" default:"10000" min:"1" doc:"Calls of one script to functions of the runtime, such as http_get or get_session."`
}

// Egress is [egress].
type Egress struct {
	Allow        []string `key:"allow" check:"hosts" doc:"Hosts that may be called; empty = every public host."`
	Deny         []string `key:"deny" check:"hosts" doc:"Hosts that may not, whatever allow says."`
	AllowPrivate bool     `key:"allow_private" default:"false" doc:"Allow private, loopback and link-local addresses too. One that allow names itself needs no switch."`
}
