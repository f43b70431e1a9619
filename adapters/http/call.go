package http

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// workflowCall is the body of POST /api/workflow/{id}.
type workflowCall struct {
	input payload.Value
	start string // a start node; empty = the workflow's own
}

// decodeCall reads {"input": any, "start": "node"}; both may be missing, and an
// empty body is an empty object.
func decodeCall(body []byte) (workflowCall, error) {
	call := workflowCall{input: payload.EmptyObject()}
	if len(bytes.TrimSpace(body)) == 0 {
		return call, nil
	}
	members, err := decodeObject(body, "input", "start")
	if err != nil {
		return workflowCall{}, err
	}
	if input, found := members["input"]; found {
		call.input = input
	}
	call.start, err = stringMember(members, "start", "")
	return call, err
}

// runWorkflow is POST /api/workflow/{id}.
func runWorkflow(ex *exchange) error {
	ex.call = true
	if err := ex.requireJSON(); err != nil {
		return err
	}
	in, err := ex.head()
	if err != nil {
		return err
	}
	body, err := ex.body()
	if err != nil {
		return err
	}
	call, err := decodeCall(body)
	if err != nil {
		return err
	}
	ex.present(in, call)
	ex.runs = true
	done, err := ex.s.deps.Executor.Execute(ex.r.Context(), ex.vars["id"], call.start, call.input, in)
	ex.setRun(done.RunID)
	ex.counted(done.Allowance)
	if err != nil {
		return err
	}
	ex.raw(http.StatusOK, "application/json", encodeExecution(done))
	return nil
}

// present shapes what the workflow sees of the request: its body is the input,
// and the token that opened the API stays outside.
func (ex *exchange) present(in *ports.Inbound, call workflowCall) {
	in.Body = call.input.Bytes()
	delete(in.Header, "Authorization")
}

// encodeExecution embeds the output byte for byte.
func encodeExecution(done ports.Execution) []byte {
	output := done.Output.Bytes()
	b := make([]byte, 0, len(output)+128)
	b = append(b, `{"success":true,"output":`...)
	b = append(b, output...)
	b = append(b, `,"execution_time":`...)
	b = strconv.AppendInt(b, done.Millis, 10)
	b = append(b, `,"run_id":`...)
	b = append(b, payload.Text(done.RunID).Bytes()...)
	return append(b, '}')
}
