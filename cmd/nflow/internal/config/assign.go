package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// plain is a value that came as text: from the environment, a flag or a default
// tag. Values of a TOML file have their own types.
type plain string

// assign stores raw in dst. It returns what is wrong, as the end of a sentence
// that begins with the key; empty = nothing.
func assign(dst reflect.Value, f field, raw any) string {
	switch dst.Interface().(type) {
	case time.Duration:
		return assignDuration(dst, f, raw)
	case []string:
		return assignList(dst, raw)
	case bool:
		return assignBool(dst, f, raw)
	case int:
		return assignInt(dst, f, raw)
	case Bytes:
		return assignBytes(dst, f, raw)
	}
	return assignText(dst, f, raw)
}

func assignText(dst reflect.Value, f field, raw any) string {
	switch v := raw.(type) {
	case string:
		dst.SetString(v)
	case plain:
		dst.SetString(string(v))
	case int64:
		if f.tags.Get("number") == "" {
			return "must be a text in quotes, not a whole number"
		}
		dst.SetString(strconv.FormatInt(v, 10))
	default:
		return "must be a text in quotes, not " + kindOf(raw)
	}
	return ""
}

func assignBool(dst reflect.Value, f field, raw any) string {
	switch v := raw.(type) {
	case bool:
		dst.SetBool(v)
		return ""
	case plain:
		switch strings.ToLower(string(v)) {
		case "true", "1":
			dst.SetBool(true)
			return ""
		case "false", "0":
			dst.SetBool(false)
			return ""
		}
		return "must be true or false" + instead(f, string(v))
	}
	return "must be true or false (without quotes), not " + kindOf(raw)
}

func assignInt(dst reflect.Value, f field, raw any) string {
	switch v := raw.(type) {
	case int64:
		dst.SetInt(v)
		return ""
	case plain:
		n, err := strconv.ParseInt(string(v), 10, 64)
		if err != nil {
			return "must be a whole number" + instead(f, string(v))
		}
		dst.SetInt(n)
		return ""
	}
	return "must be a whole number (without quotes), not " + kindOf(raw)
}

// assignList takes an array of texts or one text with commas.
func assignList(dst reflect.Value, raw any) string {
	list := []string{}
	switch v := raw.(type) {
	case string:
		list = splitList(v)
	case plain:
		list = splitList(string(v))
	case []any:
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return "must be an array of texts in quotes, but it holds " + kindOf(item)
			}
			list = append(list, text)
		}
	default:
		return "must be an array of texts, or one text with commas, not " + kindOf(raw)
	}
	dst.Set(reflect.ValueOf(list))
	return ""
}

func splitList(s string) []string {
	list := []string{}
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// instead shows the value that was found, unless it is a secret, or an address
// with a password in it.
func instead(f field, value string) string {
	if f.secret() || strings.Contains(value, "://") && strings.Contains(value, "@") {
		return ""
	}
	return fmt.Sprintf(", not %q", shorten(value))
}

func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// kindOf names the type of a TOML value.
func kindOf(v any) string {
	switch v.(type) {
	case string, plain:
		return "a text"
	case bool:
		return "true or false"
	case int64:
		return "a whole number"
	case float64:
		return "a fraction"
	case []any:
		return "an array"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}
