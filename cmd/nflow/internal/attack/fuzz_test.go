//go:build unix

package attack_test

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/worker"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/attack"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

const fuzzedTime = 200 * time.Millisecond

// FuzzPrograms runs random programs in child processes. Each must end within its
// time, in a way that somebody can be told, and leave the pool usable.
func FuzzPrograms(f *testing.F) {
	pool, err := worker.New(worker.Config{
		Path: os.Args[0], Args: []string{serveWord, strconv.Itoa(64 << 20)}, MaxSize: 4, Preload: 2,
		Observer: nobody{}, Log: slog.New(slog.DiscardHandler), StartTime: time.Minute,
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := pool.Close(); err != nil {
			f.Error(err)
		}
	})
	for seed := range uint64(50) {
		f.Add(seed)
	}
	limits := policy.DefaultLimits()
	limits.ScriptTime, limits.MemoryBytes, limits.PayloadBytes = fuzzedTime, 64<<20, 1<<20
	f.Fuzz(func(t *testing.T, seed uint64) {
		code := program(seed)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := pool.Run(ctx, ports.ScriptCall{
			Name: "fuzz", Script: node.Script{Code: code}, Payload: payload.Trusted([]byte(`{"n":3,"a":[1,2]}`)),
			Limits: limits, Host: attack.NewHost(),
		})
		if took := time.Since(began); took > fuzzedTime+fuzzedSlack {
			t.Errorf("took %s:\n%s", took, code)
		}
		switch fault.CodeOf(err) {
		case "", fault.LimitExceeded, fault.ScriptFailed, fault.Invalid, fault.NotFound, fault.Disabled:
		default:
			t.Errorf("%v (%v):\n%s", err, fault.As(err).Unwrap(), code)
		}
	})
}

// fuzzedSlack is generous: the machine is as busy as fuzzing makes it.
const fuzzedSlack = 10 * time.Second
