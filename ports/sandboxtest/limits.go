package sandboxtest

import (
	"time"

	"github.com/arturoeanton/nflow-runtime/domain/policy"
)

func limitRows() []row {
	const timedOut = "limit_exceeded vm_pool.max_execution_seconds at "
	brief := policy.Limits{ScriptTime: 100 * time.Millisecond, Operations: 1 << 40}
	few := policy.Limits{Operations: 1000}
	shallow := policy.Limits{CallDepth: 200}
	small := policy.Limits{PayloadBytes: 1000}
	const tooMany, made = "limit_exceeded vm_pool.max_operations at ", ": the script made more than 1000 loop turns and calls"
	const tooDeep, nested = "limit_exceeded limits.max_call_depth at ", ": more than 200 nested calls"
	const tooLarge, larger = "limit_exceeded limits.max_payload_bytes", ": the value is larger than 1000 bytes as JSON"
	return []row{
		{name: "time, loop", code: "let i = 0\nfor (;;) i++", limits: brief, want: timedOut + "2:*"},
		{name: "time, try and finally", code: "\ntry { for (;;); } finally { for (;;); }", limits: brief, want: timedOut + "2:*"},
		{name: "time, caught again and again", code: "\nfor (;;) { try { for (;;); } catch (e) {} finally { continue } }", limits: brief, want: timedOut + "2:*"},
		{name: "time, generator", code: "function* g() { try { for (;;) yield 1 } finally { for (;;); } }\nfor (const x of g()) ;", limits: brief, want: timedOut + "*"},
		{name: "time, promises", code: "function f() { return Promise.resolve().then(f) }\nreturn f()", limits: brief, want: "limit_exceeded vm_pool.max_execution_seconds*"},
		{name: "time, while the payload is read", code: "\nreturn {get a() { for (;;); }}", limits: brief, want: timedOut + "2:*"},
		{name: "time, while the error is shown", code: "throw new Proxy(new Error(), {get() { for (;;); }, ownKeys() { for (;;); }, getOwnPropertyDescriptor() { for (;;); }})", limits: brief, want: "*"},
		{name: "time, in a module", code: "require('endless')", limits: brief, want: "limit_exceeded vm_pool.max_execution_seconds*"},
		{name: "time, intervals", code: "setInterval(() => {}, 1)", limits: brief, want: "limit_exceeded vm_pool.max_execution_seconds*"},
		{name: "time, sleeping", code: "\nsleep(60000)", limits: brief, want: timedOut + "2:6: the script ran longer than 100ms"},
		{name: "time, caught", code: "try { sleep(60000) } catch (e) { payload.x = 1 }", limits: brief, want: timedOut + "1:12: the script ran longer than 100ms"},
		{name: "time, waiting for a timer", code: "setTimeout(() => {}, 60000)", limits: brief, want: "limit_exceeded vm_pool.max_execution_seconds*"},
		{name: "time, in a host call", code: "\nhang()", limits: brief, calls: []string{"hang"}, want: timedOut + "2:5: the script ran longer than 100ms"},

		{name: "operations, loop", code: "let i = 0\nfor (;;) i++", limits: few, want: tooMany + "2:1" + made},
		{name: "operations, caught", code: "for (;;) { try { for (;;); } catch (e) {} finally { continue } }", limits: few, want: tooMany + "1:18" + made},
		{name: "operations, calls", code: "function f() {}\nfunction g() { f(); f(); f(); f(); f(); f(); f(); f(); f(); f() }\nfor (let i = 0; i < 1000; i++) g()", limits: few, want: tooMany + "1:1" + made},
		{name: "operations, promises", code: "function f() { return Promise.resolve().then(f) }\nreturn f()", limits: few, want: tooMany + "1:1" + made},
		{name: "operations, in a module", code: "require('endless')", limits: few, want: tooMany + "1:1" + made + " (in module endless)"},
		{name: "operations, callbacks of native code", code: "let n = 0\nfor (let i = 0; i < 100; i++) [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(x => n += x)", limits: few, want: tooMany + "2:67" + made},

		{name: "depth", code: "function f() { f() }\nf()", limits: shallow, want: tooDeep + "1:17" + nested},
		{name: "depth, caught", code: "function f() { try { f() } catch (e) { f() } }\nf()", limits: shallow, want: tooDeep + "1:23" + nested},
		{name: "depth, getter", code: "class A { get x() { return this.x } }\nnew A().x", limits: shallow, want: tooDeep + "1:33" + nested},
		{name: "depth, enough", code: "function f(n) { return n ? f(n - 1) : 0 }\nreturn f(150)", limits: shallow, want: `0`},

		{name: "payload", code: `return "x".repeat(2000)`, limits: small, want: tooLarge + larger},
		{name: "payload, enough", code: `return "x".repeat(900)`, limits: small, want: `"` + letters(900) + `"`},
		{name: "payload, locals", code: `c.Set("a", "x".repeat(2000))`, limits: small, want: tooLarge + larger},
		{name: "payload, answer", code: `c.JSON(200, "x".repeat(2000))`, limits: small, want: tooLarge + " at 1:7" + larger},
		{name: "payload, argument", code: `echo("x".repeat(2000))`, limits: small, want: tooLarge + " at 1:5" + larger},

		{
			name: "log lines", code: "\nfor (let i = 0; ; i++) console.log(i)", limits: policy.Limits{LogLines: 2},
			lines: []string{"info: 0", "info: 1"}, want: "limit_exceeded limits.max_log_lines at 2:35: the script wrote more than 2 lines",
		},
		{
			name: "log lines, caught", code: "for (let i = 0; ; i++) try { console.log(i) } catch (e) {}", limits: policy.Limits{LogLines: 1},
			lines: []string{"info: 0"}, want: "limit_exceeded limits.max_log_lines at 1:41: the script wrote more than 1 lines",
		},
		{
			name: "log bytes", code: "console.log('12345')\nconsole.log('123456')", limits: policy.Limits{LogBytes: 10},
			lines: []string{"info: 12345"}, want: "limit_exceeded limits.max_log_bytes at 2:12: the script wrote more than 10 bytes of console output",
		},
		{
			name: "host calls", code: "\nfor (;;) try { echo(1) } catch (e) {}", limits: policy.Limits{HostCalls: 2},
			calls: []string{"echo 1", "echo 1"}, want: "limit_exceeded limits.max_host_calls at 2:20: the script made more than 2 calls of the runtime's functions",
		},
	}
}
