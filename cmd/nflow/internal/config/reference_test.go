package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/configuration.md")

const referencePath = "../../../../docs/configuration.md"

// TestReference keeps docs/configuration.md true to the tags. To write it:
// go test ./cmd/nflow/internal/config -run TestReference -update
func TestReference(t *testing.T) {
	want := reference()
	if *update {
		if err := os.WriteFile(referencePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/configuration.md is out of date; run this test with -update")
	}
}

const referenceHead = `# Configuration

` + "`nflow`" + ` reads ` + "`./config.toml`" + `, or the file given with ` + "`--config`" + `. Without one it uses the defaults below.
The order of precedence is command line flag, environment variable, file, default.

- Every key has an environment variable, printed below its name, except those of ` + "`[[plugins]]`" + `. Lists are texts with
  commas there.
- The variable with ` + "`_FILE`" + ` at its end names a file to read the value from, such as a mounted secret:
  ` + "`NFLOW_AUTH_ADMIN_TOKEN_FILE=/run/secrets/token`" + `. Giving a value both ways is a fault.
- ` + "`NFLOW_DATABASES_<NAME>_DSN`, `NFLOW_ENV_<NAME>`, `NFLOW_SECURITY_CUSTOM_PATTERNS_<NAME>`," + `
  ` + "`NFLOW_VM_POOL_WORKFLOW_ISOLATION_<ID>` and `NFLOW_PLUGIN_HOST_TRUSTED_KEYS_<NAME>`" + ` set the keys of named entries.
- A number of milliseconds, seconds or minutes may also be a duration such as ` + "`\"90s\"`" + `; a size is a number of
  bytes or has a unit, such as ` + "`\"64KiB\"`, `\"8MiB\"` or `\"1GiB\"`" + `.
- An unknown key or variable, a wrong type or an impossible value stops the start with exit code 2. All faults are
  reported at once, each with its line or variable.
- A setting marked *not available in this version* is refused when it is switched on, since ignoring it would promise
  something that is not there.
- Secrets are never shown: not in a log, not in a fault.

This page is generated from the program.
`

func reference() string {
	off := map[string]bool{}
	for _, s := range unavailable() {
		off[s.path] = true
	}
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, f := range fields(reflect.TypeFor[Config]()) {
		title := "[" + f.name + "]"
		switch {
		case f.isNamed():
			title = "[" + f.name + ".NAME]"
		case f.isArray():
			title = "[[" + f.name + "]]"
		}
		fmt.Fprintf(&b, "\n## `%s`\n\n%s%s\n", title, f.tags.Get("doc"), availability(off[f.name]))
		switch {
		case f.isSection():
			referenceTable(&b, f.typ, f.name, off)
		case f.isNamed():
			referenceTable(&b, f.typ.Elem(), f.name+".NAME", off)
		case f.isArray():
			referenceElement(&b, f.typ.Elem(), f.name)
		}
	}
	return b.String()
}

// referenceElement describes the keys of an array's elements, then the sections
// in them.
func referenceElement(b *strings.Builder, t reflect.Type, path string) {
	b.WriteString("\n| key | value | default | meaning |\n|---|---|---|---|\n")
	for _, f := range fields(t) {
		if !f.isSection() {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.name, shape(f), defaultOf(f), f.tags.Get("doc"))
		}
	}
	for _, f := range fields(t) {
		if f.isSection() {
			fmt.Fprintf(b, "\n### `[%s]`\n\n%s\n", join(path, f.name), f.tags.Get("doc"))
			referenceElement(b, f.typ, join(path, f.name))
		}
	}
}

func referenceTable(b *strings.Builder, t reflect.Type, path string, off map[string]bool) {
	b.WriteString("\n| key and variable | value | default | meaning |\n|---|---|---|---|\n")
	for _, f := range fields(t) {
		name, key := "`"+f.name+"`", join(path, f.name)
		if f.alias != "" {
			name += ", `" + f.alias + "`"
		}
		fmt.Fprintf(b, "| %s<br>`%s` | %s | %s | %s%s |\n", name, variableOf(key, f), shape(f), defaultOf(f), f.tags.Get("doc"), availability(off[key]))
	}
}

func variableOf(key string, f field) string {
	if f.isTexts() || strings.Contains(key, ".NAME.") {
		return strings.Replace(variable(key), "_NAME_", "_<NAME>_", 1) + map[bool]string{true: "_<NAME>"}[f.isTexts()]
	}
	return variableNames(key, f)[0]
}

func availability(off bool) string {
	if off {
		return " *Not available in this version.*"
	}
	return ""
}

func shape(f field) string {
	switch {
	case f.tags.Get("enum") != "" && f.isTexts():
		return "table of `" + strings.Join(options(f), "` or `") + "`"
	case f.tags.Get("enum") != "":
		return "`" + strings.Join(options(f), "`, `") + "`"
	case f.tags.Get("unit") != "":
		return f.tags.Get("unit")
	case f.isTexts() && f.secret():
		return "table of secret texts"
	case f.isTexts():
		return "table of texts"
	case f.isFree():
		return "table"
	case f.typ == reflect.TypeFor[Bytes]():
		return "size" + limits(f)
	case f.typ.Kind() == reflect.Slice:
		return "list"
	case f.typ.Kind() == reflect.Bool:
		return "true or false"
	case f.typ.Kind() == reflect.Int:
		return "number" + limits(f)
	case f.typ.Kind() == reflect.String:
		if f.secret() {
			return "secret text"
		}
		return "text"
	}
	return "duration"
}

func sizeText(number string) string {
	n, err := strconv.Atoi(number)
	if err != nil {
		return ""
	}
	return Bytes(n).String()
}

func limits(f field) string {
	least, most := f.tags.Get("min"), f.tags.Get("max")
	if f.typ == reflect.TypeFor[Bytes]() {
		least, most = sizeText(least), sizeText(most)
	}
	switch {
	case least != "" && most != "":
		return ", " + least + " to " + most
	case least != "":
		return ", " + least + " or more"
	}
	return ""
}

func defaultOf(f field) string {
	if text := f.tags.Get("default"); text != "" {
		return "`" + text + "`"
	}
	return ""
}
