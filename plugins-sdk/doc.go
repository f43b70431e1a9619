// Package plugin is for writing plugins of nFlow in Go. A plugin offers node
// types to workflows, functions to scripts and actions to HTTP clients:
//
//	var _ = plugin.Register(&plugin.Plugin{
//		Name:    "hello",
//		Version: "1.0.0",
//		Functions: []plugin.Function{
//			plugin.FunctionOf1("greet", "greets somebody", func(_ context.Context, name string) (string, error) {
//				return "Hello, " + name, nil
//			}),
//		},
//	})
//
//	func main() { plugin.Serve() }
//
// One source builds a program and a WebAssembly module:
//
//	go build -o hello .
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o hello.wasm .
//
// A module never runs main, so Register must be called where package variables
// are initialised, as above. The program prints its manifest when it is run with
// the argument manifest; store that as nflow-plugin.json beside the artifact.
//
// Calls of a program run in parallel. A module runs one call at a time, and nFlow
// may keep several instances of it and throw them away: package variables are a
// cache there at best; use the key-value store for what must last.
//
// It refuses to know how frames travel, and to do anything a plugin has no
// capability for: whatever leaves a call goes through HostFrom.
package plugin
