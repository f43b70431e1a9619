package wasm

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
)

// CompileOptions are what a compiling child is told.
type CompileOptions struct {
	CacheDir    string // of this module; the result goes there
	MemoryBytes int64  // what compiling may add to the process's memory; 0 = no limit
	CPUSeconds  int64  // 0 = no limit
	Interpret   bool   // only try what the interpreter does before it begins
}

// args are the options as arguments; readOptions is the other direction.
func (o CompileOptions) args() []string {
	return []string{
		"-cache", o.CacheDir, "-memory", strconv.FormatInt(o.MemoryBytes, 10),
		"-cpu", strconv.FormatInt(o.CPUSeconds, 10), "-interpret=" + strconv.FormatBool(o.Interpret),
	}
}

func readOptions(args []string) (CompileOptions, error) {
	var o CompileOptions
	flags := flag.NewFlagSet("plugin-compile", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.CacheDir, "cache", "", "")
	flags.Int64Var(&o.MemoryBytes, "memory", 0, "")
	flags.Int64Var(&o.CPUSeconds, "cpu", 0, "")
	flags.BoolVar(&o.Interpret, "interpret", false, "")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, nil
}

// verdict is what a child says on its standard output.
type verdict struct {
	OK       bool   `json:"ok"`
	Problem  string `json:"problem,omitempty"`
	BadCache bool   `json:"bad_cache,omitempty"`
}

// childProcessors is how many a child uses at most.
const childProcessors = 2

// Compile is the whole of the child that compiles: it bounds this process,
// reads a module that preflight let through, compiles it into the cache, and
// writes a verdict to out. args are those its parent added. The error is for
// what no verdict could be written about; the process ends after it anyway.
func Compile(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	o, err := readOptions(args)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(min(childProcessors, runtime.GOMAXPROCS(0)))
	if err := boundProcess(o); err != nil {
		return fmt.Errorf("cannot bound the process that compiles plugins: %w", err)
	}
	v := verdict{OK: true}
	if err := safely(func() error { return compileModule(ctx, o, in) }); err != nil {
		v = verdict{Problem: err.Error(), BadCache: strings.HasPrefix(err.Error(), "compilationcache:")}
	}
	return json.NewEncoder(out).Encode(v)
}

// safely turns a panic of the engine into an error.
func safely(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the WebAssembly engine gave up: %v", r)
		}
	}()
	return do()
}
