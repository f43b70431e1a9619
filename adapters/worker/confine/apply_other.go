//go:build !linux

package confine

import (
	"errors"
	"os"
	"runtime"
)

// Apply clears the environment, all that can be done here for certain. Every
// other measure is reported as not available on this system.
func Apply(Config) Report {
	var r Report
	os.Clearenv()
	for _, name := range measureNames() {
		r.add(name, "", errors.New(notAvailable+runtime.GOOS))
	}
	return r
}
