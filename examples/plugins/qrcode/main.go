// Qrcode draws QR codes as PNG and SVG.
//
//	go build -o qrcode .
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o qrcode.wasm .
//	./qrcode manifest > nflow-plugin.json
package main

import (
	"context"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

func main() { plugin.Serve() }

var qrcodes = plugin.Register(&plugin.Plugin{
	Name:        "qrcode",
	Version:     "1.0.0",
	Description: "Draws QR codes as PNG and SVG.",
	Nodes: []plugin.Node{
		plugin.NodeOf("encode", "Draws the text of the field text, or else of payload.text; the payload becomes {text, png_base64, svg}.", encodeNode).
			WithOutputs("output_1").
			WithExamples(
				plugin.Example{Payload: content{Text: "https://example.com"}},
				plugin.Example{Params: drawing{Text: "hello", Size: 128, Level: "H"}},
			),
	},
	Functions: []plugin.Function{
		plugin.FunctionOf1("svg", "The QR code of a text, as SVG.", func(_ context.Context, text string) (string, error) {
			c, err := encode(drawing{Text: text})
			if err != nil {
				return "", err
			}
			return c.svg(), nil
		}).WithExamples(plugin.Example{Payload: []string{"hello"}}),
	},
	Actions: []plugin.Action{pngAction()},
})

// drawing says what to draw, and how.
type drawing struct {
	Text  string `json:"text,omitempty" jsonschema:"what the code says"`
	Size  int    `json:"size,omitempty" jsonschema:"width and height in pixels, 32 to 2048; 256 when left out"`
	Level string `json:"level,omitempty" jsonschema:"how much damage it survives: L, M, Q or H; M when left out"`
}

type content struct {
	Text string `json:"text,omitempty" jsonschema:"what the code says"`
}

// picture is what the node gives.
type picture struct {
	Text string `json:"text"`
	PNG  []byte `json:"png_base64"`
	SVG  string `json:"svg"`
}

func encodeNode(_ context.Context, d drawing, in content) (picture, error) {
	if d.Text == "" {
		d.Text = in.Text
	}
	c, err := encode(d)
	if err != nil {
		return picture{}, err
	}
	png, err := c.png()
	if err != nil {
		return picture{}, err
	}
	return picture{Text: d.Text, PNG: png, SVG: c.svg()}, nil
}
