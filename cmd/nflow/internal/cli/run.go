package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

type runFlags struct{ input, start string }

func newRun(s *session) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a workflow once and print its output",
		Long:  `Run the workflow in a file once, without a server, and print its output as JSON.`,
		Example: `  nflow run hello.json
  nflow run hello.json --input '{"valor": 21}'
  nflow run hello.json --input @input.json
  echo '{"valor": 21}' | nflow run hello.json --input -`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return s.run(c.Context(), args[0], f) },
	}
	c.Flags().StringVar(&f.input, "input", "{}", "first payload: JSON, @file, or - for standard input")
	c.Flags().StringVar(&f.start, "start", "", "id of the start node (default the first)")
	return c
}

func (s *session) run(ctx context.Context, file string, f runFlags) error {
	cfg, err := s.load()
	if err != nil {
		return err
	}
	input, err := s.readInput(f.input)
	if err != nil {
		return usageError{err}
	}
	log, err := s.quietLogger(cfg.Log)
	if err != nil {
		return err
	}
	return s.withRuntime(ctx, briefly(inMemory(cfg)), log, func(r *wire.Runtime) error {
		id, body, err := readDocument(file)
		if err == nil {
			err = publish(ctx, r, id, body)
		}
		if err != nil {
			return faultsOf(file, err)
		}
		execution, err := r.Execute(ctx, id, f.start, input, nil)
		if err != nil {
			return faultsOf(file, err)
		}
		_, err = fmt.Fprintf(s.Stdout, "%s\n", execution.Output.Bytes())
		return err
	})
}

// readInput reads JSON given as it is, as @file or as - for standard input.
func (s *session) readInput(spec string) (payload.Value, error) {
	raw := []byte(spec)
	var err error
	switch {
	case spec == "-":
		raw, err = io.ReadAll(io.LimitReader(s.Stdin, maxFileBytes))
	case strings.HasPrefix(spec, "@"):
		raw, err = readFile(spec[1:])
	}
	if err != nil {
		return payload.Value{}, fmt.Errorf("--input: %w", err)
	}
	v, err := payload.Parse(raw)
	if err != nil {
		f := fault.As(err)
		return v, errors.New("--input: " + f.Error())
	}
	return v, nil
}
