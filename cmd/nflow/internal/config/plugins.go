package config

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// Plugin is one [[plugins]].
type Plugin struct {
	Name      string            `key:"name" doc:"Name of the plugin, as its manifest has it. Required, and each only once."`
	Enabled   bool              `key:"enabled" default:"true" doc:"Load it. nflow plugin disable turns it off while nflow runs."`
	Path      string            `key:"path" doc:"File of the plugin, with its nflow-plugin.json beside it, or a directory that holds both. Empty = the one that nflow plugin install put into the database."`
	Kind      string            `key:"kind" enum:"wasm|process" doc:"A WebAssembly module, or a program that runs with the rights of the server. Empty = whichever it is."`
	Isolation string            `key:"isolation" default:"inproc" enum:"inproc|process" doc:"Where a WebAssembly module runs: inside the server, or in a process of its own, for code nobody knows and for big payloads."`
	Engine    string            `key:"engine" default:"compiler" enum:"compiler|interpreter" doc:"How a WebAssembly module runs; the interpreter is slower and compiles nothing."`
	SHA256    map[string]string `key:"sha256" check:"sha256" doc:"Digests the file must have, by platform: any, or such as linux/amd64. nflow plugin pin prints the line."`

	CallTimeout   time.Duration `key:"call_timeout" default:"10" unit:"seconds" min:"1ms" doc:"For one call."`
	MemoryMB      int           `key:"memory_mb" default:"0" min:"0" max:"65536" doc:"Memory the plugin may use, in MiB: a WebAssembly module for each call under way (at most 4096), a program as a whole. 0 = 64 for WebAssembly, 512 for a program."`
	MaxConcurrent int           `key:"max_concurrent" default:"4" min:"1" max:"10000" doc:"Calls at once."`
	MaxQueue      int           `key:"max_queue" default:"256" min:"0" max:"1000000" doc:"Calls that may wait for a place; further ones are refused."`
	MaxPayload    Bytes         `key:"max_payload" default:"8MiB" min:"1024" max:"1073741824" doc:"Size of a payload to or from the plugin."`

	Dev   bool `key:"dev" default:"false" doc:"Load it without a digest and a signature; for a plugin that is being written."`
	NoTLS bool `key:"no_tls" default:"false" doc:"Do not encrypt the local socket to a program, for languages whose TLS library cannot do what ours does."`

	Grants  Grants            `key:"grants" doc:"What the plugin may do, of what its manifest asks for; everything else is refused. They confine WebAssembly only: a program can do whatever the server's user can."`
	Config  map[string]any    `key:"config" doc:"Settings of the plugin's own, handed to it when it is loaded. Not for secrets."`
	Secrets map[string]Secret `key:"secrets" secret:"yes" doc:"Secrets by name; the plugin reads those that grants.secret names."`
}

// Grants is [plugins.grants].
type Grants struct {
	HTTP   []string `key:"http" doc:"Hosts it may call, such as api.example.com or *.example.com. The rules of [egress] hold as well."`
	KV     []string `key:"kv" doc:"Spaces of the key-value store it may use."`
	Env    []string `key:"env" doc:"Names in [env] it sees as environment variables, and nothing else of the environment."`
	Secret []string `key:"secret" doc:"Names in [plugins.secrets] it may read."`
	FS     []string `key:"fs" doc:"Directories it may read: what it sees and what that is, such as /data=/srv/data."`
}

// PluginHost is [plugin_host].
type PluginHost struct {
	Dir             string            `key:"dir" doc:"Directory of plugins that are loaded without a [[plugins]] of their own, and so without grants: NAME.wasm or a program with NAME.nflow-plugin.json, or a directory with nflow-plugin.json and one file; empty = none."`
	Dev             bool              `key:"dev" default:"false" doc:"Load every plugin without a digest and a signature; for development only."`
	TrustedKeys     map[string]string `key:"trusted_keys" check:"ed25519" doc:"Public keys whose signatures count, by the name of whom they belong to; nflow plugin keygen prints the line. With any, every plugin must be signed."`
	CacheDir        string            `key:"cache_dir" doc:"Where compiled WebAssembly is kept; nobody but the server may write there. Empty = nflow/plugins in the user's directory of caches, or a temporary directory when there is none."`
	RunDir          string            `key:"run_dir" doc:"Where sockets and copies of programs are, on a file system that allows programs. Empty = nflow-UID in the directory of temporary files."`
	RefreshInterval time.Duration     `key:"refresh_interval" default:"5s" min:"100ms" doc:"How often nflow looks for plugins that were installed, removed, enabled, disabled or asked to reload."`
}

// Values of Plugin.Kind and Plugin.Engine.
const (
	KindWasm          = "wasm"
	KindProcess       = "process"
	EngineInterpreter = "interpreter"
)

// knownKind is what the configuration says about the kind; empty when only the
// plugin's bytes can tell.
func (p Plugin) knownKind() string {
	if p.Kind == "" && strings.HasSuffix(p.Path, ".wasm") {
		return KindWasm
	}
	return p.Kind
}

// Settings are the plugin's own as an object; null when there are none. Load
// has checked that it can be made.
func (p Plugin) Settings() (payload.Value, error) {
	if len(p.Config) == 0 {
		return payload.Value{}, nil
	}
	v, err := payload.From(p.Config)
	if err != nil {
		return payload.Value{}, fault.Wrap(err, fault.Invalid, "plugins.config of the plugin %s cannot be written as JSON", p.Name)
	}
	return v, nil
}

// Capabilities are the grants as the domain has them.
func (g Grants) Capabilities() plugin.Capabilities {
	return plugin.Capabilities{HTTP: g.HTTP, KV: g.KV, Env: g.Env, Secret: g.Secret, FS: g.FS}
}

// Keys are the trusted keys by name.
func (h PluginHost) Keys() map[string]ed25519.PublicKey {
	keys := make(map[string]ed25519.PublicKey, len(h.TrustedKeys))
	for name, text := range h.TrustedKeys {
		if key, ok := publicKey(text); ok {
			keys[name] = key
		}
	}
	return keys
}

func publicKey(text string) (ed25519.PublicKey, bool) {
	raw, err := base64.StdEncoding.DecodeString(text)
	return raw, err == nil && len(raw) == ed25519.PublicKeySize
}
