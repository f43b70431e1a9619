package cli

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
)

// rereadOnHangup reads [[plugins]] and their files anew at each SIGHUP, until
// ctx ends. What is wrong is logged, and what was there stays.
func rereadOnHangup(ctx context.Context, r *wire.Runtime, log *slog.Logger) (stop func()) {
	hangup, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangup, syscall.SIGHUP)
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer close(done)
		for {
			select {
			case <-hangup:
				log.Info("reading plugins anew")
				if err := r.RereadPlugins(ctx); err != nil {
					log.Error("plugins could not be read anew", "error", err)
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		signal.Stop(hangup)
		cancel()
		<-done
	}
}
