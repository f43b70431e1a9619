package confine

import (
	"errors"
	"fmt"

	"github.com/landlock-lsm/go-landlock/landlock"
	abi "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// lockFiles has Landlock refuse everything this kernel knows to refuse: all
// use of files (ABI 1), TCP (4), signals and abstract sockets to processes
// outside (6). What an older kernel lacks, seccomp refuses as well.
func lockFiles() (string, error) {
	version, err := abi.LandlockGetABIVersion()
	if err != nil || version < 1 {
		return "", errors.New("the kernel has no Landlock, or it is off: it needs Linux 5.13 and landlock in lsm= at boot")
	}
	if err := threadsListed(); err != nil {
		return "", err
	}
	if err := landlock.V11.BestEffort().Restrict(); err != nil {
		return "", fmt.Errorf("cannot apply Landlock: %w", err)
	}
	return fmt.Sprintf("ABI %d", version), nil
}
