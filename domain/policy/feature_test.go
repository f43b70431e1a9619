package policy_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestFeatures(t *testing.T) {
	all := policy.Features{FileSystem: true, Network: true, Executables: []string{"/bin/tool", "/bin/other"}}
	for _, tt := range []struct {
		name string
		err  error
		code fault.Code
		says string // the setting to change
	}{
		{"network on", all.RequireNetwork("f"), "", ""},
		{"network off", policy.Features{}.RequireNetwork("f"), fault.Disabled, "vm_pool.enable_network = true"},
		{"files on", all.RequireFileSystem("f"), "", ""},
		{"files off", policy.Features{}.RequireFileSystem("f"), fault.Disabled, "vm_pool.enable_filesystem = true"},
		{"program listed", all.RequireExecutable("f", "/bin/other"), "", ""},
		{"program not listed", all.RequireExecutable("f", "/bin/sh"), fault.Forbidden, "vm_pool.allowed_executables"},
		{"program in another spelling", all.RequireExecutable("f", "/bin/./tool"), fault.Forbidden, "vm_pool.allowed_executables"},
		{"no program", all.RequireExecutable("f", ""), fault.Forbidden, "vm_pool.allowed_executables"},
		{"programs off", policy.Features{}.RequireExecutable("f", "/bin/tool"), fault.Disabled, "vm_pool.enable_process = true"},
	} {
		if fault.CodeOf(tt.err) != tt.code || tt.err != nil && (!strings.Contains(tt.err.Error(), tt.says) || !strings.HasPrefix(tt.err.Error(), "f")) {
			t.Errorf("%s: got %v", tt.name, tt.err)
		}
	}
}
