//go:build !race && linux

package wasm

const raceDetector = false
