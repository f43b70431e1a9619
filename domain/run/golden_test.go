package run_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/domain/run"
)

var update = flag.Bool("update", false, "write the golden transcripts anew")

const (
	startData = `{"type":"httpstart","path":"/shop/:id"}`
	forkData  = `{"type":"fork"}`
	reply201  = `{"type":"response","status":201,"body":{"n":"{{payload.n ?? 0}}"}}`
)

// scenarios are told as events; what the machine answers is in testdata.
func scenarios() map[string]func(tr *transcript) {
	scriptFailed := fault.New(fault.ScriptFailed, "TypeError: x").AtField("data.script").AtLine(3, 7)
	upstream := fault.New(fault.Upstream, "the server answered status 503")
	upstream.Status = 503
	return map[string]func(tr *transcript){
		"linear": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>b"), js("b", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.returned(1, "output_1", `{"x":2}`)
			tr.returned(1, "", `{"n":3}`)
		},
		"without response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", ""))
			tr.began("start", `{}`)
			tr.returned(1, "output_1", `"just a text"`)
		},
		"nothing but a start": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, ""})
			tr.began("start", `{"x":1}`)
		},
		"chosen output": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "yes>b no>end"), js("b", "yes>end"), box{"end", reply201, ""})
			tr.began("start", `{}`)
			tr.returned(1, "yes", `{}`)
			tr.returned(1, "unheard of", `{"the":"end"}`)
		},
		"break stops": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>end break>end"), box{"end", reply201, ""})
			tr.began("start", `{}`)
			tr.script(1, node.ScriptResult{Next: "break", Payload: value(tr.t, `{}`), Reply: &node.Reply{Status: 403, Body: []byte("no")}})
		},
		"error output": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>end error>sorry"), js("sorry", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.failed(1, scriptFailed)
			tr.failed(1, upstream.AtNode("elsewhere"))
		},
		"error output of a plan": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>call"}, box{"call", `{"type":"http","url":"http://x/{{payload.gone}}"}`, "error>sorry"}, js("sorry", ""))
			tr.began("start", `{"x":1}`)
			tr.failed(1, fault.New(fault.LimitExceeded, "too slow").OverLimit("vm_pool.max_execution_seconds"))
		},
		"error without output": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.failed(1, scriptFailed)
			tr.returned(1, "output_1", `{}`)
		},
		"invalid inside a node is no invalid request": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>end"}, box{"end", `{"type":"response","body":"{{payload.gone}}"}`, ""})
			tr.began("start", `{}`)
		},
		"plugin fires several times": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>p"}, box{"p", `{"type":"plugin","plugin":"tables","node":"rows"}`, "output_1>a other>b error>a"},
				js("a", "output_1>end"), js("b", ""), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.emitted(1, node.Emission{Payload: value(tr.t, `1`)}, node.Emission{Payload: value(tr.t, `2`), Next: "other"},
				node.Emission{Payload: value(tr.t, `3`), Next: "nowhere"}, node.Emission{Payload: value(tr.t, `4`)})
			tr.returned(1, "output_1", `{"n":1}`)
		},
		"plugin fires never": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>p"}, box{"p", `{"type":"plugin","plugin":"tables"}`, "output_1>end"}, box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.emitted(1)
		},
		"plugin fires nowhere": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>p"}, box{"p", `{"type":"plugin","plugin":"tables"}`, ""})
			tr.began("start", `{"x":1}`)
			tr.emitted(1, node.Emission{Payload: value(tr.t, `1`)}, node.Emission{Payload: value(tr.t, `2`)})
		},
		"plugin fires more than the run may visit": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>p"}, box{"p", `{"type":"plugin","plugin":"tables"}`, "output_1>end"}, box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.emitted(1, make([]node.Emission, 20)...)
		},
		"callback goes on and fires": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>p"}, box{"p", `{"type":"dromedary_callback","dromedary_name":"tables"}`, "output_1>end output_2>b"},
				js("b", ""), box{"end", reply201, ""})
			tr.began("start", `{"n":1}`)
			tr.emitted(1, node.Emission{Payload: value(tr.t, `"one"`)}, node.Emission{Payload: value(tr.t, `"two"`)})
		},
		"fork outlives the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>front output_2>side output_3>side2"},
				js("front", "output_1>end"), js("side", "output_1>more"), js("side2", ""), js("more", ""), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.returned(2, "output_1", `{"side":1}`)
			tr.returned(1, "output_1", `{"n":1}`)
			tr.returned(3, "output_1", `{"side2":1}`)
			tr.returned(2, "output_1", `{"side":2}`)
		},
		"branch fails after the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>end output_2>side"}, js("side", ""), box{"end", reply201, ""})
			tr.began("start", `{}`)
			tr.failed(2, scriptFailed)
		},
		"branch fails before the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>front output_2>side"}, js("side", ""), js("front", ""))
			tr.began("start", `{}`)
			tr.failed(2, scriptFailed)
			tr.returned(1, "output_1", `{"still":"answered"}`)
		},
		"front fails, branch goes on": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>front output_2>side"}, js("side", ""), js("front", ""))
			tr.began("start", `{}`)
			tr.failed(1, scriptFailed)
			tr.failed(2, upstream)
		},
		"branch may not answer": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>front output_2>end"}, js("front", ""), box{"end", reply201, ""})
			tr.began("start", `{}`)
			tr.returned(1, "output_1", `{"front":1}`)
		},
		"several connections": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a output_1>b output_1>end"}, js("a", ""), js("b", ""), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.returned(1, "output_1", `{"x":1,"a":1}`)
			tr.returned(2, "output_1", `{"x":1,"b":1}`)
		},
		"park": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>form"}, js("form", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{"x":1}`)
			tr.script(1, node.ScriptResult{Next: "output_1", Payload: value(tr.t, `{"x":1,"break":true}`), Reply: &node.Reply{Status: 200, Body: []byte("<form>")}})
		},
		"park without an answer": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>form"}, js("form", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{}`)
			tr.returned(1, "output_1", `{"break":"true"}`)
		},
		"resume": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>form"}, js("form", "output_1>end"), js("end", ""))
			tr.feed("resumed at end", run.Resumed{
				Began:     run.Began{Node: tr.at("end"), Payload: value(tr.t, `{"x":1,"y":1,"break":true}`), Vars: value(tr.t, `{"id":"7"}`), MaxSteps: 8},
				Submitted: value(tr.t, `{"y":"2","break":"true","name":"Ada"}`),
			})
			tr.returned(1, "output_1", `{}`)
		},
		"resume with nothing submitted": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>end"}, js("end", ""))
			tr.feed("resumed at end", run.Resumed{Began: run.Began{Node: tr.at("end"), Payload: value(tr.t, `[1]`), MaxSteps: 8}, Submitted: payload.Value{}})
		},
		"more after the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>end"}, box{"end", reply201, "output_1>after"}, js("after", ""))
			tr.began("start", `{"n":1}`)
			tr.returned(1, "output_1", `{}`)
		},
		"failure after the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>end"}, box{"end", reply201, "output_1>after"}, js("after", ""))
			tr.began("start", `{"n":1}`)
			tr.failed(1, scriptFailed)
		},
		"second reply": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>one"}, box{"one", reply201, "output_1>two"}, box{"two", `{"type":"response","status":500}`, "output_1>three"}, js("three", ""))
			tr.began("start", `{}`)
			tr.script(1, node.ScriptResult{Payload: value(tr.t, `{}`), Reply: &node.Reply{Status: 418}})
		},
		"headers are collected until the answer": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>b"), js("b", "output_1>end"), box{"end", `{"type":"response","headers":{"X-End":"1"},"body":""}`, "output_1>c"}, js("c", ""))
			tr.began("start", `{}`)
			tr.script(1, node.ScriptResult{Payload: value(tr.t, `{}`), Header: []node.Header{{Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}}, Locals: value(tr.t, `{"kept":1}`)})
			tr.script(1, node.ScriptResult{Payload: value(tr.t, `{}`), Header: []node.Header{{Name: "X-B", Value: "1"}}})
			tr.script(1, node.ScriptResult{Payload: value(tr.t, `{}`), Header: []node.Header{{Name: "X-Late", Value: "1"}}})
		},
		"headers of a branch are its own": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>a output_2>b"}, js("a", ""), js("b", ""))
			tr.began("start", `{}`)
			tr.script(2, node.ScriptResult{Payload: value(tr.t, `{}`), Header: []node.Header{{Name: "X-Side", Value: "1"}}})
			tr.script(1, node.ScriptResult{Payload: value(tr.t, `{}`), Header: []node.Header{{Name: "X-Front", Value: "1"}}})
		},
		"step limit": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>one"}, box{"one", reply201, "output_1>two"}, box{"two", forkData, "output_1>one"})
			tr.began("start", `{}`)
		},
		"step limit while others wait": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>a output_2>two"}, js("a", ""), box{"two", forkData, "output_1>three"}, box{"three", forkData, "output_1>two"})
			tr.began("start", `{}`)
			tr.returned(1, "output_1", `{}`)
		},
		"payload too large": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", "output_1>end error>b"), js("b", "output_1>end"), box{"end", reply201, ""})
			tr.began("start", `{}`)
			big := value(tr.t, `"`+string(make200())+`"`)
			tr.script(1, node.ScriptResult{Payload: big})
			tr.script(1, node.ScriptResult{Payload: big})
		},
		"stopped while waiting": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>a output_2>b"}, js("a", ""), js("b", ""))
			tr.began("start", `{}`)
			tr.feed("stopped: the client went away", run.Stopped{Fault: fault.New(fault.Cancelled, "the client went away")})
			tr.returned(1, "output_1", `{}`)
			tr.failed(2, scriptFailed)
			tr.feed("stopped again", run.Stopped{Fault: fault.New(fault.Cancelled, "x")})
		},
		"stopped after the response": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>end"}, box{"end", reply201, "output_1>a"}, js("a", ""))
			tr.began("start", `{}`)
			tr.feed("stopped: too long", run.Stopped{Fault: fault.New(fault.LimitExceeded, "the run took longer than 5m").OverLimit("limits.max_run_seconds")})
		},
		"auth jumps": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", `{"type":"starter","urlpattern":"/a","nflow_auth":true}`, "output_1>a"}, js("a", ""), js("other", ""))
			tr.began("start", `{}`)
			tr.returned(1, "other", `{"who":"guest"}`)
			tr.returned(1, "a", `{"a node is no output of a script":1}`)
		},
		"auth sends to the login": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", `{"type":"starter","urlpattern":"/a","nflow_auth":true}`, "output_1>a"}, js("a", ""))
			tr.began("start", `{}`)
			tr.returned(1, "login", `{}`)
			tr.feed("token 1 done", run.Returned{Token: 1, Result: node.Done{}})
		},
		"branch parks": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>a output_2>b"}, js("a", ""), js("b", "output_1>a"))
			tr.began("start", `{}`)
			tr.returned(2, "output_1", `{"break":true}`)
			tr.returned(1, "output_1", `{}`)
		},
		"events that do not fit": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>a"}, js("a", ""))
			tr.returned(1, "", `{}`)
			tr.failed(1, scriptFailed)
			tr.feed("stopped before it began", run.Stopped{Fault: fault.New(fault.Cancelled, "x")})
			tr.feed("began nowhere", run.Began{Node: 7, MaxSteps: 1})
			tr.feed("began before the first", run.Began{Node: -1, MaxSteps: 1})
			tr.feed("nothing", nil)
			tr.began("start", `{}`)
			tr.began("start", `{"twice":1}`)
			tr.returned(2, "", `{}`)
			tr.feed("token 1 returned nothing", run.Returned{Token: 1})
		},
		"events without a fault": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, "output_1>fork"}, box{"fork", forkData, "output_1>a output_2>b"}, js("a", ""), js("b", ""))
			tr.began("start", `{}`)
			tr.feed("token 2 failed", run.Failed{Token: 2})
			tr.feed("stopped", run.Stopped{})
		},
		"no steps allowed": func(tr *transcript) {
			tr.g = graph(tr.t, box{"start", startData, ""})
			tr.feed("began", run.Began{Node: 0})
		},
	}
}

func make200() []byte {
	b := make([]byte, 200)
	for i := range b {
		b[i] = 'x'
	}
	return b
}

func TestTranscripts(t *testing.T) {
	for name, tell := range scenarios() {
		t.Run(name, func(t *testing.T) {
			tr := &transcript{t: t}
			tell(tr)
			file := filepath.Join("testdata", strings.NewReplacer(" ", "-", ",", "").Replace(name)+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(tr.text.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := tr.text.String(); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "*.golden"))
	if err != nil || len(files) != len(scenarios()) {
		t.Errorf("%d transcripts for %d scenarios, %v", len(files), len(scenarios()), err)
	}
}
