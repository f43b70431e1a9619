package cli

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/adapters/jsonschema"
	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/kit"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

type pluginTestFlags struct {
	json, noTLS          bool
	isolation, settings  string
	timeout              time.Duration
	memoryMB, maxPayload int
}

func newPluginTest(s *session) *cobra.Command {
	var f pluginTestFlags
	c := &cobra.Command{
		Use:   "test ARTIFACT",
		Short: "Try a plugin: its examples, and what its enemies would do",
		Long: `Run a plugin as a server does and try it: its manifest, its examples, wrong and
hostile input, large payloads, short deadlines, many calls at once, and hosts that
refuse. Every failure says what was expected and what to mend. Values that a plugin
keeps are forgotten afterwards, secrets are invented, and there is no network.

The exit code is 1 when a case failed.`,
		Example: `  nflow plugin test hello.wasm
  nflow plugin test ./hello --json
  nflow plugin test hello.wasm --isolation process --settings '{"greeting": "Hola"}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.tryPlugin(c.Context(), args[0], f) },
	}
	normal := config.DefaultPlugin()
	flags := c.Flags()
	flags.BoolVar(&f.json, "json", false, "print the results as JSON")
	flags.StringVar(&f.isolation, "isolation", isolationInproc, "where a module runs: inproc or process; programs are processes anyway")
	flags.BoolVar(&f.noTLS, "no-tls", false, "leave the socket of a process unencrypted, as plugins.no_tls does")
	flags.StringVar(&f.settings, "settings", "", "what to configure the plugin with, a JSON object")
	flags.DurationVar(&f.timeout, "timeout", 30*time.Second, "for one case")
	flags.IntVar(&f.memoryMB, "memory-mb", normal.MemoryMB, "as plugins.memory_mb; 0 = 64 for a module, 512 for a program")
	flags.IntVar(&f.maxPayload, "max-payload", int(normal.MaxPayload), "bytes, as plugins.max_payload")
	return c
}

const (
	isolationInproc  = "inproc"
	isolationProcess = "process"
)

// check refuses flags that mean nothing, and returns the settings.
func (f pluginTestFlags) check() (settings payload.Value, err error) {
	wrong := func(format string, args ...any) (payload.Value, error) {
		return payload.Value{}, usageError{fault.New(fault.Invalid, format, args...)}
	}
	switch {
	case f.isolation != isolationInproc && f.isolation != isolationProcess:
		return wrong("--isolation %q is neither inproc nor process", f.isolation)
	case f.timeout <= 0:
		return wrong("--timeout must be more than 0")
	case f.memoryMB < 0 || f.maxPayload < 1024:
		return wrong("--memory-mb must not be below 0, nor --max-payload below 1024")
	case f.settings == "":
		return payload.EmptyObject(), nil
	}
	settings, err = payload.Parse([]byte(f.settings))
	if err != nil || settings.Kind() != payload.Object {
		return wrong("--settings is no JSON object such as {\"key\": 1}")
	}
	return settings, nil
}

// tryPlugin runs the cases and prints them.
func (s *session) tryPlugin(ctx context.Context, path string, f pluginTestFlags) (err error) {
	settings, err := f.check()
	if err != nil {
		return err
	}
	cfg, err := s.load()
	if err != nil {
		return err
	}
	file, err := files.Files{}.ReadPlugin(path)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if s.verbose {
		log = slog.New(slog.NewTextHandler(s.Stderr, nil))
	}
	loaders, err := wire.NewPluginLoaders(cfg.PluginHost, log)
	if err != nil {
		return err
	}
	defer func() {
		if closing := loaders.Close(context.WithoutCancel(ctx)); err == nil {
			err = closing
		}
	}()
	spec, cleanUp, err := s.trialSpec(file, f)
	if err != nil {
		return err
	}
	defer cleanUp()
	report := kit.Run(ctx, kit.Subject{
		File: file, Spec: spec, Loader: loaders.ByRunner[runnerOf(file.Artifact, f.isolation)],
		Schemas: jsonschema.New(), Settings: settings, Timeout: f.timeout,
	}, func(r kit.Result) {
		if !f.json {
			printTrial(s, r)
		}
	})
	if ctx.Err() != nil {
		return fault.New(fault.Cancelled, "the cases were not tried to the end")
	}
	return s.conclude(report, f)
}

func runnerOf(artifact []byte, isolation string) plugins.Runner {
	switch {
	case !files.IsModule(artifact):
		return plugins.Process
	case isolation == isolationProcess:
		return plugins.WASMProcess
	}
	return plugins.WASM
}

// memoryBytes is what plugins.memory_mb means for an artifact.
func memoryBytes(mb int, artifact []byte) int64 {
	const module, program = 64, 512
	switch {
	case mb > 0:
	case files.IsModule(artifact):
		mb = module
	default:
		mb = program
	}
	return int64(mb) << 20
}

// trialSpec gives the plugin what it asks for: variables of this environment, and
// empty directories.
func (s *session) trialSpec(file ports.PluginFile, f pluginTestFlags) (ports.PluginSpec, func(), error) {
	normal := config.DefaultPlugin()
	spec := ports.PluginSpec{
		MemoryBytes: memoryBytes(f.memoryMB, file.Artifact), MaxConcurrent: normal.MaxConcurrent, MaxPayload: f.maxPayload,
		CallTimeout: min(normal.CallTimeout, f.timeout), NoTLS: f.noTLS, Env: map[string]string{}, Mounts: map[string]string{},
	}
	m, err := plugin.ParseManifest(file.Manifest)
	if err != nil {
		return spec, func() {}, nil //nolint:nilerr // the first case tells what is wrong with it
	}
	for _, name := range slices.Concat(m.Capabilities.Env, m.Optional.Env) {
		for _, variable := range s.Environ {
			if value, ok := strings.CutPrefix(variable, name+"="); ok {
				spec.Env[name] = value
			}
		}
	}
	directories := slices.Concat(m.Capabilities.FS, m.Optional.FS)
	if len(directories) == 0 {
		return spec, func() {}, nil
	}
	empty, err := os.MkdirTemp("", "nflow-plugin-test-")
	if err != nil {
		return spec, func() {}, err
	}
	for _, name := range directories {
		spec.Mounts[name] = empty
	}
	return spec, func() { _ = os.RemoveAll(empty) }, nil // it is empty, and temporary
}

// printTrial prints one case for a person.
func printTrial(s *session, r kit.Result) {
	const under = "\n        "
	switch r.Outcome {
	case kit.OK:
		say(s.Stdout, "ok      %s\n", r.Name)
	case kit.Skipped:
		say(s.Stdout, "skip    %s%s%s\n", r.Name, under, strings.ReplaceAll(r.Problem, "\n", under))
	case kit.Failed:
		say(s.Stdout, "FAIL    %s%s%s\n", r.Name, under, strings.ReplaceAll(r.Problem, "\n", under))
		if r.Mend != "" {
			say(s.Stdout, "        to mend it: %s\n", r.Mend)
		}
	}
}

// conclude prints the end and fails when a case did.
func (s *session) conclude(r kit.Report, f pluginTestFlags) error {
	good, bad, skipped := r.Count(kit.OK), r.Count(kit.Failed), r.Count(kit.Skipped)
	if f.json {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		say(s.Stdout, "%s\n", b)
	} else {
		say(s.Stdout, "\n%s %s: %d cases ok, %d failed, %d skipped\n", r.Plugin, r.Version, good, bad, skipped)
	}
	if bad > 0 {
		return fault.New(fault.PluginFailed, "%d of %d cases failed", bad, len(r.Results))
	}
	return nil
}
