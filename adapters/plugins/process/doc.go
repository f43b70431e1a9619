// Package process runs plugins that are programs: each is a process of its own,
// spoken to over gRPC the way of hashicorp/go-plugin, watched, limited, started
// again when it ends, and given up when it ends too often.
//
// It refuses to call a program confined. A native plugin has the rights of the
// server's user; what is done here keeps accidents away (crashes, leaks, orphans,
// secrets in the environment), not an author who means harm. Untrusted code is
// WebAssembly; Config.Host runs that here in a process of its own.
package process
