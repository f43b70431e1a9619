package policy

import (
	"slices"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Features are the switches of the [vm_pool] section: what scripts may touch.
type Features struct {
	FileSystem bool // enable_filesystem
	Network    bool // enable_network
	// Executables are what scripts may start, by absolute path; empty while
	// enable_process is off.
	Executables []string
}

// RequireNetwork is nil when scripts may reach the network; what names the
// function that wanted it.
func (f Features) RequireNetwork(what string) error {
	return require(f.Network, what, "vm_pool.enable_network")
}

// RequireFileSystem is nil when scripts may reach files.
func (f Features) RequireFileSystem(what string) error {
	return require(f.FileSystem, what, "vm_pool.enable_filesystem")
}

// RequireExecutable is nil when scripts may start the program with this path.
func (f Features) RequireExecutable(what, path string) error {
	if err := require(len(f.Executables) > 0, what, "vm_pool.enable_process"); err != nil {
		return err
	}
	if !slices.Contains(f.Executables, path) {
		return fault.New(fault.Forbidden, "%s: %q is not in vm_pool.allowed_executables", what, path)
	}
	return nil
}

func require(on bool, what, setting string) error {
	if on {
		return nil
	}
	return fault.New(fault.Disabled, "%s is switched off; the operator can allow it with %s = true", what, setting)
}
