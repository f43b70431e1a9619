package config

import (
	"maps"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

const (
	envPrefix  = "NFLOW_"
	testPrefix = "NFLOW_TEST_" // left to tests
	fileSuffix = "_FILE"
)

// environment lays the NFLOW_ variables over a Config.
type environment struct {
	config   *Config
	faults   *fault.List
	readFile func(string) ([]byte, error)
	values   map[string]string // name -> value, NFLOW_ only
	setBy    map[string]string // path -> the variable that set it
}

func (e *environment) load(environ []string) {
	e.values, e.setBy = map[string]string{}, map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, testPrefix) {
			e.values[name] = value
		}
	}
	dropServiceLinks(e.values)
	targets := e.targets()
	for _, name := range slices.Sorted(maps.Keys(e.values)) {
		e.variable(name, targets)
	}
}

// variable applies one variable, by its own name or as the file of another.
func (e *environment) variable(name string, targets map[string]leaf) {
	at := place{layer: byEnvironment, name: name}
	base := name
	target, known := e.find(name, targets)
	if file, ok := strings.CutSuffix(name, fileSuffix); ok {
		if t, named := e.find(file, targets); named {
			base, target, known = file, t, true
		}
	}
	if !known && (name == envPrefix+"PLUGINS" || strings.HasPrefix(name, envPrefix+"PLUGINS_")) {
		e.faults.Add(at.fault("plugins", "can be given in the configuration file only; write [[plugins]] there"))
		return
	}
	if !known {
		e.faults.Add(at.fault("", "there is no such setting%s", suggest(name, slices.Sorted(maps.Keys(targets)))))
		return
	}
	value := e.values[name]
	if base != name {
		if _, both := e.values[base]; both {
			e.faults.Add(at.fault(target.path, "is given by %s as well; keep one of the two variables", base))
			return
		}
		content, err := e.readFile(value)
		if err != nil {
			e.faults.Add(at.fault(target.path, "cannot be read from the file that this variable names: %s", reason(err)))
			return
		}
		value = strings.TrimRight(string(content), "\r\n")
	}
	e.apply(target, at, value)
}

// find returns the key that a variable sets.
func (e *environment) find(name string, targets map[string]leaf) (leaf, bool) {
	if l, ok := targets[name]; ok {
		return l, true
	}
	return e.mapped(name)
}

// apply sets a key, unless another spelling of it said something else.
func (e *environment) apply(target leaf, at place, value string) {
	if other, twice := e.setBy[target.path]; twice && e.values[other] != e.values[at.name] {
		e.faults.Add(at.fault(target.path, "is given by %s as well, with a different value; keep one of the two variables", other))
		return
	}
	e.setBy[target.path] = at.name
	target.set(e.config, e.faults, at, plain(value))
}

// targets maps the name of every fixed variable to its key.
func (e *environment) targets() map[string]leaf {
	out := map[string]leaf{}
	for _, l := range leaves(e.config) {
		for _, name := range variableNames(l.path, l.field) {
			out[name] = l
		}
	}
	return out
}

// variableNames lists the variables that set a key of a fixed section.
func variableNames(path string, f field) []string {
	paths := []string{path}
	if f.alias != "" {
		paths = append(paths, join(section(path), f.alias))
	}
	var out []string
	for _, p := range paths {
		// The manual prints NFLOW_DATABASE_DSN for [database_nflow] dsn.
		if rest, ok := strings.CutPrefix(p, "database_nflow."); ok {
			out = append(out, variable("database", rest))
		}
		out = append(out, variable(p))
	}
	return out
}

func variable(parts ...string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(strings.Join(parts, "_"), ".", "_"))
}
