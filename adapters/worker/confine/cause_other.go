//go:build !unix

package confine

import "os"

// causeBySignal knows no signals on this system.
func causeBySignal(*os.ProcessState) Cause { return "" }

// PeakMemory is not known on this system.
func PeakMemory(*os.ProcessState) int64 { return 0 }
