package analysis

import (
	"strings"

	"github.com/dop251/goja/ast"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// SystemModule reports which of Node's modules will never be there: they lead to
// the file system, the network or the process.
func SystemModule(name string) bool {
	switch root, _, _ := strings.Cut(name, "/"); root {
	case "fs", "child_process", "process", "os", "net", "http", "https", "http2", "tls", "dgram", "dns", "cluster", "worker_threads",
		"vm", "v8", "module", "repl", "inspector", "perf_hooks", "async_hooks", "diagnostics_channel", "wasi", "sqlite", "readline", "tty":
		return true
	}
	return false
}

func (a *analyzer) callModule(n ast.Node, p string, args []ast.Expression) {
	if p == "require" || p == "process.binding" || p == "module.require" {
		if len(args) == 0 {
			return
		}
		name, ok := a.fold(args[0]).asText()
		name = strings.TrimPrefix(name, "node:")
		if ok && p != "process.binding" && SystemModule(name) {
			a.report(n.Idx0(), "no-system-module", policy.High,
				"the module %q leads out of the sandbox and is never there; use the runtime's own functions, such as http_get", name)
		}
		return
	}
	if rest, ok := strings.CutPrefix(p, modulePath+"child_process."); ok && !strings.Contains(rest, ".") {
		a.report(n.Idx0(), "no-process", policy.High, "%s starts a process, which scripts cannot do this way; remove it", rest)
	}
}

// process reports the ways from the process object to the system, and other uses
// of an object that is not there.
func (a *analyzer) process(n ast.Node, left ast.Expression, key string) {
	p := a.path(left)
	if p != "process" && p != modulePath+"process" {
		return
	}
	switch key {
	case "binding", "_linkedBinding", "mainModule", "dlopen", "kill", "abort", "exit", "reallyExit", "chdir", "setuid", "setgid", "getBuiltinModule":
		a.report(n.Idx0(), "no-process", policy.High, "process.%s reaches for the process, which scripts never get; remove it", key)
	case "env":
		a.report(n.Idx0(), "no-process", policy.Low, "there is no process.env; what the operator shares is in env")
	default:
		a.report(n.Idx0(), "no-process", policy.Low, "there is no process object; remove what uses it")
	}
}
