// Package plugins keeps the plugins of a runtime: it loads them from where they
// are, replaces them without losing a call, lets calls through one gate, and
// answers what plugins ask of their host, within their rights.
//
// It refuses to know how plugins run; ports.PluginLoader does.
package plugins
