package plugin

import (
	"encoding/json"
	"fmt"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// The manifest as JSON; manifest.schema.json describes it.
type (
	manifest struct {
		Name         string           `json:"name"`
		Version      string           `json:"version"`
		ABI          int              `json:"abi"`
		Description  string           `json:"description,omitempty"`
		Nodes        []manifestMember `json:"nodes,omitempty"`
		Functions    []manifestMember `json:"functions,omitempty"`
		Actions      []manifestMember `json:"actions,omitempty"`
		Capabilities Capabilities     `json:"capabilities,omitzero"`
		Optional     Capabilities     `json:"optional_capabilities,omitzero"`
	}
	manifestMember struct {
		Type        string            `json:"type,omitempty"` // of a node
		Name        string            `json:"name,omitempty"` // of the others
		Description string            `json:"description,omitempty"`
		Params      any               `json:"params,omitempty"`
		Outputs     []string          `json:"outputs,omitempty"`
		Examples    []manifestExample `json:"examples,omitempty"`
	}
	manifestExample struct {
		Params  any    `json:"params,omitempty"`
		Payload any    `json:"payload,omitempty"`
		Result  any    `json:"result,omitempty"`
		Next    string `json:"next,omitempty"`
	}
)

// IsZero makes encoding/json leave empty capabilities out.
func (c Capabilities) IsZero() bool {
	return len(c.HTTP)+len(c.KV)+len(c.Env)+len(c.Secret)+len(c.FS) == 0
}

// ManifestJSON is the manifest of the registered plugin, as nflow-plugin.json
// holds it.
func ManifestJSON() ([]byte, error) { return current().ManifestJSON() }

// ManifestJSON is the plugin's manifest, as nflow-plugin.json holds it.
func (p *Plugin) ManifestJSON() ([]byte, error) {
	m := manifest{
		Name: p.Name, Version: p.Version, ABI: wire.ABI, Description: p.Description,
		Capabilities: p.Capabilities, Optional: p.Optional,
	}
	for _, n := range p.Nodes {
		m.Nodes = append(m.Nodes, manifestMember{Type: n.Type, Description: n.Description, Params: n.Params, Outputs: n.Outputs, Examples: examplesOf(n.Examples)})
	}
	for _, f := range p.Functions {
		m.Functions = append(m.Functions, manifestMember{Name: f.Name, Description: f.Description, Params: f.Params, Examples: examplesOf(f.Examples)})
	}
	for _, a := range p.Actions {
		m.Actions = append(m.Actions, manifestMember{Name: a.Name, Description: a.Description, Params: a.Params, Examples: examplesOf(a.Examples)})
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the manifest of %s: %w", p.Name, err)
	}
	return append(b, '\n'), nil
}

func examplesOf(list []Example) []manifestExample {
	out := make([]manifestExample, len(list))
	for i, e := range list {
		out[i] = manifestExample(e)
	}
	return out
}
