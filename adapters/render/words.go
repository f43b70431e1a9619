package render

import (
	"regexp"
	"strconv"
	"strings"
)

// place matches how html/template begins its errors.
var place = regexp.MustCompile(`^(?:html/)?template: ?` + templateName + `(?::(\d+))?(?::(\d+))?: `)

// splitPlace cuts "template: template:3:7: text" into line, column and text.
func splitPlace(message string) (line, column int, text string) {
	m := place.FindStringSubmatch(message)
	if m == nil {
		return 0, 0, message
	}
	line, _ = strconv.Atoi(m[1])   // digits, by the pattern
	column, _ = strconv.Atoi(m[2]) // digits or nothing
	if m[2] != "" {
		column++ // the engine counts columns from 0
	}
	return line, column, message[len(m[0]):]
}

// plainWords replaces the names Go has for JSON's types.
func plainWords(s string) string {
	return strings.NewReplacer(
		"map[string]interface {}", "object",
		"[]interface {}", "array",
		"interface {}", "value",
		"render.number", "number",
		"render.absent", "null",
		"int64", "number",
		"reflect.Value", "value",
	).Replace(s)
}
