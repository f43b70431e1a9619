package files

import (
	"bytes"
	"encoding/binary"

	"github.com/arturoeanton/nflow-runtime/domain/plugin"
)

// IsModule tells a WebAssembly module from a program.
func IsModule(artifact []byte) bool { return bytes.HasPrefix(artifact, []byte("\x00asm")) }

// Platform is where an artifact runs, as its first bytes say: "any" for a
// module or a script, such as "linux/amd64" for a program, empty when they do not
// say.
func Platform(artifact []byte) string {
	switch {
	case IsModule(artifact), bytes.HasPrefix(artifact, []byte("#!")):
		return plugin.AnyPlatform
	case bytes.HasPrefix(artifact, []byte("\x7fELF")):
		return elfPlatform(artifact)
	case bytes.HasPrefix(artifact, []byte("\xcf\xfa\xed\xfe")):
		return join("darwin", machoArch(artifact))
	case bytes.HasPrefix(artifact, []byte("MZ")):
		return join("windows", peArch(artifact))
	}
	return ""
}

func join(system, arch string) string {
	if arch == "" {
		return ""
	}
	return system + "/" + arch
}

func elfPlatform(b []byte) string {
	const (
		dataAt, systemAt, machineAt = 5, 7, 18
		bigEndian                   = 2
		freeBSD                     = 9
	)
	if len(b) < machineAt+2 {
		return ""
	}
	order, big := binary.ByteOrder(binary.LittleEndian), b[dataAt] == bigEndian
	if big {
		order = binary.BigEndian
	}
	arch := ""
	switch order.Uint16(b[machineAt:]) {
	case 3:
		arch = "386"
	case 40:
		arch = "arm"
	case 62:
		arch = "amd64"
	case 183:
		arch = "arm64"
	case 243:
		arch = "riscv64"
	case 258:
		arch = "loong64"
	case 22:
		arch = "s390x"
	case 21:
		arch = map[bool]string{true: "ppc64", false: "ppc64le"}[big]
	}
	if b[systemAt] == freeBSD {
		return join("freebsd", arch)
	}
	return join("linux", arch)
}

func machoArch(b []byte) string {
	const machineAt = 4
	if len(b) < machineAt+4 {
		return ""
	}
	switch binary.LittleEndian.Uint32(b[machineAt:]) {
	case 0x01000007:
		return "amd64"
	case 0x0100000c:
		return "arm64"
	}
	return ""
}

func peArch(b []byte) string {
	const headerAt = 0x3c
	if len(b) < headerAt+4 {
		return ""
	}
	at := uint64(binary.LittleEndian.Uint32(b[headerAt:]))
	if at+6 > uint64(len(b)) || !bytes.Equal(b[at:at+4], []byte("PE\x00\x00")) {
		return ""
	}
	switch binary.LittleEndian.Uint16(b[at+4:]) {
	case 0x14c:
		return "386"
	case 0x8664:
		return "amd64"
	case 0xaa64:
		return "arm64"
	}
	return ""
}
