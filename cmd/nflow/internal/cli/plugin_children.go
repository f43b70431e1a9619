package cli

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/calls"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/wasm"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	sdk "github.com/arturoeanton/nflow-runtime/plugins-sdk/process"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// newPluginCompile is the command the server compiles modules with. It is of no
// use to people.
func newPluginCompile(s *session) *cobra.Command {
	return &cobra.Command{
		Use:                wire.PluginCompileCommand,
		Short:              "Compile a module for a server",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			return wasm.Compile(c.Context(), args, s.Stdin, s.Stdout)
		},
	}
}

// newPluginRun is the command the server runs modules with that have a process
// of their own. It is of no use to people.
func newPluginRun(s *session) *cobra.Command {
	return &cobra.Command{
		Use:    wire.PluginRunCommand + " FILE",
		Short:  "Run a module for a server",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE:   func(c *cobra.Command, args []string) error { return s.runModule(c, args[0]) },
	}
}

func (s *session) runModule(c *cobra.Command, file string) error {
	// The server says when it is over; who ends both at once sends it to the server.
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	var text string
	for _, variable := range s.Environ {
		if value, ok := strings.CutPrefix(variable, process.HostSpecVariable+"="); ok {
			text = value
		}
	}
	var told process.HostSpec
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return usageError{fmt.Errorf("%s holds no specification; this command is for servers only: %w", process.HostSpecVariable, err)}
	}
	artifact, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	transport, err := wasm.OpenTransport(c.Context(), ports.PluginSpec{
		Name: told.Name, Artifact: artifact, SHA256: plugin.Digest(artifact),
		MemoryBytes: told.MemoryBytes, MaxConcurrent: told.MaxConcurrent, MaxPayload: told.MaxPayload,
		CallTimeout: time.Duration(told.CallTimeoutMS) * time.Millisecond,
		Env:         told.Env, Mounts: told.Mounts, Interpret: told.Interpret,
	}, wasm.Config{CacheDir: told.CacheDir, Log: slog.New(slog.NewTextHandler(s.Stderr, nil))})
	if err != nil {
		return err
	}
	sdk.Serve(calls.Handler{Transport: transport})
	return nil
}
