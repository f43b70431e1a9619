package plugin

import (
	"net/url"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Rights are what a plugin may do: what its manifest asks for and its operator
// granted. The zero Rights allow nothing.
type Rights struct {
	allowed Capabilities
	mounts  map[string]string
}

// Grant gives a plugin the rights it asks for and is granted. It fails with
// code forbidden, naming each, when a capability it needs was not granted.
// Granted directories are "/guest=/host".
func Grant(m Manifest, granted Capabilities) (Rights, error) {
	var faults fault.List
	r := Rights{mounts: map[string]string{}}
	take := func(c capability, required bool) {
		if !r.take(c, granted) && required {
			faults.Add(fault.New(fault.Forbidden, "the plugin %s needs %s, which is not granted; add it to the plugin's grants or do not load it", m.Name, c).
				AtField("grants." + string(c.kind)))
		}
	}
	for _, c := range m.Capabilities.all() {
		take(c, true)
	}
	for _, c := range m.Optional.all() {
		take(c, false)
	}
	return r, faults.Err()
}

// take adds a capability if it was granted.
func (r *Rights) take(c capability, granted Capabilities) bool {
	switch c.kind {
	case HTTP:
		if !slices.ContainsFunc(granted.HTTP, func(g string) bool { return covers(g, c.name) }) {
			return false
		}
		r.allowed.HTTP = append(r.allowed.HTTP, c.name)
	case KV:
		if !slices.Contains(granted.KV, c.name) {
			return false
		}
		r.allowed.KV = append(r.allowed.KV, c.name)
	case Env:
		if !slices.Contains(granted.Env, c.name) {
			return false
		}
		r.allowed.Env = append(r.allowed.Env, c.name)
	case Secret:
		if !slices.Contains(granted.Secret, c.name) {
			return false
		}
		r.allowed.Secret = append(r.allowed.Secret, c.name)
	case FS:
		for _, g := range granted.FS {
			if guest, host, _ := strings.Cut(g, "="); guest == c.name && host != "" {
				r.allowed.FS = append(r.allowed.FS, c.name)
				r.mounts[guest] = host
				return true
			}
		}
		return false
	}
	return true
}

// covers reports whether a pattern of hosts holds all that another one does.
func covers(pattern, other string) bool {
	if pattern == other {
		return true
	}
	suffix, wild := strings.CutPrefix(pattern, "*")
	return wild && strings.HasSuffix(strings.TrimPrefix(other, "*"), suffix)
}

// Capabilities lists what is allowed.
func (r Rights) Capabilities() Capabilities { return r.allowed }

// Hosts lists the hosts that may be called, for checking redirects too.
func (r Rights) Hosts() []string { return r.allowed.HTTP }

// Mounts maps the directories the plugin sees to those of the host.
func (r Rights) Mounts() map[string]string { return r.mounts }

// PermitURL judges an address before it is called; code forbidden.
func (r Rights) PermitURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return fault.New(fault.Malformed, "%q is no URL", raw)
	}
	if !PermitsHost(r.allowed.HTTP, u.Host) {
		return denied(capability{HTTP, u.Hostname()})
	}
	return nil
}

// PermitsHost reports whether a host, with its port if it has one, is in a list
// of hosts. An entry without a port allows the standard ports and all others.
func PermitsHost(allowed []string, hostPort string) bool {
	hostPort = strings.ToLower(hostPort)
	host := hostPort
	if i := strings.LastIndexByte(hostPort, ':'); i > strings.LastIndexByte(hostPort, ']') {
		host = hostPort[:i]
	}
	host = strings.TrimSuffix(host, ".")
	return slices.ContainsFunc(allowed, func(pattern string) bool {
		return pattern == hostPort || covers(pattern, host)
	})
}

// Permit judges the use of a key-value space or a secret; code forbidden.
func (r Rights) Permit(kind Kind, name string) error {
	var names []string
	switch kind {
	case KV:
		names = r.allowed.KV
	case Secret:
		names = r.allowed.Secret
	case Env:
		names = r.allowed.Env
	case FS:
		names = r.allowed.FS
	case HTTP:
		names = r.allowed.HTTP
	}
	if !slices.Contains(names, name) {
		return denied(capability{kind, name})
	}
	return nil
}

func denied(c capability) error {
	return fault.New(fault.Forbidden, "%s was not granted to the plugin", c)
}
