package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/wire"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// readDocument reads a workflow file. Its id is the one written in the document,
// or else the file's name without its ending.
func readDocument(name string) (id string, body []byte, err error) {
	body, err = readFile(name)
	if err != nil {
		var path *os.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return "", nil, fault.New(fault.NotFound, "cannot read the file: %s", err)
	}
	var envelope struct {
		ID    json.RawMessage `json:"id"`
		Nodes json.RawMessage `json:"nodes"`
		Draw  json.RawMessage `json:"drawflow"`
	}
	id = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	if json.Unmarshal(body, &envelope) == nil && (envelope.Nodes != nil || envelope.Draw != nil) {
		var own string
		if json.Unmarshal(envelope.ID, &own) == nil && own != "" {
			id = own
		}
	}
	return id, body, nil
}

// maxFileBytes is well above the largest document, module or template: their own
// limits say more.
const maxFileBytes = 64 << 20

// readFile is os.ReadFile for a file that may never end, such as a device.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	body, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(body) > maxFileBytes {
		err = errors.New("it is larger than 64 MiB")
	}
	return body, err
}

func publish(ctx context.Context, r *wire.Runtime, id string, body []byte) error {
	_, err := r.Publish(ctx, id, body, ports.AnyVersion, "cli")
	return err
}

// faultsOf are the faults of an error, each with the file they are in.
func faultsOf(file string, err error) fault.List {
	var list fault.List
	if !errors.As(err, &list) {
		list = fault.List{fault.As(err)}
	}
	var all fault.List
	for _, f := range list {
		placed := *f
		placed.Workflow = ""
		all.Add(fault.Wrap(&placed, f.Code, "%s: %s", file, fmt.Sprint(&placed)))
	}
	return all
}
