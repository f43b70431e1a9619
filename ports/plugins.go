package ports

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// PluginSpec is everything needed to bring one plugin to life. Its bytes have
// been verified.
type PluginSpec struct {
	Name     string
	Artifact []byte // the module or the program
	SHA256   string // of Artifact, hex
	// MemoryBytes bounds what the plugin may use; MaxConcurrent calls at once come.
	MemoryBytes   int64
	MaxConcurrent int
	MaxPayload    int               // bytes of one payload, either way
	CallTimeout   time.Duration     // no call has longer
	Env           map[string]string // its whole environment
	Mounts        map[string]string // directory it sees -> directory of the host, read only
	// Interpret runs WebAssembly without compiling it.
	Interpret bool
	// NoTLS leaves the local socket of a process unencrypted, for languages whose
	// TLS library cannot do what ours does.
	NoTLS bool
}

// PluginLoader brings plugins to life.
type PluginLoader interface {
	// Open checks the artifact and starts the plugin. Faults: invalid (what is
	// wrong with the artifact), limit_exceeded, unavailable (it does not start),
	// cancelled.
	Open(ctx context.Context, spec PluginSpec) (Plugin, error)
}

// Plugin is one loaded plugin, safe for concurrent use.
type Plugin interface {
	// Call carries out one call and relays to the host what the plugin wants
	// meanwhile. When ctx ends the call is abandoned at once, and the plugin stopped
	// if it does not notice. What the plugin answers that is not JSON never comes
	// back. Faults: those the plugin gave (see PluginFault), plugin_failed (it
	// crashed or broke the contract), limit_exceeded, unavailable with RetryAfter
	// (down), cancelled.
	Call(ctx context.Context, call PluginCall, host PluginHost) (PluginResult, error)
	// State tells how it is doing.
	State() PluginState
	// Close ends it and everything it started. No call comes after it.
	Close(ctx context.Context) error
}

// PluginHost is the only way out of a plugin's call.
type PluginHost interface {
	// CallHost carries out a method such as "kv.get" with an object of arguments.
	CallHost(ctx context.Context, method string, args payload.Value) (payload.Value, error)
}

// PluginOp is what a call asks for.
type PluginOp string

// The operations; plugins-sdk/ABI.md gives the payloads.
const (
	PluginDescribe  PluginOp = "describe"
	PluginConfigure PluginOp = "configure"
	PluginNode      PluginOp = "node"
	PluginFunction  PluginOp = "function"
	PluginAction    PluginOp = "action"
)

// PluginCall is one call.
type PluginCall struct {
	Op      PluginOp
	Name    string        // of the node, function or action
	Payload payload.Value // zero = null
	Params  payload.Value // of a node; zero = none

	Workflow, Run, Node string // of the calling run

	Request *PluginRequest // of an action
}

// PluginRequest is the HTTP request behind an action.
type PluginRequest struct {
	Query       map[string][]string
	Headers     map[string]string // those plugins may see
	ContentType string
	Caller      string // name of the API token
	Body        []byte // instead of PluginCall.Payload when it is not JSON
}

// PluginResult is what a call gave back.
type PluginResult struct {
	Payload payload.Value
	Next    string           // of a node: the output to follow
	Emitted []PluginEmission // of a node that fired several times, instead of Payload and Next

	Status  int               // of an action; 0 = 200
	Headers map[string]string // of an action
	Body    []byte            // of an action whose body is not JSON, instead of Payload
}

// PluginEmission is one firing of a node's output.
type PluginEmission struct {
	Payload payload.Value
	Next    string
}

// PluginState is how a plugin is doing.
type PluginState struct {
	Status      string // "ok", "restarting", "quarantined" or "closed"
	Problem     string // why it is not ok
	Restarts    int    // of its process or its instances, after faults
	MemoryBytes int64  // of its process or instances; 0 = unknown
	Processes   int    // operating system processes it has
}

// PluginFiles finds plugins that are files.
type PluginFiles interface {
	// ReadPlugin reads an artifact with its manifest (nflow-plugin.json beside it,
	// or NAME.nflow-plugin.json) and its signature, if any. Code not_found, invalid.
	ReadPlugin(path string) (PluginFile, error)
	// ReadManifest reads only the manifest of an artifact. Faults as for ReadPlugin.
	ReadManifest(path string) ([]byte, error)
	// ListPlugins gives the artifacts in a directory of plugins, by path.
	ListPlugins(dir string) ([]string, error)
}

// PluginFile is a plugin as it is distributed.
type PluginFile struct {
	Artifact  []byte
	Manifest  []byte
	Signature []byte // nflow-plugin.sig; nil = not signed
}

// StoredPlugin is one revision of an installed plugin.
type StoredPlugin struct {
	PluginRevision
	PluginFile
}

// PluginRevision describes a revision without its bytes.
type PluginRevision struct {
	Name      string    `json:"name"`
	Revision  int       `json:"revision"` // 1, 2, 3...
	Version   string    `json:"version"`  // of the manifest
	Kind      string    `json:"kind"`     // "wasm" or "process"
	Platform  string    `json:"platform"` // "any" or such as "linux/amd64"
	SHA256    string    `json:"sha256"`
	Bytes     int       `json:"bytes"`
	Installed time.Time `json:"installed"`
	Author    string    `json:"author,omitempty"`
	Removed   bool      `json:"removed,omitempty"`
}

// PluginStore keeps installed plugins, so that all instances load the same bytes.
type PluginStore interface {
	// InstallPlugin stores the next revision and returns its number. Numbers are
	// never used again.
	InstallPlugin(ctx context.Context, p StoredPlugin) (int, error)
	// InstalledPlugin returns the newest revision that runs on a platform, as those
	// for "any" do on all, and was not removed; code not_found.
	InstalledPlugin(ctx context.Context, name, platform string) (StoredPlugin, error)
	// PluginRevisions lists revisions by name, newest first; of all plugins when
	// name is empty.
	PluginRevisions(ctx context.Context, name string) ([]PluginRevision, error)
	// RemovePlugin marks all revisions as removed, keeping the history; code
	// not_found.
	RemovePlugin(ctx context.Context, name string) error
}

// PluginSwitch is what an operator wants of a plugin, whatever its source.
type PluginSwitch struct {
	Name     string
	Disabled bool
	Reloads  int // grows with each wish to load it anew
}

// PluginSwitches keep what operators want, for all instances.
type PluginSwitches interface {
	PluginSwitches(ctx context.Context) ([]PluginSwitch, error)
	// SwitchPlugin turns a plugin on or off.
	SwitchPlugin(ctx context.Context, name string, disabled bool) error
	// ReloadPlugin asks every instance to load the plugin anew.
	ReloadPlugin(ctx context.Context, name string) error
}

// KeyValues is a small store of values by space and key.
type KeyValues interface {
	// Value gives code not_found.
	Value(ctx context.Context, space, key string) (payload.Value, error)
	// PutValue writes a value; limit_exceeded when the space would hold more than
	// max keys.
	PutValue(ctx context.Context, space, key string, v payload.Value, max int) error
	// DeleteValue is no fault when there is none.
	DeleteValue(ctx context.Context, space, key string) error
}

// PluginObserver is told what plugins do; it must not block.
type PluginObserver interface {
	// PluginCalled reports a call; code is empty on success.
	PluginCalled(plugin, op string, code fault.Code, took time.Duration)
	// PluginSeen reports how a plugin is doing, every few seconds; a closed one is
	// reported once with Status "closed".
	PluginSeen(plugin string, state PluginState)
}

// PluginInfo describes a plugin to an operator.
type PluginInfo struct {
	Name      string              `json:"name"`
	Version   string              `json:"version,omitempty"`
	Kind      string              `json:"kind"`      // wasm or process
	Isolation string              `json:"isolation"` // inproc or process
	Source    string              `json:"source"`    // a path, or "database"
	SHA256    string              `json:"sha256,omitempty"`
	Signed    bool                `json:"signed"`
	Status    string              `json:"status"` // ok, restarting, quarantined, disabled or failed
	Problem   string              `json:"problem,omitempty"`
	Nodes     []string            `json:"nodes"` // as workflows write them, such as "hello.greet"
	Functions []string            `json:"functions"`
	Actions   []string            `json:"actions"`
	Granted   plugin.Capabilities `json:"granted"`
	Calls     int64               `json:"calls"`
	Errors    int64               `json:"errors"`
	Active    int                 `json:"active"`  // calls under way
	Waiting   int                 `json:"waiting"` // calls that wait for a place
	Restarts  int                 `json:"restarts"`
	Memory    int64               `json:"memory_bytes,omitempty"`
	Loaded    time.Time           `json:"loaded,omitzero"`
}

// Plugins is what the API needs of plugins.
type Plugins interface {
	// Action carries out an action; code plugin_not_installed, not_found, and those
	// of Plugin.Call.
	Action(ctx context.Context, plugin, action string, call PluginCall) (PluginResult, error)
	// Plugins lists all plugins by name.
	Plugins() []PluginInfo
	// Reload loads one anew from its source, without a lost call. What is wrong
	// with the new one is the error, and the old one stays.
	ReloadPlugin(ctx context.Context, name string) error
	// Switch turns a plugin on or off on all instances.
	SwitchPlugin(ctx context.Context, name string, disabled bool) error
}
