package policy_test

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func TestExecutables(t *testing.T) {
	all := policy.Features{Executables: []string{"/bin/tool", "/bin/other"}}
	for _, tt := range []struct {
		name string
		err  error
		code fault.Code
		says string // the setting to change
	}{
		{"program listed", all.RequireExecutable("f", "/bin/other"), "", ""},
		{"program not listed", all.RequireExecutable("f", "/bin/sh"), fault.Forbidden, "vm_pool.allowed_executables"},
		{"program in another spelling", all.RequireExecutable("f", "/bin/./tool"), fault.Forbidden, "vm_pool.allowed_executables"},
		{"no program", all.RequireExecutable("f", ""), fault.Forbidden, "vm_pool.allowed_executables"},
		{"programs off", policy.Features{FileSystem: true, Network: true}.RequireExecutable("f", "/bin/tool"), fault.Disabled, "vm_pool.enable_process = true"},
	} {
		if fault.CodeOf(tt.err) != tt.code || tt.err != nil && (!strings.Contains(tt.err.Error(), tt.says) || !strings.HasPrefix(tt.err.Error(), "f")) {
			t.Errorf("%s: got %v", tt.name, tt.err)
		}
	}
}
