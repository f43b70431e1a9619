package payload_test

import (
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	const doc = ` { "a" : { "b" : [ 10 , { "c" : null } , "x,]}" ] } , "" : 1 , "k\u00e9\"y" : true ,
		"dup" : 1 , "dup" : {"last":2} , "esc" : "\\" , "0" : "zero" , "\u0061bc":"escaped key", "s":"}" } `
	tests := []struct {
		name, path, want string
		missing          bool
	}{
		{"root", "", "", false},
		{"nested", "a/b/0", "10", false},
		{"null is there", "a/b/1/c", "null", false},
		{"delimiters in a string", "a/b/2", `"x,]}"`, false},
		{"escaped key", "kéy", "", true},
		{"key with a quote", "ké\"y", "true", false},
		{"key spelled with escapes", "abc", `"escaped key"`, false},
		{"last duplicate counts", "dup/last", "2", false},
		{"backslash before the closing quote", "esc", `"\\"`, false},
		{"digits as a key of an object", "0", `"zero"`, false},
		{"brace in a string", "s", `"}"`, false},
		{"index out of range", "a/b/3", "", true},
		{"negative index", "a/b/-1", "", true},
		{"negative zero is no index", "a/b/-0", "", true},
		{"plus sign is no index", "a/b/+0", "", true},
		{"name in a list", "a/b/length", "", true},
		{"below a scalar", "a/b/0/x", "", true},
		{"below null", "a/b/1/c/d", "", true},
		{"wrong case", "A", "", true},
		{"index beyond any int", "a/b/99999999999999999999", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var path []string
			if tt.path != "" {
				path = strings.Split(tt.path, "/")
			}
			v, ok := must(t, doc).Lookup(path...)
			if ok == tt.missing {
				t.Fatalf("found = %v", ok)
			}
			if tt.want != "" && string(v.Bytes()) != tt.want {
				t.Errorf("got %s, want %s", v.Bytes(), tt.want)
			}
		})
	}
	if v, ok := must(t, doc).Field(""); !ok || v.String() != "1" {
		t.Error("the empty key is a key like others")
	}
}

func TestRangesStopEarly(t *testing.T) {
	for k := range must(t, `{"a":1,"b":2}`).Fields() {
		if k != "a" {
			t.Errorf("order of the document, got %q first", k)
		}
		break
	}
	for i, v := range must(t, `[7,8]`).Items() {
		if i != 0 || v.String() != "7" {
			t.Errorf("got %d %s", i, v.Bytes())
		}
		break
	}
}

// A part must not let its reader reach into the whole by appending.
func TestPartsDoNotShareCapacity(t *testing.T) {
	whole := must(t, `{"a":1,"b":2}`)
	part, _ := whole.Field("a")
	_ = append(part.Bytes(), "999999"...)
	if got := string(whole.Bytes()); got != `{"a":1,"b":2}` {
		t.Errorf("the whole became %s", got)
	}
}
