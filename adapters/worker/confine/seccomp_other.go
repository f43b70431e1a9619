//go:build linux && !amd64 && !arm64

package confine

import (
	"errors"
	"runtime"
)

// filterCalls knows the calls of amd64 and arm64 only.
func filterCalls() error { return errors.New(notAvailable + "linux/" + runtime.GOARCH) }
