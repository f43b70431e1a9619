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
		covered := func(g string) bool { return covers(g, c.name) }
		return slices.ContainsFunc(granted.HTTP, covered) && add(&r.allowed.HTTP, c.name)
	case KV:
		return slices.Contains(granted.KV, c.name) && add(&r.allowed.KV, c.name)
	case Env:
		return slices.Contains(granted.Env, c.name) && add(&r.allowed.Env, c.name)
	case Secret:
		return slices.Contains(granted.Secret, c.name) && add(&r.allowed.Secret, c.name)
	case FS:
		for _, g := range granted.FS {
			if guest, host, _ := strings.Cut(g, "="); guest == c.name && host != "" {
				r.mounts[guest] = host
				return add(&r.allowed.FS, c.name)
			}
		}
	}
	return false
}

// add puts a name into a list that does not hold it.
func add(list *[]string, name string) bool {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
	return true
}

// Capabilities lists what is allowed.
func (r Rights) Capabilities() Capabilities { return r.allowed }

// Hosts lists the hosts that may be called, for checking redirects too.
func (r Rights) Hosts() []string { return r.allowed.HTTP }

// Mounts maps the directories the plugin sees to those of the host.
func (r Rights) Mounts() map[string]string { return r.mounts }

// PermitURL judges an address before it is called; code forbidden, or malformed
// when it is none of http or https.
func (r Rights) PermitURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return fault.New(fault.Malformed, "%q is no URL", raw)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return fault.New(fault.Malformed, "%q is no URL of http or https", raw)
	}
	if !PermitsURL(r.allowed.HTTP, u) {
		return denied(capability{HTTP, u.Hostname()})
	}
	return nil
}

// PermitsURL is PermitsHost for an address of http or https, whose port may go
// without saying.
func PermitsURL(allowed []string, u *url.URL) bool {
	host := strings.TrimSuffix(u.Host, ":")
	switch {
	case u.Port() == "" && u.Scheme == "http":
		host += ":80"
	case u.Port() == "" && u.Scheme == "https":
		host += ":443"
	}
	return PermitsHost(allowed, host)
}

// PermitsHost reports whether a host, with its port if it has one, is in a list
// of hosts. An entry without a port allows all ports; one with a port allows a
// host without one never.
func PermitsHost(allowed []string, hostPort string) bool {
	host, port := splitPort(strings.ToLower(hostPort))
	host = strings.TrimSuffix(host, ".")
	if host == "" || strings.HasPrefix(host, "*") {
		return false
	}
	if port != "" {
		host += ":" + port
	}
	return slices.ContainsFunc(allowed, func(pattern string) bool { return covers(pattern, host) })
}

// covers reports whether a pattern of hosts holds all that another one does.
func covers(pattern, other string) bool {
	pattern, port := splitPort(pattern)
	other, otherPort := splitPort(other)
	if port != "" && port != otherPort {
		return false
	}
	suffix, wild := strings.CutPrefix(pattern, "*")
	if !wild || suffix == "" {
		return pattern != "" && pattern == other
	}
	below := strings.TrimPrefix(other, "*")
	return strings.HasSuffix(below, suffix) && (other != below || len(below) > len(suffix))
}

// splitPort cuts the port off a host; the colons of an IPv6 address in brackets
// are none.
func splitPort(hostPort string) (host, port string) {
	if i := strings.LastIndexByte(hostPort, ':'); i > strings.LastIndexByte(hostPort, ']') {
		return hostPort[:i], hostPort[i+1:]
	}
	return hostPort, ""
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
