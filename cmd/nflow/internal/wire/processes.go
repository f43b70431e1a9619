package wire

import (
	"github.com/arturoeanton/nflow-runtime/adapters/system"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// newProcesses is what starts programs for scripts; there is none while the
// switch is off. Programs stand in the directory of scripts, when there is one.
func newProcesses(c config.VMPool) (ports.Processes, error) {
	if !c.EnableProcess {
		return nil, nil //nolint:nilnil // the switch is checked before every use
	}
	processes := system.ProcessesConfig{Executables: c.AllowedExecutables}
	if c.EnableFilesystem {
		processes.Dir = c.FilesystemRoot
	}
	return system.NewProcesses(processes)
}
