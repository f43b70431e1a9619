package architecture

import (
	"slices"
	"strings"
)

// within reports whether path is base or lies below it.
func within(path, base string) bool {
	return path == base || strings.HasPrefix(path, base+"/")
}

// namesRoom matches an entry of the second column against a room's name.
func namesRoom(entry, name string) bool {
	if folder, ok := strings.CutSuffix(entry, "/*"); ok {
		return strings.HasPrefix(name, folder+"/")
	}
	return entry == name
}

// mayImportOurs reports whether r may import the room called name.
func (r room) mayImportOurs(name string) bool {
	return r.name == name || slices.ContainsFunc(r.ours, func(entry string) bool { return namesRoom(entry, name) })
}

// mayImportOther decides an import from outside the module: the last entry
// that speaks about the package wins, and silence forbids.
func (r room) mayImportOther(path string) bool {
	allowed := false
	for _, entry := range r.others {
		entry, deny := strings.CutPrefix(entry, "!")
		if speaksAbout(entry, path) {
			allowed = !deny
		}
	}
	return allowed
}

func speaksAbout(entry, path string) bool {
	if base, ok := strings.CutSuffix(entry, "/..."); ok {
		return within(path, base)
	}
	switch {
	case entry == "any":
		return true
	case entry == "std":
		return isStd(path)
	case isStd(entry):
		return path == entry
	default:
		return within(path, entry)
	}
}

// isStd tells the standard library from modules, whose first element is a host.
func isStd(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// mayUse decides a function or variable of a package, as in "time.Now" or
// "math/rand.Int".
func (r room) mayUse(symbol string) bool {
	return !slices.ContainsFunc(r.others, func(entry string) bool {
		entry, deny := strings.CutPrefix(entry, "!")
		if prefix, ok := strings.CutSuffix(entry, "*"); ok {
			return deny && strings.HasPrefix(symbol, prefix)
		}
		return deny && entry == symbol
	})
}
