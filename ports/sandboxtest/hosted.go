package sandboxtest

func hostRows() []row {
	return []row{
		{name: "call", code: `return echo({x: [1, "añ"]})`, want: `{"x":[1,"añ"]}`, calls: []string{`echo {"x":[1,"añ"]}`}},
		{name: "arguments", code: `echo("a", undefined, null, 1.5, undefined); return 1`, want: `1`, calls: []string{`echo "a" null null 1.5`}},
		{name: "no arguments", code: `return {none: echo() === undefined}`, want: `{"none":true}`, calls: []string{"echo"}},
		{name: "many calls", code: `let s = 0; for (let i = 0; i < 3; i++) s += echo(i); return s`, want: `3`, calls: []string{"echo 0", "echo 1", "echo 2"}},
		{name: "a megabyte each way", code: `return echo("x".repeat(1 << 20)).length`, want: `1048576`, calls: []string{`echo "` + letters(1<<20) + `"`}},
		{name: "from a timer", code: `return new Promise(ok => setTimeout(() => ok(echo(5)), 1))`, want: `5`, calls: []string{"echo 5"}},
		{
			name: "a fault is an error that can be caught", calls: []string{"fail"},
			code: `try { fail() } catch (e) { return [e instanceof Error, e.name, e.code, e.message] }`,
			want: `[true,"NflowError","upstream_failed","the server said no"]`,
		},
		{name: "a fault that is not caught", code: "let a = 1\n  fail()", calls: []string{"fail"}, want: "upstream_failed at 2:7: the server said no"},
		{name: "a fault after another was caught", code: "try { fail() } catch (e) {}\nfail()", calls: []string{"fail", "fail"}, want: "upstream_failed at 2:5: the server said no"},
		{name: "a fault thrown again", code: "try { fail() } catch (e) { throw e }", calls: []string{"fail"}, want: "upstream_failed at 1:11: the server said no"},
		{name: "globals", code: `return [profile.name, profile.roles.length, typeof nothing]`, want: `["Ana",2,"undefined"]`},
		{
			name: "request", want: `["POST","7","3","one","https","192.0.2.7"]`,
			code: `return [c.Request().Method, c.Param("id"), c.QueryParam("page"), c.Request().Header.Get("x-tag"), c.Scheme(), c.RealIP()]`,
		},
		{name: "module", code: `return require("double")(21)`, want: `42`},
		{name: "module in TypeScript", code: `return require("typed").twice(4)`, want: `8`},
		{name: "module once in a run", code: `require("counter").next(); return require("counter").next()`, want: `2`},
		{name: "modules in a ring", code: `return require("ring-a")`, want: `{"a":1,"b":2}`},
		{name: "module that is not there", code: `try { require("none") } catch (e) { return [e.code, e.message] }`, want: `["not_found","there is no module \"none\""]`},
		{name: "module of Node", code: `try { require("child_process") } catch (e) { return e.code }`, want: `"feature_disabled"`},
		{
			name: "console", want: `1`, code: `console.log("a", 1, {b: [2]}); console.warn("w"); console.error("e\nf"); console.debug("%s-%d", "x", 3); return 1`,
			lines: []string{"info: a 1 { b: [ 2 ] }", "warn: w", "error: e\nf", "debug: x-3"},
		},
		{name: "console before a fault", code: `console.log("seen"); throw new Error("x")`, want: "script_failed at 1:28: Error: x", lines: []string{"info: seen"}},
	}
}

func answerRows() []row {
	return []row{
		{name: "JSON", code: `c.JSON(201, {a: [1, "ñ"]})`, want: `{"a":1}`, reply: "201 [Content-Type: application/json] {\"a\":[1,\"ñ\"]}"},
		{name: "HTML", code: `c.HTML(200, "<b>ñ</b>")`, want: `{"a":1}`, reply: "200 [Content-Type: text/html; charset=UTF-8] <b>ñ</b>"},
		{name: "text", code: `c.String(404, "no")`, want: `{"a":1}`, reply: "404 [Content-Type: text/plain; charset=UTF-8] no"},
		{name: "nothing", code: `c.NoContent(204)`, want: `{"a":1}`, reply: "204 "},
		{name: "redirect", code: `c.Redirect(302, "/x")`, want: `{"a":1}`, reply: "302 [Location: /x] "},
		{name: "header", code: `c.SetHeader("X-A", "1"); return 1`, want: `1`, reply: " +[X-A: 1]"},
	}
}
