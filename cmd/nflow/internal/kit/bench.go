package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/plugin"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// bench is where a plugin is tried.
type bench struct {
	Subject

	manifest plugin.Manifest
	plugin   ports.Plugin // open, unless the last opening failed
	host     *giving
	current  string // name of the case
	slips    []slip // errors that show what they should not
	proof    *call  // an example that worked, to ask whether the plugin is well
}

// call is a call with the answer that shows that all is well.
type call struct {
	ports.PluginCall

	want payload.Value // zero = anything
	next string
}

func newBench(s Subject) *bench {
	s.Spec.Artifact, s.Spec.SHA256 = s.File.Artifact, plugin.Digest(s.File.Artifact)
	if s.Settings.IsZero() {
		s.Settings = payload.EmptyObject()
	}
	return &bench{Subject: s, host: &giving{values: map[string]payload.Value{}}}
}

// open starts the plugin anew and configures it.
func (b *bench) open(ctx context.Context) error {
	b.abandon(ctx)
	spec := b.Spec
	spec.Name = b.manifest.Name
	p, err := b.Loader.Open(ctx, spec)
	if err != nil {
		return err
	}
	b.plugin = p
	return nil
}

// abandon closes the plugin, come what may.
func (b *bench) abandon(ctx context.Context) {
	if b.plugin == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_ = b.plugin.Close(ctx) // a case of its own judges this
	b.plugin = nil
}

// ready makes sure that a plugin is there that works, or says why none is.
func (b *bench) ready(ctx context.Context) error {
	if b.plugin != nil && b.plugin.State().Status == "ok" {
		return nil
	}
	if b.plugin != nil && b.plugin.State().Status == "restarting" {
		return nil
	}
	if err := b.open(ctx); err != nil {
		return err
	}
	_, err := b.plugin.Call(ctx, ports.PluginCall{Op: ports.PluginConfigure, Payload: b.Settings}, b.host)
	if _, own := reported(err); own {
		return nil // a case of its own judges this
	}
	return err
}

// call makes a call and looks at the error that comes.
func (b *bench) call(ctx context.Context, c ports.PluginCall, host ports.PluginHost) (ports.PluginResult, error) {
	if err := b.ready(ctx); err != nil {
		return ports.PluginResult{}, fmt.Errorf("the plugin could not be started again: %w", err)
	}
	r, err := b.plugin.Call(ctx, c, host)
	b.judge(err)
	return r, err
}

// patience is how long a plugin may be unavailable after it was killed.
const patience = 15 * time.Second

// healthy makes the call that worked before. A plugin that is starting again
// gets some time.
func (b *bench) healthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := b.prove(ctx)
		if err == nil {
			return nil
		}
		_, own := reported(err)
		if fault.CodeOf(err) != fault.Unavailable || own {
			return fmt.Errorf("afterwards it does not answer as before: %w", err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("afterwards it does not come back: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// prove makes the proof, or asks the plugin to describe itself; whether it does
// that well is a case of its own.
func (b *bench) prove(ctx context.Context) error {
	if b.proof != nil {
		return b.make(ctx, *b.proof)
	}
	_, err := b.call(ctx, ports.PluginCall{Op: ports.PluginDescribe}, b.host)
	return survived(err)
}

// make makes a call and compares what comes with what should.
func (b *bench) make(ctx context.Context, c call) error {
	r, err := b.call(ctx, c.PluginCall, b.host)
	if err != nil {
		return err
	}
	return c.compare(r)
}

func (c call) compare(r ports.PluginResult) error {
	if c.next != "" && r.Next != c.next {
		return fmt.Errorf("it chose the output %q instead of %q", r.Next, c.next)
	}
	if c.want.IsZero() {
		return nil
	}
	if r.Body != nil {
		return fmt.Errorf("it answered with %d bytes instead of %s", len(r.Body), brief(c.want))
	}
	got := r.Payload
	if r.Emitted != nil {
		list := make([]map[string]any, len(r.Emitted))
		for i, e := range r.Emitted {
			list[i] = map[string]any{"payload": e.Payload}
			if e.Next != "" {
				list[i]["next"] = e.Next
			}
		}
		var err error
		if got, err = payload.From(list); err != nil {
			return err
		}
	}
	if !same(got, c.want) {
		return fmt.Errorf("it gave %s instead of %s", brief(got), brief(c.want))
	}
	return nil
}

func same(a, b payload.Value) bool {
	var x, y any
	return json.Unmarshal(a.Bytes(), &x) == nil && json.Unmarshal(b.Bytes(), &y) == nil && reflect.DeepEqual(x, y)
}

func brief(v payload.Value) string {
	const most = 300
	if b := v.Bytes(); len(b) > most {
		return string(b[:most]) + "..."
	}
	return string(v.Bytes())
}

// survived is nil when a call was answered, with a result or with an error that
// the plugin itself gave.
func survived(err error) error {
	if err == nil {
		return nil
	}
	if _, own := reported(err); own {
		return nil
	}
	if f := fault.As(err); f.Code == fault.TooLarge || f.Limit == "plugins.max_payload" {
		return nil // refused before the plugin saw it
	}
	return fmt.Errorf("it gave no answer: %w", err)
}

// blamed is survived, and not by an error of the code internal.
func blamed(err error) error {
	if e, own := reported(err); own && e.Code == "internal" {
		return fmt.Errorf("it answered internal: %s", e.Message)
	}
	return survived(err)
}

// expect is nil when the plugin gave an error of a code.
func expect(err error, code string) error {
	if err == nil {
		return errors.New("it answered with a result")
	}
	e, own := reported(err)
	if !own {
		return survived(err)
	}
	if e.Code != code {
		return fmt.Errorf("it answered %s: %s", e.Code, e.Message)
	}
	return nil
}
