// Package assemblyscript holds the helper for plugins in AssemblyScript, and
// what its compiler needs, for programs that make projects of it.
//
// It refuses to be used by plugins in Go.
package assemblyscript

import "embed"

// Files are nflow.ts and the files of a project around it. The project in them
// is called PackageName.
//
//go:embed nflow.ts manifest.mjs package.json package-lock.json asconfig.json tsconfig.json
var Files embed.FS

// PackageName is the name in package.json and package-lock.json.
const PackageName = "nflow-plugin-assemblyscript"
