package plugin_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey {
	return ed25519.PublicKey(k[ed25519.SeedSize:])
}

func TestVerify(t *testing.T) {
	var (
		text     = []byte(manifest())
		artifact = []byte("the bytes")
		digest   = plugin.Digest(artifact)
		other    = plugin.Digest([]byte("other bytes"))
		ours     = map[string]ed25519.PublicKey{"ours": public(key(1))}
	)
	m, err := plugin.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(k ed25519.PrivateKey, artifacts map[string]string) []byte {
		s, err := plugin.Sign(k, m, text, artifacts)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	changed := func(change func(*plugin.Signature)) []byte {
		var s plugin.Signature
		if err := json.Unmarshal(sign(key(1), map[string]string{"linux/amd64": digest}), &s); err != nil {
			t.Fatal(err)
		}
		change(&s)
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	good := sign(key(1), map[string]string{"linux/amd64": digest, "linux/arm64": other})
	tests := []struct {
		name      string
		trust     plugin.Trust
		signature []byte
		manifest  []byte
		signed    bool
		want      string
	}{
		{"nobody vouches", plugin.Trust{}, nil, text, false, `nobody vouches for the plugin hello: pin it with sha256 = { "linux/amd64" = "` + digest},
		{"pinned", plugin.Trust{Pins: map[string]string{"linux/amd64": digest}}, nil, text, false, ""},
		{"pinned in upper case", plugin.Trust{Pins: map[string]string{"linux/amd64": strings.ToUpper(digest)}}, nil, text, false, ""},
		{"pinned for all", plugin.Trust{Pins: map[string]string{"any": digest}}, nil, text, false, ""},
		{"pinned for another platform", plugin.Trust{Pins: map[string]string{"linux/arm64": digest}}, nil, text, false, "nobody vouches"},
		{"the own platform's pin wins", plugin.Trust{Pins: map[string]string{"any": digest, "linux/amd64": other}}, nil, text, false, "is pinned; pin the new one"},
		{"another pin", plugin.Trust{Pins: map[string]string{"linux/amd64": other}}, nil, text, false, "has the SHA-256 " + digest + ", but " + other + " is pinned"},
		{"a cut pin", plugin.Trust{Pins: map[string]string{"linux/amd64": digest[:10]}}, nil, text, false, "is pinned"},
		{"under development", plugin.Trust{Dev: true}, nil, text, false, ""},
		{"under development, but pinned", plugin.Trust{Dev: true, Pins: map[string]string{"any": other}}, nil, text, false, "is pinned"},
		{"under development, but badly signed", plugin.Trust{Dev: true, Keys: ours}, sign(key(2), map[string]string{"linux/amd64": digest}), text, false, "not in plugin_host.trusted_keys"},
		{"under development with keys", plugin.Trust{Dev: true, Keys: ours}, nil, text, false, ""},
		{"signed", plugin.Trust{Keys: ours}, good, text, true, ""},
		{"signed and pinned", plugin.Trust{Keys: ours, Pins: map[string]string{"any": digest}}, good, text, true, ""},
		{"signed, but pinned otherwise", plugin.Trust{Keys: ours, Pins: map[string]string{"any": other}}, good, text, false, "is pinned"},
		{"signed, but no keys", plugin.Trust{}, good, text, false, "nobody vouches"},
		{"not signed", plugin.Trust{Keys: ours}, nil, text, false, "is not signed, but plugin_host.trusted_keys asks"},
		{"pinned, but not signed", plugin.Trust{Keys: ours, Pins: map[string]string{"any": digest}}, nil, text, false, "is not signed"},
		{"signed by a stranger", plugin.Trust{Keys: ours}, sign(key(2), map[string]string{"linux/amd64": digest}), text, false, "signed by the key " + base64.StdEncoding.EncodeToString(public(key(2)))},
		{"another manifest", plugin.Trust{Keys: ours}, good, []byte(manifest("says hello", "says hi")), false, "does not fit its manifest and digests"},
		{"manifest with a blank more", plugin.Trust{Keys: ours}, good, append(bytes.Clone(text), ' '), false, "does not fit its manifest"},
		{"other bytes are signed", plugin.Trust{Keys: ours}, sign(key(1), map[string]string{"linux/amd64": other}), text, false, "but not this artifact for linux/amd64"},
		{"signed for another platform", plugin.Trust{Keys: ours}, sign(key(1), map[string]string{"linux/arm64": digest}), text, false, "but not this artifact for linux/amd64"},
		{"signed for nothing", plugin.Trust{Keys: ours}, sign(key(1), nil), text, false, "but not this artifact"},
		{"digest changed", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.Artifacts["linux/amd64"] = other }), text, false, "does not fit"},
		{"platform added", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.Artifacts["any"] = digest }), text, false, "does not fit"},
		{"signature changed", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.Signature = "A" + s.Signature[1:] }), text, false, "does not fit"},
		{"signature no base64", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.Signature = "?" }), text, false, "does not fit"},
		{"signature empty", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.Signature = "" }), text, false, "does not fit"},
		{"key exchanged", plugin.Trust{Keys: ours}, changed(func(s *plugin.Signature) { s.PublicKey = base64.StdEncoding.EncodeToString(public(key(3))) }), text, false, "not in plugin_host.trusted_keys"},
		{"no JSON", plugin.Trust{Keys: ours}, []byte("signature"), text, false, "the signature of the plugin hello cannot be read"},
		{"a key of the wrong size", plugin.Trust{Keys: map[string]ed25519.PublicKey{"short": {1, 2}}}, changed(func(s *plugin.Signature) { s.PublicKey = "AQI=" }), text, false, "not in plugin_host.trusted_keys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			signed, err := tt.trust.Verify(m, tt.manifest, artifact, tt.signature, "linux/amd64")
			if signed != tt.signed {
				t.Errorf("signed = %v", signed)
			}
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if err != nil && fault.CodeOf(err) != fault.Forbidden {
				t.Errorf("code %s", fault.CodeOf(err))
			}
		})
	}
}

func TestVerifyNamesVersionAndName(t *testing.T) {
	text, artifact := []byte(manifest()), []byte("x")
	m, err := plugin.ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := plugin.Sign(key(1), m, text, map[string]string{"any": plugin.Digest(artifact)})
	if err != nil {
		t.Fatal(err)
	}
	trust := plugin.Trust{Keys: map[string]ed25519.PublicKey{"k": public(key(1))}}
	for _, other := range []plugin.Manifest{{Name: "hello", Version: "1.2.4"}, {Name: "hallo", Version: "1.2.3"}} {
		if _, err := trust.Verify(other, text, artifact, signature, "any"); fault.CodeOf(err) != fault.Forbidden {
			t.Errorf("%s %s passes with the signature of another: %v", other.Name, other.Version, err)
		}
	}
}

func TestAdviceForPortableArtifacts(t *testing.T) {
	_, err := plugin.Trust{}.Verify(plugin.Manifest{Name: "p"}, nil, []byte("x"), nil, plugin.AnyPlatform)
	if err == nil || !strings.Contains(err.Error(), `sha256 = { any = "`) {
		t.Errorf("got %v", err)
	}
}

func TestSignRefusesNoKey(t *testing.T) {
	if _, err := plugin.Sign(nil, plugin.Manifest{}, nil, nil); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("got %v", err)
	}
}
