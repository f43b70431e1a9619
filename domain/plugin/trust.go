package plugin

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// AnyPlatform is the platform of artifacts that run everywhere.
const AnyPlatform = "any"

// Trust is whom an operator believes.
type Trust struct {
	// Keys are ed25519 public keys by name. With any, a plugin must be signed by one.
	Keys map[string]ed25519.PublicKey
	// Pins are SHA-256 digests (hex) of artifacts, by platform ("any" or such as
	// "linux/amd64"), for one plugin.
	Pins map[string]string
	// Dev lets anything through, for a plugin under development.
	Dev bool
}

// Digest is the SHA-256 of an artifact, in hex.
func Digest(artifact []byte) string {
	sum := sha256.Sum256(artifact)
	return hex.EncodeToString(sum[:])
}

// Verify decides whether an artifact is the one that was vouched for: by a pin
// of the operator, or by a signature that holds its digest. It reports whether
// the plugin is signed by a trusted key. Faults have code forbidden and say what
// to do.
func (t Trust) Verify(m Manifest, manifest, artifact, signature []byte, platform string) (signed bool, err error) {
	digest := Digest(artifact)
	if pin := t.pin(platform); pin != "" && !same(pin, digest) {
		return false, fault.New(fault.Forbidden, "the plugin %s has the SHA-256 %s, but %s is pinned; pin the new one if you trust it", m.Name, digest, pin).AtField("sha256")
	}
	if len(signature) > 0 && len(t.Keys) > 0 {
		if err := t.verifySignature(m, manifest, digest, signature, platform); err != nil {
			return false, err
		}
		return true, nil
	}
	switch {
	case t.Dev:
		return false, nil
	case len(t.Keys) > 0:
		return false, fault.New(fault.Forbidden, "the plugin %s is not signed, but plugin_host.trusted_keys asks for signatures; sign it with nflow plugin sign, or set dev = true while you develop it", m.Name)
	case t.pin(platform) == "":
		return false, fault.New(fault.Forbidden, "nobody vouches for the plugin %s: pin it with sha256 = { %s = %q }, or set dev = true while you develop it", m.Name, quoted(platform), digest).AtField("sha256")
	}
	return false, nil
}

func quoted(platform string) string {
	if platform == AnyPlatform {
		return platform
	}
	return fmt.Sprintf("%q", platform)
}

// pin is the digest pinned for a platform, or for all.
func (t Trust) pin(platform string) string {
	if pin := t.Pins[platform]; pin != "" {
		return pin
	}
	return t.Pins[AnyPlatform]
}

func same(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(a)), []byte(strings.ToLower(b))) == 1
}

// Signature is nflow-plugin.sig: who vouches for which bytes.
type Signature struct {
	Artifacts map[string]string `json:"artifacts"`  // platform -> SHA-256, hex
	PublicKey string            `json:"public_key"` // ed25519, base64
	Signature string            `json:"signature"`  // of the text below, base64
}

// signedText is what is signed: the plugin, its manifest and its artifacts.
func signedText(m Manifest, manifest []byte, artifacts map[string]string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "nflow-plugin v1\nname %s\nversion %s\nmanifest %s\n", m.Name, m.Version, Digest(manifest))
	for _, platform := range slices.Sorted(maps.Keys(artifacts)) {
		fmt.Fprintf(&b, "artifact %s %s\n", platform, strings.ToLower(artifacts[platform]))
	}
	return []byte(b.String())
}

// Sign vouches for a manifest and artifacts by platform.
func Sign(key ed25519.PrivateKey, m Manifest, manifest []byte, artifacts map[string]string) ([]byte, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, fault.New(fault.Invalid, "an ed25519 private key has %d bytes, not %d", ed25519.PrivateKeySize, len(key))
	}
	public := []byte(key[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
	s := Signature{
		Artifacts: artifacts,
		PublicKey: base64.StdEncoding.EncodeToString(public),
		Signature: base64.StdEncoding.EncodeToString(ed25519.Sign(key, signedText(m, manifest, artifacts))),
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "cannot encode a signature")
	}
	return append(b, '\n'), nil
}

func (t Trust) verifySignature(m Manifest, manifest []byte, digest string, signature []byte, platform string) error {
	var s Signature
	if err := json.Unmarshal(signature, &s); err != nil {
		return fault.New(fault.Forbidden, "the signature of the plugin %s cannot be read: %s", m.Name, jsonProblem(err))
	}
	known := slices.ContainsFunc(slices.Collect(maps.Values(t.Keys)), func(k ed25519.PublicKey) bool {
		return len(k) == ed25519.PublicKeySize && base64.StdEncoding.EncodeToString(k) == s.PublicKey
	})
	if !known {
		return fault.New(fault.Forbidden, "the plugin %s is signed by the key %s, which is not in plugin_host.trusted_keys", m.Name, s.PublicKey)
	}
	public, _ := base64.StdEncoding.DecodeString(s.PublicKey) // it equals the text of a known key
	raw, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || !ed25519.Verify(public, signedText(m, manifest, s.Artifacts), raw) {
		return fault.New(fault.Forbidden, "the signature of the plugin %s does not fit its manifest and digests; somebody changed one of them", m.Name)
	}
	if !same(s.Artifacts[platform], digest) && !same(s.Artifacts[AnyPlatform], digest) {
		return fault.New(fault.Forbidden, "the plugin %s is signed, but not this artifact for %s (SHA-256 %s)", m.Name, platform, digest)
	}
	return nil
}
