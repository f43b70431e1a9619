package process

import (
	"os"
	"time"
)

// parentEvery is how often a plugin looks whether nFlow is still there.
const parentEvery = time.Second

// parent is who started this process. It is read before any code of the plugin
// runs, since nFlow may die at any time.
var parent = os.Getppid()

// watchParent ends the process, and what it started, when nFlow is gone: an
// orphan gets another parent.
func watchParent() {
	for range time.Tick(parentEvery) {
		if os.Getppid() != parent {
			_, _ = os.Stderr.WriteString("nFlow is gone; the plugin ends\n")
			endGroup()
		}
	}
}
