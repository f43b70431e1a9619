package process

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// noStart tells why there is no process, or no connection to it.
func (g *generation) noStart(ctx context.Context, err error) error {
	_ = g.program.Kill(ctx) // cannot fail
	if g.program.ID() == "" {
		return g.noExec(ctx, err)
	}
	<-g.program.exited
	if wrong := g.program.refused(); wrong != nil {
		return wrong
	}
	said := ""
	if text := g.program.err.said(); text != "" {
		said = "; it said: " + text
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(ctx.Err(), fault.Cancelled, "its start was cancelled")
	case ctx.Err() != nil || strings.Contains(err.Error(), "timeout while waiting"):
		return fault.Wrap(err, fault.Unavailable, "it was not ready within %s%s", g.launch.cfg.StartTime, said)
	case !g.program.greeted():
		return fault.Wrap(err, fault.Unavailable, "%s, before it was ready", g.program.ended())
	}
	return fault.Wrap(err, fault.Unavailable, "it cannot be reached after its start: %s%s", shorten(err.Error(), saidBytes), said)
}

// noExec tells why the system did not start the program.
func (g *generation) noExec(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return fault.Wrap(ctx.Err(), fault.Cancelled, "its start was cancelled")
	case errors.Is(err, syscall.ENOEXEC):
		return fault.Wrap(err, fault.Invalid, "the file is no program for this platform; build it for the system and processor the server runs on")
	case errors.Is(err, fs.ErrPermission):
		return fault.Wrap(err, fault.Unavailable, "the system does not execute programs in plugin_host.run_dir (%s); choose a directory on a file system without noexec", g.launch.cfg.RunDir)
	case errors.Is(err, fs.ErrNotExist):
		return fault.Wrap(err, fault.Invalid, "the program needs an interpreter or a dynamic loader that this machine does not have")
	}
	return fault.Wrap(err, fault.Unavailable, "the program cannot be started: %s", shorten(err.Error(), saidBytes))
}
