package process

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/proto"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Handler answers the calls of a plugin. It is safe for concurrent use.
type Handler interface {
	// Call carries out one call; its header is a wire.Request. The answer's is a
	// wire.Response. ctx ends when nobody waits any more. host carries out a host
	// call (wire.HostRequest, wire.HostResponse) and may be used by several
	// goroutines until Call returns.
	Call(ctx context.Context, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) wire.Frame
}

// server is the gRPC service of one handler.
type server struct {
	proto.UnimplementedPluginServer

	handler Handler
	// stderr is what os.Stderr was before go-plugin sent it through the
	// connection, where the last lines of a program that ends are lost. nFlow reads
	// the descriptor as well.
	stderr  *os.File
	restore sync.Once
}

// Describe implements proto.PluginServer.
func (s *server) Describe(ctx context.Context, _ *proto.DescribeRequest) (*proto.DescribeResponse, error) {
	answer := s.call(ctx, opFrame(wire.Describe, nil), nothing)
	var header wire.Response
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		return nil, status.Errorf(codes.Internal, "the header of the answer to describe: %v", err)
	}
	if header.Error != nil {
		return nil, status.Error(codes.Internal, header.Error.Error())
	}
	return &proto.DescribeResponse{Manifest: answer.Payload}, nil
}

// Configure implements proto.PluginServer.
func (s *server) Configure(ctx context.Context, r *proto.ConfigureRequest) (*proto.ConfigureResponse, error) {
	answer := s.call(ctx, opFrame(wire.Configure, r.GetSettings()), nothing)
	return &proto.ConfigureResponse{Result: message(answer)}, nil
}

// Invoke implements proto.PluginServer.
func (s *server) Invoke(stream grpc.BidiStreamingServer[proto.HostMessage, proto.PluginMessage]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	start := first.GetStart()
	if start == nil {
		return status.Error(codes.InvalidArgument, "the first message of Invoke is not start")
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	c := &conversation{stream: stream}
	go c.listen(cancel)
	answer := s.call(ctx, frame(start), c.host)
	return c.send(&proto.PluginMessage{Kind: &proto.PluginMessage_Result{Result: message(answer)}})
}

// call runs the handler. A panic becomes a typed failure; where it came from is
// for the log, not for the caller.
func (s *server) call(ctx context.Context, request wire.Frame, host func(context.Context, wire.Frame) wire.Frame) (answer wire.Frame) {
	s.restore.Do(s.restoreStderr)
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n%s", p, debug.Stack())
			answer = wire.Failure(&wire.Error{Code: wire.Internal, Message: fmt.Sprintf("the plugin panicked: %v", p)})
		}
	}()
	return s.handler.Call(ctx, request, host)
}

// restoreStderr is for the first call, as go-plugin listens only after it took
// os.Stderr.
func (s *server) restoreStderr() {
	if s.stderr != nil {
		os.Stderr = s.stderr
	}
}

// nothing is the host of calls that have none.
func nothing(context.Context, wire.Frame) wire.Frame {
	return wire.Failure(&wire.Error{Code: wire.PermissionDenied, Message: "no host calls are answered now"})
}

// opFrame is the frame of a call that has an RPC of its own.
func opFrame(op wire.Op, payload []byte) wire.Frame {
	return wire.Frame{Header: []byte(`{"op":"` + string(op) + `"}`), Payload: payload}
}

func frame(m *proto.Frame) wire.Frame {
	return wire.Frame{Header: m.GetHeader(), Payload: m.GetPayload()}
}

func message(f wire.Frame) *proto.Frame { return &proto.Frame{Header: f.Header, Payload: f.Payload} }
