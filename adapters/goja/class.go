package goja

import (
	"reflect"

	js "github.com/dop251/goja"
)

// classOf is what kind of object this is, whatever its script pretends. The
// engine's own answer does not tell promises, maps and sets from plain objects.
func classOf(obj *js.Object) string {
	class := obj.ClassName()
	if class != "Object" {
		return class
	}
	switch obj.ExportType() {
	case reflect.TypeFor[*js.Promise]():
		return "Promise"
	case reflect.TypeFor[[][2]any]():
		return "Map"
	case reflect.TypeFor[[]any]():
		return "Set"
	}
	return class
}
