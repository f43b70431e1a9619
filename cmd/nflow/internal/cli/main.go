package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the workflow or check failed
	exitUsage  = 2 // bad usage or bad configuration
)

// Process is what the operating system gives a command.
type Process struct {
	Args           []string // without the program's name
	Environ        []string // as os.Environ gives it
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// version is set by the linker in releases.
var version = "dev"

// usageError is bad usage or bad configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Main runs one command and returns its exit code.
func Main(ctx context.Context, p Process) int {
	root := newRoot(p)
	root.SetArgs(p.Args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	printError(p.Stderr, err)
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// printError writes one line for each fault.
func printError(w io.Writer, err error) {
	var list fault.List
	if errors.As(err, &list) {
		for _, f := range list {
			say(w, "error: %s\n", f)
		}
		return
	}
	say(w, "error: %s\n", err)
}

// say writes to a person; when nobody listens any more there is nobody to tell.
func say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format, args...)
}

// session is what every command shares: the process and the global flags.
type session struct {
	Process

	configPath string
	verbose    bool
}

func newRoot(p Process) *cobra.Command {
	s := &session{Process: p}
	root := &cobra.Command{
		Use:   "nflow",
		Short: "Run workflows as HTTP services",
		Long: `nflow runs workflows, drawn in the nFlow designer or written by hand as JSON,
as HTTP services.`,
		Example: `  nflow serve --demo                 a small app to play with
  nflow serve hello.json             serve a file, keep nothing
  nflow serve                        serve what is in the database
  nflow run hello.json --input '{"name": "Ana"}'
  nflow validate hello.json`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SetIn(p.Stdin)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
	})
	root.PersistentFlags().StringVar(&s.configPath, "config", "", "configuration file (default ./config.toml; missing = defaults)")
	root.PersistentFlags().BoolVarP(&s.verbose, "verbose", "v", false, "debug logs")
	root.AddCommand(
		newServe(s), newRun(s), newValidate(s), newImport(s), newExport(s), newToken(s), newMigrate(s), newBackup(s), newRestore(s), newPrune(s), newDoctor(s), newVersion(s), newWorker(), newPlugin(s),
		newPluginCompile(s), newPluginRun(s),
	)
	for _, c := range append(root.Commands(), root) {
		c.Args = asUsage(c.Args)
	}
	return root
}

// asUsage makes a wrong number of arguments, or an unknown command, bad usage.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
		}
		return nil
	}
}
