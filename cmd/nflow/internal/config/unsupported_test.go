package config

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnsupported(t *testing.T) {
	rows := []struct {
		name, toml, environ string
		want                []string
	}{
		{"off values", "[redis]\nhost=''\ndb=3\n[tracker]\nenabled=false\nworkers=8\n[vm_pool]\nmax_memory_mb=0\nisolation='in_process'\n[monitor]\nmetrics_port=''\n[rate_limit]\nenabled=false\nburst_size=3\n[debug]\nenabled=false\nauth_token='x'\n", "", nil},
		{"file", "[security]\n\nencrypt_in_place=true\n[debug]\nenable_pprof=true\n", "", []string{
			"config.toml line 5:1: debug.enable_pprof is not available in this version; remove it",
			"config.toml line 3:1: security.encrypt_in_place is not available in this version; remove it"}},
		{"environment", "", "NFLOW_SECURITY_ENCRYPT_IN_PLACE=1", []string{
			"NFLOW_SECURITY_ENCRYPT_IN_PLACE: security.encrypt_in_place is not available in this version; remove it"}},
		{"patterns", "[security.custom_patterns]\na='b'\n", "", []string{
			"config.toml line 2:1: security.custom_patterns is not available in this version; remove it"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c, err := load(row.toml, row.environ)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, lines(Unsupported(c).Err())); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryUnavailableFeatureIsRefused(t *testing.T) {
	manual, err := os.ReadFile("testdata/manual.toml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := load(string(manual), "NFLOW_DEBUG_ENABLED=true", "NFLOW_DEBUG_ENABLE_PPROF=1",
		"NFLOW_VM_POOL_ISOLATION=process", "NFLOW_VM_POOL_WORKFLOW_ISOLATION_SHOP=process", "NFLOW_VM_POOL_REQUIRE_HARDENING=1")
	var want, got []string
	for _, s := range unavailable() {
		want = append(want, s.path)
	}
	for _, f := range Unsupported(c) {
		for _, path := range want {
			if f.Message == path+" is not available in this version; remove it" {
				got = append(got, path)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}
