//go:build !race

package confine

// raceDetector says that the race detector is linked in.
const raceDetector = false
