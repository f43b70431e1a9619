package wire

import (
	"os"
	"time"

	"github.com/arturoeanton/nflow-runtime/app"
	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

// Limits is what the configuration lets one run use.
func Limits(cfg config.Config) policy.Limits {
	return policy.Limits{
		Steps:         cfg.Limits.MaxSteps,
		ScriptTime:    cfg.VMPool.MaxExecution,
		RunTime:       cfg.Limits.MaxRun,
		CallDepth:     cfg.Limits.MaxCallDepth,
		PayloadBytes:  cfg.Limits.MaxPayloadBytes,
		ResponseBytes: cfg.Limits.MaxResponseBytes,
		Rows:          cfg.Limits.MaxRows,
		LogLines:      cfg.Limits.MaxLogLines,
		LogBytes:      cfg.Limits.MaxLogBytes,
		HostCalls:     cfg.Limits.MaxHostCalls,
		Operations:    cfg.VMPool.MaxOperations,
		MemoryBytes:   int64(cfg.VMPool.MaxMemoryMB) << 20,
	}
}

func appConfig(cfg config.Config, version string) app.Config {
	c := app.Config{
		Version:        version,
		Limits:         Limits(cfg),
		Features:       features(cfg.VMPool),
		Analysis:       analysis(cfg.Security),
		AnalysisTTL:    analysisTTL(cfg.Security),
		Env:            cfg.Env,
		URLBase:        cfg.Server.URLBase,
		MaxScripts:     cfg.VMPool.MaxSize,
		Rates:          rates(cfg.RateLimit),
		Tracking:       tracking(cfg.Tracker),
		Retention:      Retention(cfg),
		SessionIdle:    cfg.Auth.SessionIdle,
		SessionMaxAge:  cfg.Auth.SessionMaxAge,
		SessionBytes:   cfg.Auth.SessionMaxBytes,
		PluginRefresh:  cfg.PluginHost.RefreshInterval,
		FollowInterval: cfg.Store.PollInterval,
		Twilio: app.Twilio{
			Account: cfg.Twilio.AccountSID, Token: cfg.Twilio.AuthToken.Reveal(),
			Service: cfg.Twilio.VerifyServiceID, URL: cfg.Twilio.URL,
		},
		Reserved: []string{"/api/workflow", "/api/admin", "/api/plugin", "/debug"},
	}
	if cfg.Monitor.Enabled {
		c.Reserved = append(c.Reserved, cfg.Monitor.HealthCheckPath, cfg.Monitor.MetricsPath)
	}
	if token := cfg.Auth.AdminToken.Reveal(); token != "" {
		c.AdminTokenHash = app.HashToken(token)
	}
	return c
}

func analysis(c config.Security) policy.Analysis {
	return policy.Analysis{Enabled: c.EnableStaticAnalysis, BlockHigh: c.BlockOnHighSeverity, Log: c.LogSecurityWarnings}
}

func analysisTTL(c config.Security) time.Duration {
	if !c.CacheAnalysisResults {
		return 0
	}
	return c.CacheTTL
}

func features(c config.VMPool) policy.Features {
	f := policy.Features{FileSystem: c.EnableFilesystem, Network: c.EnableNetwork}
	if c.EnableProcess {
		f.Executables = c.AllowedExecutables
	}
	return f
}

// Retention is what the configuration wants to be kept.
func Retention(cfg config.Config) app.Retention {
	return app.Retention{
		RunsKeep: cfg.Runs.Keep, RunsMaxAge: cfg.Runs.MaxAge,
		TrackerKeep: cfg.Tracker.Keep, TrackerMaxAge: cfg.Tracker.MaxAge,
	}
}

func rates(c config.RateLimit) app.Rates {
	r := app.Rates{
		Token:   policy.Rate{Requests: c.TokenRateLimit, Window: c.IPWindow},
		Message: c.ErrorMessage,
		Closed:  c.OnBackendError == "closed",
		Sweep:   c.CleanupInterval,
	}
	if c.Enabled {
		r.Throttle = policy.Throttle{
			Rate:         policy.Rate{Requests: c.IPRateLimit, Window: c.IPWindow, Burst: c.IPBurstSize},
			ExcludedNets: networks(c.ExcludedIPs), ExcludedPaths: c.ExcludedPaths,
		}
	}
	return r
}

func tracking(c config.Tracker) app.Tracking {
	hostname, err := os.Hostname()
	if err != nil {
		hostname = "" // a column of the rows, no more
	}
	return app.Tracking{
		Enabled: c.Enabled, Workers: c.Workers, BatchSize: c.BatchSize, FlushInterval: c.FlushInterval, Buffer: c.ChannelBuffer,
		Verbose: c.VerboseLogging, Payload: c.Payload, MaxPayload: c.MaxPayloadBytes, Hostname: hostname,
	}
}
