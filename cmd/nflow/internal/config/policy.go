package config

import (
	"net/netip"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// RunLimits are the limits of one run.
func (c Config) RunLimits() policy.Limits {
	return policy.Limits{
		Steps:         c.Limits.MaxSteps,
		ScriptTime:    c.VMPool.MaxExecution,
		RunTime:       c.Limits.MaxRun,
		CallDepth:     c.Limits.MaxCallDepth,
		PayloadBytes:  c.Limits.MaxPayloadBytes,
		ResponseBytes: c.Limits.MaxResponseBytes,
		Rows:          c.Limits.MaxRows,
		LogLines:      c.Limits.MaxLogLines,
	}
}

// Features are the switches of what scripts may touch.
func (c Config) Features() policy.Features {
	return policy.Features{FileSystem: c.VMPool.EnableFilesystem, Network: c.VMPool.EnableNetwork}
}

// EgressPolicy says which hosts may be called. The error is always nil for a
// Config that Load accepted.
func (c Config) EgressPolicy() (policy.Egress, error) {
	return policy.NewEgress(c.Egress.Allow, c.Egress.Deny, c.Egress.AllowPrivate)
}

// Proxies are the trusted proxies; a lone address is a range of one.
func (s Server) Proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range s.TrustedProxies {
		if prefix, err := netip.ParsePrefix(text); err == nil {
			out = append(out, prefix.Masked())
		} else if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
		}
	}
	return out
}
