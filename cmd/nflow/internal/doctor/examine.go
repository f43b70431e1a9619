package doctor

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/cmd/nflow/internal/config"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Patient is what is examined.
type Patient struct {
	Config config.Config
	File   string // the configuration file, for people
	// Databases, Mailer and Sandbox are the wired ones; EngineFault says why
	// there are none.
	Databases   ports.Databases
	Mailer      ports.Mailer
	Sandbox     func() (lines map[string]string, broken error)
	EngineFault error
	// Full takes the time that a whole check of the database file needs.
	Full bool
}

// patience bounds each check that waits for somebody else.
const patience = 10 * time.Second

// Examine makes every check. Nothing is changed.
func Examine(ctx context.Context, p Patient) Findings {
	var f Findings
	f.ok("configuration", "%s", p.File)
	unhurried := patience
	if p.Full {
		unhurried = fullTime
	}
	examine := func(check func(context.Context, Patient, *Findings), limit time.Duration) {
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		check(limited, p, &f)
	}
	examine(store, patience)
	examine(sqliteFile, unhurried)
	for _, check := range []func(context.Context, Patient, *Findings){
		targets, redis, mailServer, engine, memory, descriptors, disks, clock, files, certificate,
	} {
		examine(check, patience)
	}
	return f
}

// mailServer logs in and out; no mail is sent.
func mailServer(ctx context.Context, p Patient, f *Findings) {
	const check = "mail"
	if !p.Config.Mail.Enabled {
		f.ok(check, "switched off")
		return
	}
	checker, ok := p.Mailer.(interface{ Check(context.Context) error })
	if !ok {
		return // no runtime: the engine's check says why
	}
	if err := checker.Check(ctx); err != nil {
		f.fail(check, "see mail.smtp_host, mail.smtp_port, mail.tls and mail.username", "%s: %s", p.Config.Mail.SMTPHost, err)
		return
	}
	f.ok(check, "%s lets us in", p.Config.Mail.SMTPHost)
}

// engine says how scripts are kept apart.
func engine(_ context.Context, p Patient, f *Findings) {
	const check = "scripts"
	if p.EngineFault != nil {
		f.fail(check, "see vm_pool.isolation and vm_pool.require_hardening", "the runtime cannot be started: %s", p.EngineFault)
		return
	}
	if p.Config.VMPool.Isolation != "process" {
		f.warn(check, `set vm_pool.isolation = "process" unless you trust every script`,
			"they run inside the server, where native code and memory have no limit")
	} else {
		f.ok(check, "they run in child processes")
	}
	if p.Sandbox == nil {
		return
	}
	lines, broken := p.Sandbox()
	if broken != nil {
		f.fail("scripts", "look into the log of the server for what the processes said", "%v", broken)
	}
	for _, name := range sortedKeys(lines) {
		switch line := lines[name]; {
		case line == "ok":
			f.ok("hardening", "%s: ok", name)
		case p.Config.VMPool.Isolation != "process":
		default:
			f.warn("hardening", "give the server a newer kernel or the rights it lacks; vm_pool.require_hardening = true refuses to start without", "%s: %s", name, line)
		}
	}
}
