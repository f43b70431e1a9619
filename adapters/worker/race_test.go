//go:build linux && race

package worker_test

const raceEnabled = true
