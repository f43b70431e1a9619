package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/internal/stdout"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Serve answers nFlow with handler until nFlow ends it or is gone. A program
// that was not started by nFlow says what it is on the standard error and exits
// with 1.
func Serve(handler Handler) {
	if !stdout.Started() {
		Introduce(os.Stderr, handler, os.Args[0])
		os.Exit(1)
	}
	// go-plugin writes the handshake to os.Stdout, whatever that is by then.
	if fd, ok := stdout.Saved(); ok {
		os.Stdout = os.NewFile(fd, "stdout")
	}
	go watchParent()
	s := &server{handler: handler, stderr: os.Stderr}
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig: Handshake(),
		Plugins:         goplugin.PluginSet{PluginName: &link{server: s}},
		GRPCServer:      newGRPC,
		Logger:          hclog.New(&hclog.LoggerOptions{Name: "plugin", Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}

// newGRPC takes messages of any size: nFlow bounds payloads.
func newGRPC(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts, grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32))...)
}

// Introduce tells somebody who started a plugin by hand what it is and how it is
// used.
func Introduce(w io.Writer, handler Handler, program string) {
	var m struct{ Name, Version string }
	answer := handler.Call(context.Background(), opFrame(wire.Describe, nil), nothing)
	if err := json.Unmarshal(answer.Payload, &m); err != nil || m.Name == "" {
		m.Name = "NAME"
	}
	_, _ = fmt.Fprintf(w, `This is the nFlow plugin %s %s. nFlow starts it; alone it does nothing.

To use it, add it to the configuration of nFlow, with the file nflow-plugin.json
beside the program:

    [[plugins]]
    name = %q
    path = %q

`, m.Name, m.Version, m.Name, program)
}
