package files_test

import (
	"encoding/binary"
	"os"
	"regexp"
	"runtime"
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/files"
)

func elf(data, system byte, machine [2]byte) []byte {
	b := append([]byte("\x7fELF"), 2, data, 1, system)
	b = append(b, make([]byte, 10)...)
	return append(b, machine[:]...)
}

func pe(machine uint16) []byte {
	b := make([]byte, 0x40)
	copy(b, "MZ")
	b[0x3c] = 0x40
	b = append(b, "PE\x00\x00"...)
	return binary.LittleEndian.AppendUint16(b, machine)
}

func TestPlatform(t *testing.T) {
	rows := []struct {
		artifact []byte
		want     string
	}{
		{[]byte("\x00asm\x01\x00\x00\x00"), "any"},
		{[]byte("#!/usr/bin/env python3\n"), "any"},
		{elf(1, 0, [2]byte{62, 0}), "linux/amd64"},
		{elf(1, 0, [2]byte{183, 0}), "linux/arm64"},
		{elf(1, 9, [2]byte{183, 0}), "freebsd/arm64"},
		{elf(2, 0, [2]byte{0, 22}), "linux/s390x"},
		{elf(2, 0, [2]byte{0, 21}), "linux/ppc64"},
		{elf(1, 0, [2]byte{21, 0}), "linux/ppc64le"},
		{elf(1, 0, [2]byte{1, 1}), ""},
		{elf(1, 0, [2]byte{62, 0})[:19], ""},
		{[]byte("\xcf\xfa\xed\xfe\x0c\x00\x00\x01"), "darwin/arm64"},
		{[]byte("\xcf\xfa\xed\xfe\x07\x00\x00\x01"), "darwin/amd64"},
		{[]byte("\xcf\xfa\xed\xfe\x07"), ""},
		{pe(0x8664), "windows/amd64"},
		{pe(0xaa64), "windows/arm64"},
		{pe(0x8664)[:0x45], ""},
		{[]byte("MZ"), ""},
		{[]byte("hello"), ""},
		{nil, ""},
	}
	for _, row := range rows {
		if got := files.Platform(row.artifact); got != row.want {
			t.Errorf("%q: %q, want %q", row.artifact, got, row.want)
		}
	}
}

func TestPlatformOfThisProgram(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	content, err := os.ReadFile(self)
	must(t, err)
	if got, want := files.Platform(content), runtime.GOOS+"/"+runtime.GOARCH; got != want {
		t.Errorf("platform %q, want %q", got, want)
	}
}

func FuzzPlatform(f *testing.F) {
	f.Add(elf(1, 0, [2]byte{62, 0}))
	f.Add(pe(0x8664))
	f.Add([]byte("MZ\xff\xff"))
	shape := regexp.MustCompile(`^(any|[a-z]+/[a-z0-9]+)?$`)
	f.Fuzz(func(t *testing.T, artifact []byte) {
		if got := files.Platform(artifact); !shape.MatchString(got) {
			t.Errorf("platform %q", got)
		}
	})
}
