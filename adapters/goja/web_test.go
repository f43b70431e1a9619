package goja

import (
	"net/url"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/node"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func testRequest() *ports.Inbound {
	return &ports.Inbound{
		Method: "POST", Path: "/shop/7", RawQuery: "q=1&q=2&r=x%20y", Scheme: "https", Host: "example.org", RealIP: "10.0.0.9",
		Header: map[string][]string{
			"Content-Type": {"application/x-www-form-urlencoded"}, "X-Many": {"a", "b"}, "Cookie": {"sid=abc; theme=dark"}, "User-Agent": {"test/1"},
		},
		Body: []byte("name=eva&q=9"), Form: url.Values{"name": {"eva"}, "q": {"9"}},
		PathVars: []ports.PathVar{{Name: "id", Value: "7"}, {Name: "part", Value: "a"}},
		Files:    []ports.FormFile{{Field: "doc", Name: "a.txt", ContentType: "text/plain", Content: []byte("hola")}},
	}
}

// replyText is an answer on one line.
func replyText(r *node.Reply) string {
	if r == nil {
		return "none"
	}
	var parts []string
	for _, h := range r.Header {
		parts = append(parts, h.Name+": "+h.Value)
	}
	return toJSON(r.Status) + " " + strings.Join(parts, "; ") + " | " + string(r.Body)
}

func TestReplies(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"JSON", `c.JSON(201, {a: [1, "ñ"], b: undefined})`, `201 Content-Type: application/json | {"a":[1,"ñ"]}`},
		{"JSON of undefined", `c.JSON(200)`, `200 Content-Type: application/json | null`},
		{"echo_context is c", `echo_context.JSON(200, echo_context === c)`, `200 Content-Type: application/json | true`},
		{"JSONPretty", `c.JSONPretty(200, {a: 1}, "  ")`, "200 Content-Type: application/json | {\n  \"a\": 1\n}"},
		{"JSONBlob", `c.JSONBlob(200, '{"a":1}')`, `200 Content-Type: application/json | {"a":1}`},
		{"JSONP", `c.JSONP(200, "lib.cb", {a: 1})`, `200 Content-Type: application/javascript; charset=UTF-8 | lib.cb({"a":1})`},
		{"XML", `c.XML(200, "<a/>")`, "200 Content-Type: application/xml; charset=UTF-8 | <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>"},
		{"String", `c.String(200, "x")`, `200 Content-Type: text/plain; charset=UTF-8 | x`},
		{"String of a number", `c.String(200, 5)`, `200 Content-Type: text/plain; charset=UTF-8 | 5`},
		{"HTML", `c.HTML("200", "<b>")`, `200 Content-Type: text/html; charset=UTF-8 | <b>`},
		{"HTMLBlob", `c.HTMLBlob(200, new Uint8Array([60, 62]))`, `200 Content-Type: text/html; charset=UTF-8 | <>`},
		{"Blob of a buffer", `c.Blob(200, "image/x", new Uint8Array([65, 66]).buffer)`, `200 Content-Type: image/x | AB`},
		{"Blob of part of a buffer", `c.Blob(200, "image/x", new Uint8Array([65, 66, 67]).subarray(1))`, `200 Content-Type: image/x | BC`},
		{"Blob of numbers", `c.Blob(200, "image/x", [65, 66])`, `200 Content-Type: image/x | AB`},
		{"Stream", `c.Stream(206, "text/x", "abc")`, `206 Content-Type: text/x | abc`},
		{"Stream of a Buffer", `c.Stream(200, "text/x", Buffer.from("abc"))`, `200 Content-Type: text/x | abc`},
		{"NoContent", `c.NoContent(204)`, `204  | `},
		{"Redirect", `c.Redirect(302, "/a?b=c")`, `302 Location: /a?b=c | `},
		{"File", `c.File("dir/a.html")`, `200 Content-Type: text/html; charset=utf-8 | <html>`},
		{"Attachment", `c.Attachment("dir/a.html", "ñ \"x\".html")`, `200 Content-Type: text/html; charset=utf-8; Content-Disposition: attachment; filename*=utf-8''%C3%B1%20%22x%22.html | <html>`},
		{"Inline", `c.Inline("data")`, `200 Content-Type: text/plain; charset=utf-8; Content-Disposition: inline; filename=data | plain`},
		{"first wins", `c.String(200, "first"); c.String(500, "second")`, `200 Content-Type: text/plain; charset=UTF-8 | first`},
		{"after await", `await null; c.String(200, "later")`, `200 Content-Type: text/plain; charset=UTF-8 | later`},
		{"detached", `const {JSON: j} = c; j(200, 1)`, `200 Content-Type: application/json | 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			host := &fakeHost{request: testRequest(), files: map[string]string{"dir/a.html": "<html>", "data": "plain"}}
			got, err := scriptCall{code: tt.code, host: host}.run(t, testEngine())
			if err != nil {
				t.Fatal(err)
			}
			if text := replyText(got.Reply); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if warned := len(host.lines) == 1; warned != (tt.name == "first wins") {
				t.Errorf("log: %v", host.lines)
			}
		})
	}
}

func TestRepliesRefuse(t *testing.T) {
	for code, want := range map[string]string{
		`c.JSON(99, 1)`: "RangeError", `c.JSON(600, 1)`: "RangeError", `c.JSON("x", 1)`: "RangeError", `c.JSON(200.5, 1)`: "RangeError", `c.NoContent()`: "RangeError",
		`c.Redirect(200, "/")`: "RangeError", `c.Redirect(309, "/")`: "RangeError", `c.Redirect(302, "/\r\nX: y")`: "TypeError",
		`c.Blob(200, "a\nb", "")`: "TypeError", `c.Blob(200, "a/b", new Array(4294967295))`: "NflowError", `url_values_to_map({a: new Array(4294967295)})`: "RangeError", `c.JSONP(200, "alert(1)//", 1)`: "TypeError", `c.XML(200, {a: 1})`: "TypeError",
		`c.SetHeader("X", "a\r\nB: c")`: "TypeError", `c.SetHeader("X Y", "a")`: "TypeError", `c.SetHeader("", "a")`: "TypeError",
		`c.SetCookie({Name: "a\r\n", Value: "b"})`: "TypeError", `c.SetCookie({Name: "a", Value: "b", Path: "/;x\n"})`: "TypeError", `c.SetCookie("a=b")`: "TypeError",
		`c.SetCookie({Name: "a", Value: "b\r\nSet-Cookie: c=d"})`: "TypeError",
		`const a = {}; a.a = a; c.JSON(200, a)`:                   "TypeError", `c.Nothing()`: "TypeError", `c.File("missing")`: "NflowError",
	} {
		host := &fakeHost{request: testRequest()}
		got, err := scriptCall{code: "try { " + code + " } catch (e) { return e.name }", host: host}.run(t, testEngine())
		if outcome(got, err) != `"`+want+`"` || got.Reply != nil || len(got.Header) != 0 {
			t.Errorf("%s: got %s, %v %v", code, outcome(got, err), got.Reply, got.Header)
		}
	}
}

func TestHeadersAndCookies(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"set replaces", `c.SetHeader("x-a", "1"); c.SetHeader("X-A", "2")`, `X-A: 2`},
		{"response header", `const h = c.Response().Header(); h.Set("a", "1"); h.Add("a", "2"); h.Add("b", h.Get("a")); h.Del("zz"); c.Response().header().add("d", "4"); h.del("A")`, `B: 1; D: 4`},
		{"cookie", `c.SetCookie({Name: "a", Value: "b", Path: "/", HttpOnly: true, Secure: true, SameSite: "Lax", MaxAge: 60})`, `Set-Cookie: a=b; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax`},
		{"cookie in lower case", `c.SetCookie({name: "a", value: "b c", domain: "x.org", http_only: 1, sameSite: 3, expires: new Date(0)})`, `Set-Cookie: a="b c"; Domain=x.org; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Strict`},
		{"two cookies", `c.SetCookie({name: "a", value: "1"}); c.SetCookie({name: "b", value: "2", expires: "2030-01-02T03:04:05Z"})`, `Set-Cookie: a=1; Set-Cookie: b=2; Expires=Wed, 02 Jan 2030 03:04:05 GMT`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := scriptCall{code: tt.code, host: &fakeHost{request: testRequest()}}.run(t, testEngine())
			if err != nil {
				t.Fatal(err)
			}
			if text := strings.TrimSuffix(strings.TrimPrefix(replyText(&node.Reply{Header: got.Header}), "0 "), " | "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
		})
	}
}

func TestRequestObject(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"parameters", `return [c.Param("id"), c.Param("no"), c.ParamNames(), c.QueryParam("q"), c.QueryParam("no"), c.QueryParams(), c.QueryString()]`,
			`["7","",["id","part"],"1","",{"q":["1","2"],"r":["x y"]},"q=1&q=2&r=x%20y"]`},
		{"form", `return [c.FormValue("name"), c.FormValue("r"), c.FormParams()]`, `["eva","x y",{"name":["eva"],"q":["9","1","2"],"r":["x y"]}]`},
		{"bind a form", `return c.Bind()`, `{"name":"eva","q":["9","1","2"],"r":"x y"}`},
		{"bind into", `const o = {z: 1}; c.Bind(o); return o.name + o.z`, `"eva1"`},
		{"exchange", `return [c.IsTLS(), c.Scheme(), c.RealIP(), c.Path(), c.GetHeader("x-many"), c.GetHeader("no")]`, `[true,"https","10.0.0.9","/shop/7","a",""]`},
		{"request", `const r = c.Request(); return [r.method, r.Method, r.url, r.URL.Path, r.URL.path, r.URL.Query().q[1], r.URL.String(), r.host, r.Host, r.path]`,
			`["POST","POST","/shop/7?q=1&q=2&r=x%20y","/shop/7","/shop/7","2","https://example.org/shop/7?q=1&q=2&r=x%20y","example.org","example.org","/shop/7"]`},
		{"request header", `const r = c.Request(); return [r.Header.Get("x-many"), r.header.get("X-Many"), r.Header["X-Many"], r.headers["x-many"], r.Header.Values("x-many"), r.userAgent(), r.UserAgent(), r.body, r.FormValue("name"), r.RequestURI, r.Cookie("sid").Value]`,
			`["a","a",["a","b"],"a, b",["a","b"],"test/1","test/1","name=eva\u0026q=9","eva","/shop/7?q=1\u0026q=2\u0026r=x%20y","abc"]`},
		{"cookies", `return [c.Cookie("theme").Value, c.Cookie("theme").value, c.Cookie("no"), c.Cookies().map(k => k.Name)]`, `["dark","dark",null,["sid","theme"]]`},
		{"files", `const f = c.FormFile("doc"); return [f, f.text(), f.base64(), f.Filename, c.FormFile("no"), Object.keys(c.MultipartForm().file), c.MultipartForm().File.doc[0].text(), c.MultipartForm().value.name]`,
			`[{"filename":"a.txt","size":4,"content_type":"text/plain"},"hola","aG9sYQ==","a.txt",null,["doc"],"hola",["eva"]]`},
		{"response", `const before = [c.Response().status, c.Response().Committed]; c.NoContent(204); return [before, c.Response().Status, c.Response().committed]`, `[[0,false],204,true]`},
		{"the object itself", `c.mine = 1; delete c.JSON; return [typeof c.HTML, typeof c.JSON, c.mine, "XML" in c, Object.keys(c).includes("Redirect"), JSON.stringify(c)]`, `["function","undefined",1,true,true,"{\"mine\":1}"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := body(t, tt.code, &fakeHost{request: testRequest()})
			if want := strings.ReplaceAll(tt.want, `\u0026`, "&"); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestWithoutRequest(t *testing.T) {
	got := body(t, `return [c.Request().method, c.Path(), c.QueryParams(), c.FormParams(), c.Cookies(), c.Bind(), c.Param("x"), c.IsTLS(), c.FormFile("x"), c.GetHeader("x"), c.MultipartForm()]`, nil)
	if want := `["GET","/",{},{},[],{},"",false,null,"",{"value":{},"file":{}}]`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestBindJSON(t *testing.T) {
	in := testRequest()
	in.Header["Content-Type"] = []string{"application/json; charset=utf-8"}
	in.Body = []byte(`{"a":[1]}`)
	if got := body(t, `return c.Bind()`, &fakeHost{request: in}); got != `{"a":[1]}` {
		t.Errorf("got %s", got)
	}
	in.Body = []byte(`{"a":`)
	if got := body(t, `try { c.Bind() } catch (e) { return e.code }`, &fakeHost{request: in}); got != `"malformed"` {
		t.Errorf("got %s", got)
	}
}

func TestLocals(t *testing.T) {
	e := testEngine()
	got, err := scriptCall{code: `c.Set("b", {x: c.Get("a")}); return c.Get("none") === undefined`, locals: `{"a":1,"k":2}`}.run(t, e)
	if err != nil || string(got.Locals.Bytes()) != `{"a":1,"k":2,"b":{"x":1}}` || string(got.Payload.Bytes()) != "true" {
		t.Errorf("got %s, %s, %v", got.Locals.Bytes(), got.Payload.Bytes(), err)
	}
	got, err = scriptCall{code: `return c.Get("a")`, locals: `{"a":1}`}.run(t, e)
	if err != nil || !got.Locals.IsZero() {
		t.Errorf("only read: %s, %v", got.Locals.Bytes(), err)
	}
	_, err = scriptCall{code: `const a = {}; a.a = a; c.Set("a", a)`}.run(t, e)
	if fault.CodeOf(err) != fault.ScriptFailed {
		t.Errorf("cycle: %v", err)
	}
}
