package analysis

import "strings"

// globalMember is the path of a global variable.
func globalMember(name string) string {
	switch name {
	case "window", "self", "global", "globalThis":
		return globalPath
	case "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction": // not globals, but often called so
		return ""
	}
	return name
}

// member is the path of a member of what a path stands for.
func member(p, key string) string {
	switch p {
	case globalPath:
		return globalMember(key)
	case classOf, ownClass:
		return memberOfClass(p, key)
	case "":
		return memberOfUnknown(key)
	}
	if class, is := strings.CutSuffix(p, instance); is {
		return memberOfInstance(class, key)
	}
	if class, is := strings.CutSuffix(p, ".prototype"); is && isClass(class) {
		switch key {
		case "constructor":
			return class
		case "__proto__":
			return "Object.prototype"
		}
		return p + "." + key
	}
	root, _, nested := strings.Cut(p, ".")
	switch {
	case !nested && isClass(root), !nested && isFunction(root), nested && isBuiltin(root) && !strings.Contains(root, instance):
		return memberOfFunction(p, key)
	case nested && strings.HasSuffix(root, instance):
		return memberOfFunction(p, key)
	case isNamespace(root), root == "process", root == "module", strings.HasPrefix(p, modulePath):
		if key == "constructor" {
			return classOf
		}
		return normal(p + "." + key)
	}
	return memberOfUnknown(key)
}

// normal gives names of the same thing the same path.
func normal(p string) string {
	if p == "process.mainModule.require" || p == "module.require" {
		return "require"
	}
	return p
}

func memberOfUnknown(key string) string {
	switch key {
	case "constructor":
		return classOf
	case "__proto__":
		return protoOf
	}
	return ""
}

func memberOfClass(p, key string) string {
	switch {
	case key == "constructor":
		return functionPath
	case key == "prototype" && p == classOf:
		return protoOf
	}
	return ""
}

func memberOfInstance(class, key string) string {
	switch key {
	case "constructor":
		return class
	case "__proto__":
		return class + ".prototype"
	}
	if class == functionPath { // some function: call, apply, bind and its own members
		return ""
	}
	if !isMethod(class, key) {
		return ""
	}
	return class + instance + "." + key
}

// memberOfFunction is a member of a function of the language.
func memberOfFunction(p, key string) string {
	switch key {
	case "constructor":
		return functionPath
	case "__proto__":
		return functionPath + ".prototype"
	}
	return p + "." + key
}

func isBuiltin(name string) bool { return isClass(name) || isNamespace(name) || isFunction(name) }

// isClass reports the constructors of the language.
func isClass(name string) bool {
	switch name {
	case "Object", "Array", "Function", "String", "Number", "Boolean", "Symbol", "BigInt", "Date", "RegExp", "Promise", "Proxy",
		"Map", "Set", "WeakMap", "WeakSet", "WeakRef", "ArrayBuffer", "DataView",
		"Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError", "AggregateError":
		return true
	}
	return isTypedArray(name)
}

func isTypedArray(name string) bool {
	switch name {
	case "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
		"Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array":
		return true
	}
	return false
}

func isNamespace(name string) bool {
	switch name {
	case "Math", "JSON", "Reflect", "console", "Atomics", "Intl", "Buffer":
		return true
	}
	return false
}

func isFunction(name string) bool {
	switch name {
	case "eval", "parseInt", "parseFloat", "isNaN", "isFinite", "escape", "unescape", "encodeURI", "encodeURIComponent", "decodeURI",
		"decodeURIComponent", "setTimeout", "setInterval", "require":
		return true
	}
	return false
}

// isMethod reports methods that people reach a constructor of functions by.
func isMethod(class, key string) bool {
	switch key {
	case "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString":
		return true
	}
	switch class {
	case "Array":
		switch key {
		case "at", "concat", "copyWithin", "entries", "every", "fill", "filter", "find", "findIndex", "flat", "flatMap", "forEach",
			"includes", "indexOf", "join", "keys", "lastIndexOf", "map", "pop", "push", "reduce", "reduceRight", "reverse", "shift",
			"slice", "some", "sort", "splice", "unshift", "values":
			return true
		}
	case "String":
		switch key {
		case "at", "big", "bold", "charAt", "charCodeAt", "codePointAt", "concat", "endsWith", "fontcolor", "includes", "indexOf", "italics",
			"lastIndexOf", "link", "match", "normalize", "padEnd", "padStart", "repeat", "replace", "replaceAll", "search", "slice",
			"split", "startsWith", "strike", "sub", "substr", "substring", "sup", "toLowerCase", "toUpperCase", "trim":
			return true
		}
	case "Number":
		return key == "toFixed" || key == "toPrecision" || key == "toExponential"
	case "RegExp":
		return key == "test" || key == "exec"
	}
	return false
}
