//go:build race && linux

package wasm

// raceDetector says that the race detector is linked in. Its shadow memory is
// many times the program's own, so a limit on memory means nothing.
const raceDetector = true
