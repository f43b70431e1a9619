package process

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// artifactName is the file of a plugin in its directory.
const artifactName = "plugin"

// writeArtifact puts the artifact where only this user can read it, and nobody
// write it, and makes sure that what lies there is what was verified.
func writeArtifact(dir string, spec ports.PluginSpec, mode os.FileMode) (string, error) {
	path := filepath.Join(dir, artifactName)
	if err := writeFile(path, spec.Artifact, mode); err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the program cannot be written to plugin_host.run_dir: %v", err)
	}
	got, err := hashFile(path)
	if err != nil {
		return "", fault.Wrap(err, fault.Unavailable, "the program cannot be read in plugin_host.run_dir: %v", err)
	}
	if !strings.EqualFold(got, spec.SHA256) {
		return "", fault.New(fault.Invalid, "the program has the SHA-256 %s, but %s was verified; it changed on its way to plugin_host.run_dir", got, spec.SHA256)
	}
	return path, nil
}

// writeFile writes a new file. No process may be forked meanwhile: it would have
// the file open for writing, and a file somebody writes cannot be executed.
func writeFile(path string, content []byte, mode os.FileMode) (err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read it again: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
