//go:build !unix

package doctor

import "os"

func writable(folder string) error {
	_, err := os.Stat(folder)
	return err
}

func freeSpace(string) (int64, bool) { return 0, false }

func descriptorLimit() (int64, bool) { return 0, false }
