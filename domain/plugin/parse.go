package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// MaxManifestBytes bounds a manifest.
const MaxManifestBytes = 1 << 20

var (
	pluginName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
	memberName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,63}$`)
	semver     = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	hostName   = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$`)
	envName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// ValidName reports whether a plugin may be called so.
func ValidName(name string) bool { return pluginName.MatchString(name) }

// ParseManifest reads a manifest. It returns every fault at once, with its
// field.
func ParseManifest(b []byte) (Manifest, error) {
	if len(b) > MaxManifestBytes {
		return Manifest{}, fault.New(fault.Invalid, "the manifest has %d bytes; the most is %d", len(b), MaxManifestBytes)
	}
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return Manifest{}, fault.New(fault.Invalid, "the manifest cannot be read: %s", jsonProblem(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Manifest{}, fault.New(fault.Invalid, "something follows the manifest; it is one JSON object")
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
			if !memberName.MatchString(name) {
				c.wrong(field, "%q is no name; use letters, digits, _ and -, at most 64, beginning with a letter or _", name)
			} else if slices.Index(list, name) < i {
				c.wrong(field, "%q stands there twice", name)
			}
		}
	}
	names("nodes", m.NodeTypes())
	names("functions", m.FunctionNames())
	names("actions", m.ActionNames())
	c.capabilities("capabilities", m.Capabilities)
	c.capabilities("optional_capabilities", m.Optional)
}

func (c *checker) capabilities(field string, caps Capabilities) {
	for _, one := range caps.all() {
		if problem := one.problem(); problem != "" {
			c.wrong(field+"."+string(one.kind), "%q %s", one.name, problem)
		}
	}
}

// CheckGrants judges what an operator grants, with the fields of faults below
// field.
func CheckGrants(field string, granted Capabilities) fault.List {
	c := &checker{}
	for _, one := range granted.all() {
		if one.kind == FS {
			one.name, _, _ = strings.Cut(one.name, "=")
		}
		if problem := one.problem(); problem != "" {
			c.wrong(field+"."+string(one.kind), "%q %s", one.name, problem)
		}
	}
	return c.faults
}

// capability is one thing a plugin may be allowed.
type capability struct {
	kind Kind
	name string
}

func (c capability) String() string { return string(c.kind) + " " + c.name }

func (c capability) problem() string {
	switch c.kind {
	case HTTP:
		if !hostName.MatchString(c.name) {
			return "is no host name such as api.example.com or *.example.com, in lower case"
		}
	case FS:
		if !path.IsAbs(c.name) || path.Clean(c.name) != c.name {
			return "is no absolute path such as /data"
		}
	case Env:
		if !envName.MatchString(c.name) {
			return "is no name of an environment variable"
		}
	case KV, Secret:
		if !memberName.MatchString(c.name) {
			return "is no name; use letters, digits, _ and -"
		}
	}
	return ""
}

// all lists the capabilities one by one.
func (c Capabilities) all() []capability {
	var list []capability
	for _, one := range []struct {
		kind  Kind
		names []string
	}{{HTTP, c.HTTP}, {KV, c.KV}, {Env, c.Env}, {Secret, c.Secret}, {FS, c.FS}} {
		for _, name := range one.names {
			list = append(list, capability{one.kind, name})
		}
	}
	return list
}
