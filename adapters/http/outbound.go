package http

import (
	"net/http"
	"net/textproto"
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

// defaultType is what a reply without a Content-Type gets: browsers show it and
// never run it.
const defaultType = "text/plain; charset=utf-8"

// reply writes the answer of a workflow. Scripts choose headers, so none of them
// may break the framing: names that are no tokens and headers that belong to the
// connection are dropped, control characters in values become spaces.
func (ex *exchange) reply(reply node.Reply) error {
	if reply.Status == 0 {
		reply.Status = http.StatusOK
	}
	if reply.Status < 200 || reply.Status > 599 {
		return fault.New(fault.NodeFailed, "the workflow answered with status %d, which is not between 200 and 599",
			reply.Status)
	}
	header := ex.Header()
	for _, line := range reply.Header {
		name := textproto.CanonicalMIMEHeaderKey(line.Name)
		if !isToken(name) || ownedByConnection(name) || ex.ownRateHeader(name) {
			continue
		}
		value := printable(line.Value)
		if name == "Content-Type" {
			header.Set(name, value)
			continue
		}
		header.Add(name, value)
	}
	ex.send(reply.Status, reply.Body)
	return nil
}

func ownedByConnection(name string) bool {
	switch name {
	case "Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer",
		"Transfer-Encoding", "Upgrade", "X-Request-Id", "Nflow-Wid-1":
		return true
	default:
		return false
	}
}

// send writes status and body; neither 204, 304 nor HEAD carry one.
func (ex *exchange) send(status int, body []byte) {
	header := ex.Header()
	if status == http.StatusNoContent || status == http.StatusNotModified {
		ex.WriteHeader(status)
		return
	}
	if len(body) > 0 && header["Content-Type"] == nil {
		header["Content-Type"] = []string{defaultType}
	}
	if ex.r.Method != http.MethodHead || len(body) > 0 {
		header["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	ex.WriteHeader(status)
	if ex.r.Method == http.MethodHead || len(body) == 0 {
		return
	}
	if _, err := ex.Write(body); err != nil {
		ex.log().Debug("the client left before the answer was written", "error", err)
	}
}
