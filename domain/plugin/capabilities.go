package plugin

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

var (
	hostName = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$`)
	envName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

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
			guest, host, _ := strings.Cut(one.name, "=")
			if !path.IsAbs(host) {
				c.wrong(field+"."+string(one.kind), "%q is not of the form /what/it/sees=/directory/of/the/host", one.name)
				continue
			}
			one.name = guest
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
		if !validHost(c.name) {
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

// validHost takes names and IPv4 addresses in lower case, with a port or without.
func validHost(pattern string) bool {
	_, port := splitPort(pattern)
	n, err := strconv.Atoi(port)
	return hostName.MatchString(pattern) && !strings.Contains(pattern, "..") && (port == "" || err == nil && n >= 1 && n <= 65535)
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
