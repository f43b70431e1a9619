// Package plugintest runs a plugin inside its author's tests, through the real
// encoding and decoding, with a host made of values:
//
//	func TestGreet(t *testing.T) {
//		r := plugintest.New(hello)
//		out, err := r.Function(t.Context(), "greet", "Ana")
//		...
//	}
//
// The host grants what the plugin's manifest asks for, and nothing else, so a
// capability somebody forgot is found here.
//
// It refuses to load artifacts: `nflow plugin test` does that.
package plugintest
