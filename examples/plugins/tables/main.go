// Tables turns CSV and XLSX files into JSON rows.
//
//	go build -o tables .
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o tables.wasm .
//	./tables manifest > nflow-plugin.json
//
// As a module it needs memory for the file, its rows and their JSON at once:
// give it memory_mb = 256 for files of a few megabytes.
package main

import (
	"context"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

func main() { plugin.Serve() }

var tables = plugin.Register(&plugin.Plugin{
	Name:        "tables",
	Version:     "1.0.0",
	Description: "Turns CSV and XLSX files into JSON rows.",
	Nodes: []plugin.Node{
		plugin.NodeOf("parse", "Reads the table in payload.text or payload.content_base64; the payload becomes {format, columns, rows, row_count}.", parseNode).
			WithOutputs("output_1").
			WithExamples(
				plugin.Example{
					Payload: file{Text: "sku;qty;gift\nA-1;2;true\nB-7;10;false\n"},
					Result: map[string]any{
						"format": "csv", "delimiter": ";", "columns": []string{"sku", "qty", "gift"}, "row_count": 2,
						"rows": []any{
							map[string]any{"sku": "A-1", "qty": 2, "gift": true},
							map[string]any{"sku": "B-7", "qty": 10, "gift": false},
						},
					},
				},
				plugin.Example{
					Params:  options{Format: "csv", Delimiter: ",", Header: no(), Types: no()},
					Payload: file{Text: "1,007\n"},
					Result: map[string]any{
						"format": "csv", "delimiter": ",", "columns": []string{"column_1", "column_2"}, "row_count": 1,
						"rows": []any{[]string{"1", "007"}},
					},
				},
			),
	},
	Functions: []plugin.Function{
		plugin.FunctionOf2("parse_csv", "The rows of a text in CSV; options are those of the node parse.", parseCSVFunction).
			WithExamples(
				plugin.Example{Payload: []any{"a,b\n1,x\n"}, Result: []any{map[string]any{"a": 1, "b": "x"}}},
				plugin.Example{Payload: []any{"1|x\n", options{Header: no()}}, Result: []any{[]any{1, "x"}}},
			),
	},
	Actions: []plugin.Action{convert()},
	Configure: plugin.ConfigureOf(func(_ context.Context, s settings) error {
		return configure(s)
	}),
})

func no() *bool { return new(bool) }

func parseNode(ctx context.Context, o options, f file) (*table, error) {
	content, err := f.bytes()
	if err != nil {
		return nil, err
	}
	return read(ctx, content, o)
}

func parseCSVFunction(ctx context.Context, text string, o *options) ([]row, error) {
	var given options
	if o != nil {
		given = *o
	}
	if given.Format != "" && given.Format != formatCSV {
		return nil, plugin.Errorf(plugin.InvalidArgument, "format: parse_csv reads csv; the node parse and the action convert read xlsx too")
	}
	given.Format = formatCSV
	t, err := read(ctx, []byte(text), given)
	if err != nil {
		return nil, err
	}
	return t.Rows, nil
}
