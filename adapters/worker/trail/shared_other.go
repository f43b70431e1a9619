//go:build !linux

package trail

import (
	"errors"
	"os"
)

// New fails: this platform has no memory to share without a name.
func New() (*Trail, *os.File, error) { return nil, nil, errors.ErrUnsupported }

// Open fails; see New.
func Open(*os.File) (*Trail, error) { return nil, errors.ErrUnsupported }

// Close does nothing.
func (t *Trail) Close() error { return nil }
