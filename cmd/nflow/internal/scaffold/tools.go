package scaffold

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
)

// tool finds a program; when it is missing it says what to install.
func tool(name, purpose, debian string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return "", fmt.Errorf("%s is missing, which %s needs; on Debian or Ubuntu: apt-get install %s", name, purpose, debian)
	}
	return path, nil
}

// run runs a tool in the project. What it says goes to the log, and into the
// error when it fails without a log.
func (w *workshop) run(ctx context.Context, extra []string, program string, args ...string) error {
	var said bytes.Buffer
	log := w.Log
	if log == nil {
		log = io.Discard
	}
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // the tools above, with what the author built
	c.Dir = w.Dir
	c.Env = append(append([]string{}, w.Environ...), extra...)
	c.Stdout = io.MultiWriter(log, &said)
	c.Stderr = c.Stdout
	if err := c.Run(); err != nil {
		if w.Log != nil {
			return fmt.Errorf("%s failed: %w", filepath.Base(program), err)
		}
		return fmt.Errorf("%s failed: %w\n%s", filepath.Base(program), err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

// ask runs a program in an empty environment, as nFlow would, for its output.
func (w *workshop) ask(ctx context.Context, program string, args ...string) ([]byte, error) {
	var out, problem bytes.Buffer
	c := exec.CommandContext(ctx, program, args...) //nolint:gosec // what the author built
	c.Dir = w.tmp
	c.Env = []string{}
	c.Stdout, c.Stderr = &out, &problem
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w: %s", filepath.Base(program), strings.Join(args, " "), err, bytes.TrimSpace(problem.Bytes()))
	}
	return out.Bytes(), nil
}
