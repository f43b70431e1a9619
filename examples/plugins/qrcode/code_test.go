package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	zxing "github.com/makiuchi-d/gozxing/qrcode"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/plugintest"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

func send(t testing.TB, r wire.Request, body string) (string, wire.Response) {
	t.Helper()
	f, err := wire.New(r, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	answer := qrcodes.Call(t.Context(), f, nil)
	var header wire.Response
	if err := json.Unmarshal(answer.Header, &header); err != nil {
		t.Fatal(err)
	}
	return string(answer.Payload), header
}

// draw calls the action and reads its picture.
func draw(t testing.TB, body string, query map[string][]string) image.Image {
	t.Helper()
	got, header := send(t, wire.Request{Op: wire.Action, Name: "png", Query: query}, body)
	if header.Error != nil {
		t.Fatal(header.Error)
	}
	if header.Headers["Content-Type"] != "image/png" || header.Encoding != wire.Base64 {
		t.Errorf("header %+v", header)
	}
	return picture64(t, got)
}

func picture64(t testing.TB, text string) image.Image {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.Trim(text, `"`))
	if err != nil {
		t.Fatal(err)
	}
	i, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// scan reads a code as a telephone does.
func scan(t testing.TB, i image.Image) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(i)
	if err != nil {
		t.Fatal(err)
	}
	r, err := zxing.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		t.Fatalf("the code cannot be read: %v", err)
	}
	return r.GetText()
}

func body(t testing.TB, d drawing) string {
	t.Helper()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCodesCanBeRead(t *testing.T) {
	tests := []struct {
		name string
		d    drawing
		size int
	}{
		{"address", drawing{Text: "https://example.com/?a=1&b=<2>"}, 256},
		{"digits", drawing{Text: "0123456789"}, 256},
		{"capitals", drawing{Text: "HELLO 42"}, 256},
		{"accents and emoji", drawing{Text: "ñandú – 日本 🎉"}, 256},
		{"lines", drawing{Text: "BEGIN:VCARD\nFN:Ana\nEND:VCARD"}, 256},
		{"small", drawing{Text: "x", Size: 32}, 32},
		{"odd size", drawing{Text: "hello", Size: 333}, 333},
		{"large", drawing{Text: "hello", Size: 2048, Level: "H"}, 2048},
		{"lower case level", drawing{Text: "hello", Level: "q"}, 256},
		{"long", drawing{Text: strings.Repeat("abc ", 400), Size: 1000, Level: "L"}, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := draw(t, body(t, tt.d), nil)
			if i.Bounds() != image.Rect(0, 0, tt.size, tt.size) {
				t.Errorf("the picture has %v", i.Bounds())
			}
			if got := scan(t, i); got != tt.d.Text {
				t.Errorf("got %q, want %q", got, tt.d.Text)
			}
		})
	}
}

func TestLevelsSurviveDamage(t *testing.T) {
	const text = "https://example.com/a/rather/long/address"
	spoiled := func(level string) string {
		i := draw(t, body(t, drawing{Text: text, Level: level, Size: 512}), nil)
		broken := image.NewGray(i.Bounds())
		for y := range 512 {
			for x := range 512 {
				broken.Set(x, y, i.At(x, y))
				if x >= 216 && x < 316 && y >= 216 && y < 316 {
					broken.Set(x, y, color.White)
				}
			}
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(broken)
		if err != nil {
			t.Fatal(err)
		}
		r, err := zxing.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil {
			return ""
		}
		return r.GetText()
	}
	if got := spoiled("H"); got != text {
		t.Errorf("H does not survive: %q", got)
	}
	if got := spoiled("L"); got == text {
		t.Error("L survives as much as H, so the level does not count")
	}
}

func TestQuery(t *testing.T) {
	query := map[string][]string{"text": {"from the query"}, "size": {"100"}, "level": {"L"}}
	for _, b := range []string{``, `null`, `{}`, `{"text":"from the body","size":64}`} {
		i := draw(t, b, query)
		if got := scan(t, i); got != "from the query" || i.Bounds().Dx() != 100 {
			t.Errorf("%s gives %q of %v", b, got, i.Bounds())
		}
	}
	i := draw(t, `{"text":"from the body"}`, map[string][]string{"size": {"90"}})
	if got := scan(t, i); got != "from the body" || i.Bounds().Dx() != 90 {
		t.Errorf("mixed: %q of %v", got, i.Bounds())
	}
}

func TestRefused(t *testing.T) {
	tests := []struct {
		name, body string
		query      map[string][]string
		code       plugin.Code
		want       string
	}{
		{"nothing", `{}`, nil, plugin.InvalidArgument, "text: is missing"},
		{"empty", `{"text":""}`, nil, plugin.InvalidArgument, "text: is missing"},
		{"no object", `"hello"`, nil, plugin.InvalidArgument, "object"},
		{"a number", `{"text":5}`, nil, plugin.InvalidArgument, "text"},
		{"unknown field", `{"txt":"x"}`, nil, plugin.InvalidArgument, "txt"},
		{"unknown query", `{"text":"x"}`, map[string][]string{"sise": {"9"}}, plugin.InvalidArgument, "sise"},
		{"size as word", `{"text":"x"}`, map[string][]string{"size": {"big"}}, plugin.InvalidArgument, "size"},
		{"too small", `{"text":"x","size":31}`, nil, plugin.InvalidArgument, "size: 31 is not between 32 and 2048"},
		{"too large", `{"text":"x","size":2049}`, nil, plugin.InvalidArgument, "size: 2049"},
		{"below nothing", `{"text":"x","size":-1}`, nil, plugin.InvalidArgument, "size: -1"},
		{"too small for the text", `{"text":"` + strings.Repeat("x", 500) + `","size":32}`, nil, plugin.InvalidArgument, "needs 93 pixels at least"},
		{"level", `{"text":"x","level":"X"}`, nil, plugin.InvalidArgument, `level: "X" is unknown`},
		{"too long for the level", `{"text":"` + strings.Repeat("x", 2900) + `","level":"H"}`, nil, plugin.PayloadTooLarge, "too many for the level H"},
		{"too long", `{"text":"` + strings.Repeat("x", 1<<20) + `"}`, nil, plugin.PayloadTooLarge, "no QR code holds so much"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, header := send(t, wire.Request{Op: wire.Action, Name: "png", Query: tt.query}, tt.body)
			e := header.Error
			if e == nil || e.Code != tt.code || !strings.Contains(e.Message, tt.want) {
				t.Errorf("got %v, want %s %s", e, tt.code, tt.want)
			}
		})
	}
	_, header := send(t, wire.Request{Op: wire.Action, Name: "png", Encoding: wire.Base64}, `"aGk="`)
	if e := header.Error; e == nil || e.Code != plugin.InvalidArgument || !strings.Contains(e.Message, "takes JSON") {
		t.Errorf("a body that is no JSON: %v", e)
	}
}

func TestNode(t *testing.T) {
	node := func(params, payload string) (string, wire.Response) {
		return send(t, wire.Request{Op: wire.Node, Name: "encode", Params: json.RawMessage(params)}, payload)
	}
	got, header := node(`{"size":120}`, `{"text":"from the payload","more":1}`)
	if header.Error != nil {
		t.Fatal(header.Error)
	}
	var out struct{ Text, PNG, SVG string }
	if err := json.Unmarshal([]byte(strings.Replace(got, "png_base64", "png", 1)), &out); err != nil {
		t.Fatal(err)
	}
	if i := picture64(t, out.PNG); scan(t, i) != "from the payload" || i.Bounds().Dx() != 120 || out.Text != "from the payload" {
		t.Errorf("%q gives %q of %v", out.Text, scan(t, i), i.Bounds())
	}
	if i := rasterised(t, out.SVG); scan(t, i) != "from the payload" {
		t.Errorf("the SVG says %q", scan(t, i))
	}
	if got, header = node(`{"text":"from the field"}`, `{"text":"from the payload"}`); header.Error != nil || !strings.Contains(got, `"text":"from the field"`) {
		t.Errorf("got %s, %v", got, header.Error)
	}
	if _, header = node(``, `{}`); header.Error == nil || header.Error.Message != "text: is missing" {
		t.Errorf("got %v", header.Error)
	}
}

func TestFunction(t *testing.T) {
	got, header := send(t, wire.Request{Op: wire.Function, Name: "svg"}, `["ñ"]`)
	var svg string
	if err := json.Unmarshal([]byte(got), &svg); err != nil || header.Error != nil {
		t.Fatalf("%s: %v, %v", got, err, header.Error)
	}
	if got := scan(t, rasterised(t, svg)); got != "ñ" {
		t.Errorf("the SVG says %q", got)
	}
}

// rasterised draws the SVG, of which it understands what this plugin writes.
func rasterised(t testing.TB, svg string) image.Image {
	t.Helper()
	var doc struct {
		ViewBox string `xml:"viewBox,attr"`
		Path    struct {
			D string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal([]byte(svg), &doc); err != nil {
		t.Fatal(err)
	}
	var width int
	if err := json.Unmarshal([]byte(strings.Fields(doc.ViewBox)[2]), &width); err != nil {
		t.Fatal(err)
	}
	const scale = 6
	picture := image.NewGray(image.Rect(0, 0, width*scale, width*scale))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, run := range strings.Split(strings.TrimSuffix(doc.Path.D, "z"), "z") {
		numbers := make([]int, 5)
		text := "[" + strings.NewReplacer("M", "", " ", ",", "h-", ",", "h", ",", "v", ",").Replace(run) + "]"
		if err := json.Unmarshal([]byte(text), &numbers); err != nil {
			t.Fatalf("%s: %v", run, err)
		}
		x, y, w := numbers[0], numbers[1], numbers[2]
		if numbers[3] != 1 || numbers[4] != w {
			t.Fatalf("%s is no run of modules", run)
		}
		for dy := range scale {
			for dx := range w * scale {
				picture.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
			}
		}
	}
	return picture
}

func TestManifestIsCommitted(t *testing.T) {
	want, err := os.ReadFile("nflow-plugin.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcodes.ManifestJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("nflow-plugin.json is old; run: go run . manifest > nflow-plugin.json")
	}
}

func TestExamplesOfTheManifest(t *testing.T) { plugintest.New(qrcodes).Examples(t) }

func FuzzCode(f *testing.F) {
	f.Add("hello", 256, "M")
	f.Add("\x00\xff", 32, "")
	f.Add("123", 40, "h")
	f.Fuzz(func(t *testing.T, text string, size int, level string) {
		c, err := encode(drawing{Text: text, Size: size, Level: level})
		if err != nil {
			if code := plugin.CodeOf(err); code != plugin.InvalidArgument && code != plugin.PayloadTooLarge {
				t.Fatalf("%s: %v", code, err)
			}
			return
		}
		if _, err := c.png(); err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(c.svg(), "</svg>") {
			t.Fatal("half a picture")
		}
	})
}
