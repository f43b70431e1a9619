package process

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// supervise starts a process again after each end, until the plugin is closed or
// given up.
func (t *transport) supervise(g *generation) {
	defer close(t.over)
	history := record{cfg: t.launch.cfg}
	for {
		<-g.dead
		problem, _ := g.why()
		if !t.down(problem, time.Now()) {
			<-g.gone
			return
		}
		<-g.gone
		lived := time.Since(g.since)
		for ended := g; ; ended, lived = nil, 0 {
			wait, again := t.launch.cfg.Backoff, true
			if ended == nil || !ended.stopped() { // endless calls come one at a time, and are no fault of its start
				wait, again = history.add(time.Now(), lived)
			}
			if !again {
				t.giveUp(problem)
				return
			}
			t.launch.log.Warn("a plugin ended and is started again", "problem", problem, "wait", wait)
			if !t.down(problem, time.Now().Add(wait)) || !t.pause(wait) {
				return
			}
			next, err := t.again()
			if err != nil {
				problem = fault.As(err).Message
				continue
			}
			if !t.up(next) {
				return
			}
			g = next
			break
		}
	}
}

// again starts a process and configures it like the one before.
func (t *transport) again() (*generation, error) {
	g, err := t.launch.start(t.stop)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	settings := t.settings
	t.mu.Unlock()
	if settings == nil {
		return g, nil
	}
	ctx, cancel := context.WithTimeout(t.stop, t.launch.cfg.StartTime)
	defer cancel()
	if !g.begin() {
		reason, _ := g.why()
		<-g.gone
		return nil, fault.New(fault.Unavailable, "%s", reason)
	}
	answer, err := g.call(ctx, wire.Configure, *settings, nil, func() {})
	if err == nil && failed(answer) {
		err = fault.New(fault.PluginFailed, "it refused the settings it took before: %s", shorten(string(answer.Header), saidBytes))
	}
	if err != nil {
		if reason, _ := g.why(); reason != "" {
			err = fault.Wrap(err, fault.Unavailable, "%s", reason)
		}
		g.close(t.stop)
		return nil, err
	}
	return g, nil
}

// failed says that an answer reports an error, or cannot be read.
func failed(answer wire.Frame) bool {
	var header wire.Response
	return json.Unmarshal(answer.Header, &header) != nil || header.Error != nil
}

// set changes the status; mu is held.
func (t *transport) set(s health, g *generation, problem string) {
	t.status, t.now, t.problem = s, g, problem
	close(t.changed)
	t.changed = make(chan struct{})
}

// down says that there is no process until due, unless the plugin is closed.
func (t *transport) down(problem string, due time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status == isClosed {
		return false
	}
	t.due = due
	t.set(restarting, nil, problem)
	return true
}

// up puts a new process to work, or ends it when the plugin was closed meanwhile.
func (t *transport) up(g *generation) bool {
	t.mu.Lock()
	if t.status == isClosed {
		t.mu.Unlock()
		g.close(t.stop)
		return false
	}
	t.restarts++
	t.set(ok, g, "")
	t.mu.Unlock()
	return true
}

// giveUp puts the plugin into quarantine.
func (t *transport) giveUp(problem string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.status == isClosed {
		return
	}
	text := fmt.Sprintf("it ended %d times within %s and is not started any more, until nflow plugin reload %s; the last time: %s",
		t.launch.cfg.MaxFaults, t.launch.cfg.FaultWindow, t.launch.name, problem)
	t.set(quarantined, nil, text)
	t.launch.log.Error("a plugin ended too often and is not started any more", "problem", problem)
}

// pause waits, unless the plugin is closed meanwhile.
func (t *transport) pause(wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.stop.Done():
		return false
	}
}
