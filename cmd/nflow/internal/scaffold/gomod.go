package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// module is that of the SDK.
const module = "github.com/arturoeanton/nflow-runtime"

var (
	release = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	pseudo  = regexp.MustCompile(`[.-]\d{14}-[0-9a-f]{12}$`) // of a commit, maybe of nobody else
	goMinor = regexp.MustCompile(`^go(\d+\.\d+)`)
)

// module writes go.mod, and takes go.sum from a checkout, so that building needs
// no network beyond what building nFlow needed.
func (p Project) module() ([]file, error) {
	mod := "module " + p.Name + "\n\ngo " + goVersion(runtime.Version()) + "\n\n"
	if p.SDK == "" {
		if !release.MatchString(p.Version) || pseudo.MatchString(p.Version) {
			return nil, fmt.Errorf("this nflow is a development build (%s), so there is no published SDK of its version; "+
				"get the source of nFlow with git clone https://%s and give its directory with --sdk", p.Version, module)
		}
		mod += fmt.Sprintf("require %s %s\n", module, p.Version)
		return []file{{"go.mod", []byte(mod)}}, nil
	}
	sdk, err := filepath.Abs(p.SDK)
	if err != nil {
		return nil, err
	}
	if err := isCheckout(sdk); err != nil {
		return nil, err
	}
	mod += fmt.Sprintf("require %s v0.0.0\n\nreplace %s => %s\n", module, module, quoted(sdk))
	sum, err := os.ReadFile(filepath.Join(sdk, "go.sum"))
	if err != nil {
		return nil, err
	}
	return []file{{"go.mod", []byte(mod)}, {"go.sum", sum}}, nil
}

// isCheckout checks that a directory holds the SDK's module.
func isCheckout(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if errors.Is(err, fs.ErrNotExist) || (err == nil && !strings.Contains("\n"+string(b), "\nmodule "+module+"\n")) {
		return fmt.Errorf("--sdk %s is no checkout of nFlow: its go.mod must say module %s", dir, module)
	}
	return err
}

// quoted is a path as go.mod wants it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`(),") {
		return fmt.Sprintf("%q", path)
	}
	return path
}

// goVersion is the line go of go.mod for the toolchain that built this nflow.
func goVersion(version string) string {
	if m := goMinor.FindStringSubmatch(version); m != nil {
		return m[1] + ".0"
	}
	return "1.26.0"
}
