package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
	"unicode/utf8"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	plugin "github.com/arturoeanton/nflow-runtime/plugins-sdk"
)

const (
	minSize     = 32
	maxSize     = 2048
	defaultSize = 256
	quiet       = 4    // white modules around the code, as ISO 18004 asks
	maxBytes    = 2953 // of any text; at level L
)

// code is a QR code that is to be drawn.
type code struct {
	modules barcode.Barcode
	size    int // pixels of the picture
}

// encode makes a code, refusing what cannot be one.
func encode(d drawing) (*code, error) {
	wrong := func(format string, args ...any) (*code, error) {
		return nil, plugin.Errorf(plugin.InvalidArgument, format, args...)
	}
	if d.Level == "" {
		d.Level = "M"
	}
	level, known := map[string]qr.ErrorCorrectionLevel{"L": qr.L, "M": qr.M, "Q": qr.Q, "H": qr.H}[strings.ToUpper(d.Level)]
	switch {
	case d.Text == "":
		return wrong("text: is missing")
	case !utf8.ValidString(d.Text):
		return wrong("text: is not UTF-8")
	case len(d.Text) > 3*maxBytes: // digits take less than a byte
		return nil, plugin.Errorf(plugin.PayloadTooLarge, "text: has %d bytes; no QR code holds so much", len(d.Text))
	case !known:
		return wrong("level: %q is unknown; use L, M, Q or H", d.Level)
	case d.Size == 0:
		d.Size = defaultSize
	case d.Size < minSize || d.Size > maxSize:
		return wrong("size: %d is not between %d and %d", d.Size, minSize, maxSize)
	}
	modules, err := qr.Encode(d.Text, level, qr.Auto)
	if err != nil {
		return nil, plugin.Errorf(plugin.PayloadTooLarge, "text: has %d bytes, too many for the level %s; shorten it, or use the level L, which holds up to %d", len(d.Text), strings.ToUpper(d.Level), maxBytes)
	}
	c := &code{modules: modules, size: d.Size}
	if least := c.width(); d.Size < least {
		return wrong("size: the code of this text needs %d pixels at least, but has %d", least, d.Size)
	}
	return c, nil
}

// width is that of the code with its margin, in modules.
func (c *code) width() int { return c.modules.Bounds().Dx() + 2*quiet }

// dark reports whether a module is, counted without the margin.
func (c *code) dark(x, y int) bool {
	r, _, _, _ := c.modules.At(x, y).RGBA()
	return r < 0x8000
}

// png draws the code in whole pixels a module, in the middle.
func (c *code) png() ([]byte, error) {
	picture := image.NewPaletted(image.Rect(0, 0, c.size, c.size), color.Palette{color.White, color.Black})
	scale := c.size / c.width()
	modules := c.modules.Bounds().Dx()
	offset := (c.size - modules*scale) / 2
	for y := range modules * scale {
		line := picture.Pix[(offset+y)*picture.Stride+offset:]
		for x := range modules * scale {
			if c.dark(x/scale, y/scale) {
				line[x] = 1
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("write the PNG: %w", err)
	}
	return b.Bytes(), nil
}

// svg draws the code as one path, which scales to any size.
func (c *code) svg() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" shape-rendering="crispEdges">`, c.size, c.size, c.width(), c.width())
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/><path fill="#000" d="`, c.width(), c.width())
	modules := c.modules.Bounds().Dx()
	for y := range modules {
		for x := 0; x < modules; x++ {
			run := 0
			for x+run < modules && c.dark(x+run, y) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				x += run
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}
