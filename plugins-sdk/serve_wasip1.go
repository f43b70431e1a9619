//go:build wasip1

package plugin

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"unsafe"

	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// Serve does nothing in a module: nFlow calls its exports.
func Serve() {}

//go:wasmimport nflow_v1 input_len
func inputLen() int32

//go:wasmimport nflow_v1 input_read
func inputRead(ptr unsafe.Pointer, n int32) int32

//go:wasmimport nflow_v1 output_write
func outputWrite(ptr unsafe.Pointer, n int32)

//go:wasmimport nflow_v1 host_call
func hostCall(ptr unsafe.Pointer, n int32) int32

//go:wasmimport nflow_v1 host_read
func hostRead(ptr unsafe.Pointer, n int32) int32

//go:wasmexport nflow_abi_version
func abiVersion() int32 { return wire.ABI }

//go:wasmexport nflow_call
func call() int32 {
	answer, failed := answerInput()
	b := answer.Append(make([]byte, 0, answer.Size()))
	outputWrite(unsafe.Pointer(unsafe.SliceData(b)), int32(len(b)))
	if failed {
		return 1
	}
	return 0
}

// answerInput carries out the call that the host holds. A panic becomes a typed
// failure; where it came from is for the log, not for the caller.
func answerInput() (answer wire.Frame, failed bool) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "panic: %v\n%s", p, debug.Stack())
			answer, failed = wire.Failure(Errorf(Internal, "the plugin panicked: %v", p)), true
		}
	}()
	input := make([]byte, inputLen())
	n := inputRead(unsafe.Pointer(unsafe.SliceData(input)), int32(len(input)))
	request, err := wire.Parse(input[:n])
	if err != nil {
		return wire.Failure(Errorf(InvalidArgument, "%v", err)), true
	}
	return current().respond(context.Background(), request, importedHost)
}

// hostCalls lets one host call be made at a time, as its reply is read apart from
// it.
var hostCalls sync.Mutex

// importedHost carries out host calls with the functions the module imports.
func importedHost(ctx context.Context, request wire.Frame) wire.Frame {
	if err := ctx.Err(); err != nil {
		return wire.Failure(reported(err))
	}
	b := request.Append(make([]byte, 0, request.Size()))
	hostCalls.Lock()
	defer hostCalls.Unlock()
	size := hostCall(unsafe.Pointer(unsafe.SliceData(b)), int32(len(b)))
	if size < 0 {
		return wire.Failure(Errorf(Internal, "the host did not take the call (%d)", size))
	}
	reply := make([]byte, size)
	n := hostRead(unsafe.Pointer(unsafe.SliceData(reply)), size)
	answer, err := wire.Parse(reply[:max(0, n)])
	if err != nil {
		return wire.Failure(Errorf(Internal, "the host's answer: %v", err))
	}
	return answer
}
