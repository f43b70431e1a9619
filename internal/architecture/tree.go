package architecture

import (
	"fmt"
	"io/fs"
	"strings"
)

// CheckTree checks every Go file of the module rooted at tree, and that every
// room of the table exists unless it is planned.
func (p Plan) CheckTree(tree fs.FS) ([]string, error) {
	var faults []string
	for _, name := range p.Rooms() {
		if info, err := fs.Stat(tree, name); err != nil || !info.IsDir() {
			faults = append(faults, fmt.Sprintf("ARCHITECTURE.md: room %s has no folder; remove the row or mark it (planned)", name))
		}
	}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && skipped(tree, name):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		faults = append(faults, p.CheckFile(name, src)...)
		return nil
	})
	return faults, err
}

// skipped reports folders the go command ignores, and modules of their own.
func skipped(tree fs.FS, folder string) bool {
	if folder == "." {
		return false
	}
	base := folder[strings.LastIndex(folder, "/")+1:]
	if base[0] == '.' || base[0] == '_' || base == "testdata" || base == "vendor" || base == "node_modules" {
		return true
	}
	_, err := fs.Stat(tree, folder+"/go.mod")
	return err == nil
}
