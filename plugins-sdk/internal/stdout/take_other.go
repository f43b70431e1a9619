//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly

package stdout

// take cannot move descriptors here; the SDK keeps to what package os offers.
func take() int { return -1 }
