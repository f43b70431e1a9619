// Probe is the plugin of the conformance suite: it does all a plugin may do and
// all it should not.
package main

import (
	"context"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

func main() { plugin.Serve() }

// probe is registered where package variables are initialised, as a module never
// runs main.
var probe = plugin.Register(&plugin.Plugin{
	Name: "probe", Version: "1.2.3", Description: "What the conformance suite calls.",
	Nodes:     nodes(),
	Functions: append(append(values(), trouble()...), world()...),
	Actions:   actions(),
	Configure: plugin.ConfigureOf(configure),
	Optional:  plugin.Capabilities{KV: []string{"probe"}, HTTP: []string{"*.example.com"}, Env: []string{"PROBE_ENV"}, FS: []string{"/data"}, Secret: []string{"probe"}},
})

type settings struct {
	Word   string `json:"word,omitempty"`
	Refuse bool   `json:"refuse,omitempty"`
}

// configured is what Configure was given.
var configured settings

func configure(_ context.Context, s settings) error {
	if s.Refuse {
		return plugin.Errorf(plugin.InvalidArgument, "these settings are refused")
	}
	configured = s
	return nil
}
