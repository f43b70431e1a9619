//go:build linux && !race

package worker_test

const raceEnabled = false
