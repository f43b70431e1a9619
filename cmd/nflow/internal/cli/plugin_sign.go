package cli

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

func newPluginKeygen(s *session) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "keygen --out FILE",
		Short: "Make a key to sign plugins with",
		Long: `Make an ed25519 key: the private half goes to a new file that only you can read,
the public half is printed as a line for [plugin_host.trusted_keys].`,
		Example: "  nflow plugin keygen --out acme.pem",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return s.makeKey(out) },
	}
	c.Flags().StringVar(&out, "out", "", "file for the private key; it must not exist")
	return c
}

const keyBlock = "PRIVATE KEY"

func (s *session) makeKey(out string) error {
	if out == "" {
		return usageError{fault.New(fault.Invalid, "--out is missing; see nflow plugin keygen --help")}
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := writeNew(out, pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), 0o600); err != nil {
		return err
	}
	say(s.Stdout, "%s = %q\n", keyName(out), base64.StdEncoding.EncodeToString(public))
	say(s.Stderr, "the line belongs below [plugin_host.trusted_keys] of every server; keep %s secret\n", out)
	return nil
}

// keyName is a name for a key in the configuration, made of its file's.
func keyName(path string) string {
	stem := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name := strings.Trim(regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(stem, "-"), "-")
	if name == "" {
		return "key"
	}
	return name
}

func newPluginSign(s *session) *cobra.Command {
	var key, platform string
	c := &cobra.Command{
		Use:   "sign --key FILE ARTIFACT...",
		Short: "Sign a plugin",
		Long: `Sign the manifest of a plugin together with its artifacts, and write the signature
beside the manifest: nflow-plugin.sig. A new signature replaces the old one, so
name the artifacts for all platforms at once.`,
		Example: `  nflow plugin sign --key acme.pem hello.wasm
  nflow plugin sign --key acme.pem dist/hello-linux-amd64 dist/hello-darwin-arm64`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return s.sign(key, platform, args) },
	}
	c.Flags().StringVar(&key, "key", "", "file with the private key, as keygen wrote it")
	c.Flags().StringVar(&platform, "platform", "", platformUsage)
	return c
}

func (s *session) sign(keyFile, platform string, paths []string) error {
	if keyFile == "" {
		return usageError{fault.New(fault.Invalid, "--key is missing; see nflow plugin sign --help")}
	}
	key, err := readKey(keyFile)
	if err != nil {
		return err
	}
	byManifest := map[string]map[string]string{}
	for _, path := range paths {
		a, err := readArtifact(path, platform)
		if err != nil {
			return err
		}
		manifest, err := files.Manifest(a.path)
		if err != nil {
			return err
		}
		if byManifest[manifest] == nil {
			byManifest[manifest] = map[string]string{}
		}
		if err := a.into(byManifest[manifest]); err != nil {
			return err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(byManifest)) {
		if err := s.signOne(key, path, byManifest[path]); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) signOne(key ed25519.PrivateKey, path string, artifacts map[string]string) error {
	content, err := files.ReadManifest(path)
	if err != nil {
		return err
	}
	m, err := plugin.ParseManifest(content)
	if err != nil {
		return faultsOf(path, err)
	}
	signature, err := plugin.Sign(key, m, content, artifacts)
	if err != nil {
		return err
	}
	if err := os.WriteFile(files.Signature(path), signature, 0o644); err != nil { //nolint:gosec // G306: signatures are public
		return err
	}
	say(s.Stdout, "signed %s %s for %s: %s\n", m.Name, m.Version, strings.Join(slices.Sorted(maps.Keys(artifacts)), ", "), files.Signature(path))
	return nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	content, err := readFile(path)
	if err != nil {
		return nil, usageError{err}
	}
	if block, _ := pem.Decode(content); block != nil && block.Type == keyBlock {
		if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if private, ok := key.(ed25519.PrivateKey); ok {
				return private, nil
			}
		}
	}
	return nil, usageError{fault.New(fault.Invalid, "%s holds no ed25519 private key in PEM, as nflow plugin keygen makes it", path)}
}
