package jsonschema

import (
	"regexp"
	"strconv"
	"strings"
)

var plainKey = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$-]*$`)

// pathOf writes a place inside a value as its author would: items[2].qty
func pathOf(doc any, tokens []string) string {
	var b strings.Builder
	for _, token := range tokens {
		part := memberPath(token)
		switch v := doc.(type) {
		case []any:
			part = "[" + token + "]"
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(v) {
				doc = v[i]
			}
		case map[string]any:
			doc = v[token]
		}
		if b.Len() > 0 && part[0] != '[' {
			b.WriteByte('.')
		}
		b.WriteString(part)
	}
	return b.String()
}

// memberPath is one key, with brackets and quotes when it is no plain word.
func memberPath(key string) string {
	if plainKey.MatchString(key) {
		return key
	}
	return "[" + strconv.Quote(short(key)) + "]"
}

// join puts two places together.
func join(a, b string) string {
	if a == "" || b == "" || b[0] == '[' {
		return a + b
	}
	return a + "." + b
}
