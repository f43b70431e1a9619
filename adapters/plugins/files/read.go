package files

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Most bytes of the parts of a plugin.
const (
	MaxArtifact  = 256 << 20
	maxSignature = 64 << 10
)

// The manifest; its signature ends with .sig instead.
const (
	manifestName  = "nflow-plugin.json"
	signatureName = "nflow-plugin.sig"
)

// Files reads plugins. The zero value is ready.
type Files struct{}

var _ ports.PluginFiles = Files{}

// ReadPlugin implements ports.PluginFiles. A directory stands for the one
// artifact in it that runs here.
func (Files) ReadPlugin(path string) (ports.PluginFile, error) {
	artifact, err := Artifact(path)
	if err != nil {
		return ports.PluginFile{}, err
	}
	manifest, err := Manifest(artifact)
	if err != nil {
		return ports.PluginFile{}, err
	}
	var f ports.PluginFile
	if f.Artifact, err = ReadArtifact(artifact); err != nil {
		return ports.PluginFile{}, err
	}
	if f.Manifest, err = ReadManifest(manifest); err != nil {
		return ports.PluginFile{}, err
	}
	f.Signature, err = read(Signature(manifest), "the signature", maxSignature)
	if err != nil && fault.CodeOf(err) != fault.NotFound {
		return ports.PluginFile{}, err
	}
	return f, nil
}

// ReadManifest implements ports.PluginFiles.
func (Files) ReadManifest(path string) ([]byte, error) {
	artifact, err := Artifact(path)
	if err != nil {
		return nil, err
	}
	manifest, err := Manifest(artifact)
	if err != nil {
		return nil, err
	}
	return ReadManifest(manifest)
}

// ReadArtifact reads a module or a program alone. Code not_found, invalid.
func ReadArtifact(path string) ([]byte, error) { return read(path, "the plugin", MaxArtifact) }

// ReadManifest reads a manifest alone. Code not_found, invalid.
func ReadManifest(path string) ([]byte, error) {
	return read(path, "the manifest", plugin.MaxManifestBytes)
}

// Manifest finds the manifest of an artifact: that of its name, such as
// hello.nflow-plugin.json, or else the one of its directory. Code not_found.
func Manifest(artifact string) (string, error) {
	own := []string{artifact + "." + manifestName}
	if stem := stem(artifact); stem != artifact {
		own = append(own, stem+"."+manifestName)
	}
	shared := filepath.Join(filepath.Dir(artifact), manifestName)
	for _, path := range append(own, shared) {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", fault.New(fault.NotFound, "the plugin %s has no manifest: neither %s nor %s is there; nflow plugin build writes it",
		artifact, own[len(own)-1], shared)
}

// Signature is where the signature of a manifest and its artifacts lies.
func Signature(manifest string) string {
	return strings.TrimSuffix(manifest, manifestName) + signatureName
}

// stem is a path without the end that says what kind of file it is.
func stem(path string) string {
	for _, end := range []string{".wasm", ".exe", ".py"} {
		if rest, ok := strings.CutSuffix(path, end); ok {
			return rest
		}
	}
	return path
}

// read reads a regular file of at most so many bytes. Code not_found, invalid.
func read(path, what string, most int64) ([]byte, error) {
	info, err := os.Stat(path) // before opening, which would wait for the other end of a pipe
	switch {
	case err != nil:
		return nil, problem(err, what, path)
	case !info.Mode().IsRegular():
		return nil, fault.New(fault.Invalid, "%s %s is no regular file", what, path)
	case info.Size() > most:
		return nil, tooLarge(what, path, most)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, problem(err, what, path)
	}
	defer f.Close()                                       //nolint:errcheck // only read
	content, err := io.ReadAll(io.LimitReader(f, most+1)) // it may grow meanwhile
	switch {
	case err != nil:
		return nil, problem(err, what, path)
	case int64(len(content)) > most:
		return nil, tooLarge(what, path, most)
	case len(content) == 0:
		return nil, fault.New(fault.Invalid, "%s %s is empty", what, path)
	}
	return content, nil
}

func tooLarge(what, path string, most int64) error {
	return fault.New(fault.Invalid, "%s %s is larger than %s", what, path, size(most))
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// problem is what the system said about a path.
func problem(err error, what, path string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "%s %s does not exist", what, path)
	}
	reason := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		reason = pe.Err
	}
	return fault.Wrap(err, fault.Invalid, "%s %s cannot be read: %s", what, path, reason)
}
