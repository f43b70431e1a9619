package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// MaxManifestBytes bounds a manifest.
const MaxManifestBytes = 1 << 20

var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
	memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)
	semver     = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
)

// ValidName reports whether a plugin may be called so.
func ValidName(name string) bool { return pluginName.MatchString(name) }

// ParseManifest reads a manifest. It returns every fault at once, with its
// field.
func ParseManifest(b []byte) (Manifest, error) {
	if len(b) > MaxManifestBytes {
		return Manifest{}, fault.New(fault.Invalid, "the manifest has %d bytes; the most is %d", len(b), MaxManifestBytes)
	}
	if _, err := payload.Parse(b); err != nil { // also what is not UTF-8, or nests too deeply
		return Manifest{}, fault.Wrap(err, fault.Invalid, "the manifest cannot be read: %s", fault.As(err).Message)
	}
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fault.New(fault.Invalid, "the manifest cannot be read: %s", jsonProblem(err))
	}
	c := &checker{}
	c.manifest(m)
	return m, c.faults.Err()
}

func jsonProblem(err error) string {
	return strings.TrimPrefix(err.Error(), "json: ")
}

// checker collects what is wrong with a manifest.
type checker struct{ faults fault.List }

func (c *checker) wrong(field, format string, args ...any) {
	c.faults.Add(fault.New(fault.Invalid, format, args...).AtField(field))
}

func (c *checker) manifest(m Manifest) {
	if !pluginName.MatchString(m.Name) {
		c.wrong("name", "%q is no name for a plugin; use a-z, 0-9, _ and -, at most 64, beginning with a letter", m.Name)
	}
	if !semver.MatchString(m.Version) {
		c.wrong("version", "%q is no semantic version such as 1.2.0", m.Version)
	}
	if m.ABI != ABI {
		c.wrong("abi", "is %d, but this runtime speaks %d; build the plugin with a matching SDK", m.ABI, ABI)
	}
	if len(m.Nodes)+len(m.Functions)+len(m.Actions) == 0 {
		c.wrong("", "offers nothing: give nodes, functions or actions")
	}
	names := func(kind string, list []string) {
		for i, name := range list {
			field := fmt.Sprintf("%s[%d]", kind, i)
			if !validMember(name) {
				c.wrong(field, "%q is no name; use letters, digits, _ and -, at most 64, beginning with a letter or _", name)
			} else if slices.Index(list, name) < i {
				c.wrong(field, "%q stands there twice", name)
			}
		}
	}
	names("nodes", m.NodeTypes())
	names("functions", m.FunctionNames())
	names("actions", m.ActionNames())
	c.members(m)
	c.capabilities("capabilities", m.Capabilities)
	c.capabilities("optional_capabilities", m.Optional)
}

// validMember refuses the one name that scripts cannot use as any other.
func validMember(name string) bool { return memberName.MatchString(name) && name != "__proto__" }

// members judges what nodes, functions and actions say besides their names.
func (c *checker) members(m Manifest) {
	params := func(kind string, i int, schema payload.Value) {
		switch schema.Kind() {
		case payload.Null, payload.Bool, payload.Object:
		default:
			c.wrong(fmt.Sprintf("%s[%d].params", kind, i), "is no JSON Schema, which is an object, true or false")
		}
	}
	for i, n := range m.Nodes {
		params("nodes", i, n.Params)
		for j, output := range n.Outputs {
			field := fmt.Sprintf("nodes[%d].outputs[%d]", i, j)
			if output == "" || len(output) > 64 {
				c.wrong(field, "%q is no name of an output; use 1 to 64 characters", output)
			} else if slices.Index(n.Outputs, output) < j {
				c.wrong(field, "%q stands there twice", output)
			}
		}
	}
	for i, f := range m.Functions {
		params("functions", i, f.Params)
	}
	for i, a := range m.Actions {
		params("actions", i, a.Params)
	}
}
