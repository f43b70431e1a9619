package app

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/arturoeanton/nflow-runtime/app/plugins"
	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/policy"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Deps are the ports a runtime needs; all are required.
type Deps struct {
	Types   node.Registry
	Formats []ports.DocumentFormat // besides the flat one

	Workflows  ports.WorkflowReader
	Publishing ports.WorkflowWriter
	Changes    ports.WorkflowChanges
	Announcer  ports.Announcer // nil = nobody else is to be told
	// Heard listen for other instances: each gives a channel that delivers when one
	// may have published, or nil.
	Heard     []func() <-chan struct{}
	Library   ports.Library
	Users     ports.UserStore
	Tokens    ports.TokenStore
	Settings  ports.Settings
	Sessions  ports.SessionStore
	Runs      ports.RunStore
	Tracker   ports.TrackerStore
	Limiter   ports.RateLimiter
	Database  ports.Pinger
	Compactor ports.Compactor // nil = none
	Redis     ports.Pinger    // nil = there is none
	Cache     ports.Cache     // of modules and templates, for all instances; nil = none
	Hashes    ports.Hashes    // of scripts; nil = there are none

	Engine    ports.ScriptEngine
	Engines   map[string]ports.ScriptEngine // instead of Engine, by workflow; may be nil
	Processes ports.Processes               // nil while scripts may start none
	HTTP      ports.HTTPClient
	Databases ports.Databases
	Mailer    ports.Mailer
	Renderer  ports.Renderer
	Files     ports.Files
	Passwords ports.Passwords

	PluginManager *plugins.Manager // nil = no plugins

	Clock    ports.Clock
	Ticker   ports.Ticker
	IDs      ports.Identifiers
	Observer ports.Observer
	Log      *slog.Logger

	// Sandbox gives further lines of Health, such as how child processes are
	// confined, and why no script can run, if so; only that makes it unhealthy. It
	// may be nil.
	Sandbox func() (lines map[string]string, broken error)
	// Sweep forgets what the limiter need not remember; nil = it does so by itself.
	Sweep func()
}

// Config is what the operator decides.
type Config struct {
	Version        string
	Limits         policy.Limits
	Features       policy.Features
	Analysis       policy.Analysis
	AnalysisTTL    time.Duration     // how long its verdicts are kept; 0 = analyse before every run
	Env            map[string]string // what scripts may read as env
	URLBase        string            // what scripts see as url_base
	MaxScripts     int               // scripts that run at once
	Rates          Rates
	Tracking       Tracking
	Retention      Retention
	SessionIdle    time.Duration // a session unused for so long ends
	SessionMaxAge  time.Duration // and so does one this old
	SessionBytes   int           // size of one session; 0 = any
	Twilio         Twilio        // one-time codes; zero = none
	AdminTokenHash string        // hex SHA-256; empty = the stored one
	Reserved       []string      // path prefixes workflows cannot declare
	PluginRefresh  time.Duration // how often installed plugins are looked at
	FollowInterval time.Duration // how often to look for what others published; 0 = never
}

// Runtime serves published workflows. Make one with New, then Start it.
type Runtime struct {
	Deps

	cfg       Config
	functions map[string]hostCall // what scripts may call
	catalog   atomic.Pointer[snapshot]
	library   *cachedLibrary
	verdicts  *verdicts
	recorder  *recorder
	tracker   *tracker    // nil when nothing is tracked
	counted   atomic.Bool // whether the number of run records was looked at
	loops     *loops
	runs      *liveRuns
	places    *admission    // for running scripts
	writes    chan struct{} // one publisher at a time
	revision  int64         // of the store that catalog shows; under writes
	behind    bool          // whether the last look at the store failed; under writes
	ready     atomic.Bool
	uncounted atomic.Bool // whether the limiter was away when it was last asked
	started   time.Time
	admin     atomic.Pointer[string] // hash of the admin token
	tooLong   *fault.Fault           // of a run that took all its time

	behindPlugins atomic.Bool // workflows are to be compiled anew for what plugins offer now
}

var (
	_ ports.Endpoints     = (*Runtime)(nil)
	_ ports.Executor      = (*Runtime)(nil)
	_ ports.Publisher     = (*Runtime)(nil)
	_ ports.Catalog       = (*Runtime)(nil)
	_ ports.RunLog        = (*Runtime)(nil)
	_ ports.Authenticator = (*Runtime)(nil)
	_ ports.Health        = (*Runtime)(nil)
	_ ports.Plugins       = (*Runtime)(nil)
	_ ports.Doorkeeper    = (*Runtime)(nil)
)

// New returns a runtime that serves nothing yet.
func New(d Deps, cfg Config) *Runtime {
	if d.PluginManager == nil {
		d.PluginManager = plugins.None()
	}
	r := &Runtime{
		Deps:      d,
		cfg:       cfg,
		functions: allFunctions(),
		tooLong: fault.New(fault.LimitExceeded, "the run took longer than %s", cfg.Limits.RunTime).
			OverLimit("limits.max_run_seconds"),
		runs:    newLiveRuns(),
		loops:   newLoops(),
		places:  newAdmission(cfg.MaxScripts),
		writes:  make(chan struct{}, 1),
		started: d.Clock.Now(),
	}
	r.library = newCachedLibrary(d.Library, d.Clock)
	r.verdicts = newVerdicts(d.Clock, cfg.AnalysisTTL)
	r.recorder = newRecorder(d.Runs, d.Observer, d.Log, cfg.Retention.RunsKeep)
	r.tracker = newTracker(cfg.Tracking, d)
	r.catalog.Store(newSnapshot(nil))
	return r
}

// Start loads what is published and begins to serve it.
func (r *Runtime) Start(ctx context.Context) error {
	if r.Cache != nil {
		key, err := r.Settings.PutSettingIfAbsent(ctx, cacheSetting, r.IDs.Secret())
		if err != nil {
			return err
		}
		r.library.share(newSealedCache(r.Cache, r.Clock, key))
	}
	if err := r.PluginManager.Start(ctx); err != nil {
		return err
	}
	if err := r.Reload(ctx); err != nil {
		return err
	}
	if r.cfg.PluginRefresh > 0 {
		r.loops.every(r.Ticker, r.cfg.PluginRefresh, r.refreshPlugins)
	}
	if r.cfg.FollowInterval > 0 {
		r.loops.every(r.Ticker, r.cfg.FollowInterval, r.follow)
	}
	for _, listen := range r.Heard {
		if heard := listen(); heard != nil {
			r.loops.when(heard, r.follow)
		}
	}
	if r.tracker != nil {
		r.tracker.start(r.Ticker)
		r.loops.every(r.Ticker, dropReport, r.tracker.report)
	}
	if r.Sweep != nil && r.cfg.Rates.Sweep > 0 {
		r.loops.every(r.Ticker, r.cfg.Rates.Sweep, func(context.Context) { r.Sweep() })
	}
	r.loops.every(r.Ticker, recordInterval, r.recorder.flushInBackground)
	r.loops.every(r.Ticker, pruneInterval, r.prune)
	r.ready.Store(true)
	return nil
}

// Close stops taking runs, lets those under way finish until ctx ends, cancels
// the rest, and stores what is still to be stored.
func (r *Runtime) Close(ctx context.Context) error {
	r.ready.Store(false)
	if stuck := r.runs.close(ctx); stuck > 0 {
		r.Log.Error("runs did not notice that they were cancelled, and are left behind", "count", stuck)
	}
	r.loops.close()
	r.PluginManager.Close()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), chorePatience)
	defer cancel()
	var writing sync.WaitGroup
	if r.tracker != nil {
		writing.Go(func() { r.tracker.close(ctx) })
	}
	r.recorder.close(ctx)
	writing.Wait()
	return nil
}
