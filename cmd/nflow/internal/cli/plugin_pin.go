package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

func newPluginPin(s *session) *cobra.Command {
	var platform string
	c := &cobra.Command{
		Use:   "pin ARTIFACT...",
		Short: "Print the digests of a plugin, for its [[plugins]]",
		Long: `Print the line of [[plugins]] that pins a plugin to these bytes: name the module,
or the programs for all platforms. A server refuses any other file.`,
		Example: `  nflow plugin pin hello.wasm
  nflow plugin pin dist/hello-linux-amd64 dist/hello-darwin-arm64`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			digests := map[string]string{}
			for _, path := range args {
				a, err := readArtifact(path, platform)
				if err != nil {
					return err
				}
				if err := a.into(digests); err != nil {
					return err
				}
			}
			say(s.Stdout, "%s\n", pinLine(digests))
			return nil
		},
	}
	c.Flags().StringVar(&platform, "platform", "", platformUsage)
	return c
}

const platformUsage = "where the artifact runs, such as linux/amd64, when its first bytes do not say"

// artifact is a file of a plugin that is vouched for.
type artifact struct {
	path, platform, digest string
}

// readArtifact reads an artifact and tells its platform, or takes the given one.
func readArtifact(path, platform string) (artifact, error) {
	path, err := files.Artifact(path)
	if err != nil {
		return artifact{}, err
	}
	content, err := files.ReadArtifact(path)
	if err != nil {
		return artifact{}, err
	}
	platform, err = platformOf(path, content, platform)
	return artifact{path, platform, plugin.Digest(content)}, err
}

func platformOf(path string, content []byte, given string) (string, error) {
	if given != "" {
		if system, arch, ok := strings.Cut(given, "/"); given != plugin.AnyPlatform && (!ok || system == "" || arch == "" || strings.Contains(arch, "/")) {
			return "", usageError{fault.New(fault.Invalid, "--platform %q is not any and not such as linux/amd64", given)}
		}
		return given, nil
	}
	if platform := files.Platform(content); platform != "" {
		return platform, nil
	}
	return "", usageError{fault.New(fault.Invalid, "%s: its first bytes do not say where it runs; say it with --platform, such as linux/amd64", path)}
}

// into adds the digest to those by platform.
func (a artifact) into(digests map[string]string) error {
	if _, twice := digests[a.platform]; twice {
		return usageError{fault.New(fault.Invalid, "%s: another artifact runs on %s as well; name one for each platform", a.path, a.platform)}
	}
	digests[a.platform] = a.digest
	return nil
}

// pinLine is the key sha256 of [[plugins]].
func pinLine(digests map[string]string) string {
	var pins []string
	for _, platform := range slices.Sorted(maps.Keys(digests)) {
		name := platform
		if strings.Contains(name, "/") {
			name = fmt.Sprintf("%q", name)
		}
		pins = append(pins, fmt.Sprintf("%s = %q", name, digests[platform]))
	}
	return "sha256 = { " + strings.Join(pins, ", ") + " }"
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, content []byte, mode os.FileMode) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fault.New(fault.Conflict, "%s exists already; nothing is overwritten, name another file", path)}
	}
	if err != nil {
		return err
	}
	defer closeInto(&err, f)
	_, err = f.Write(content)
	return err
}
