package http

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/ports"
)

func TestModulesAndTemplates(t *testing.T) {
	w := newWorld()
	w.modules["form"] = ports.Module{Name: "form", Code: "old", Form: "{}", Mod: "d"}
	put := func(target, body, kind string, status int) {
		t.Helper()
		wantStatus(t, w.do(t, "PUT", target, body, bearerAdmin, "Content-Type: "+kind), status)
	}
	put("/api/admin/modules/form", "function main(){}", "text/plain", 204)
	if got := w.modules["form"]; got != (ports.Module{Name: "form", Code: "function main(){}", Form: "{}", Mod: "d"}) {
		t.Errorf("after text: %+v", got)
	}
	put("/api/admin/modules/form", `{"mod":"new"}`, "application/json", 204)
	if got := w.modules["form"]; got.Mod != "new" || got.Code != "function main(){}" {
		t.Errorf("after JSON: %+v", got)
	}
	put("/api/admin/modules/a%2Fb", `{"code":"x"}`, "application/json", 204)
	if got := w.modules["a/b"]; got != (ports.Module{Name: "a/b", Code: "x"}) {
		t.Errorf("new: %+v", got)
	}
	put("/api/admin/modules/form", `{"code":1}`, "application/json", 400)
	put("/api/admin/modules/form", `{"cod":""}`, "application/json", 400)
	put("/api/admin/modules/form", "\xff", "text/plain", 400)
	put("/api/admin/modules/form", "code=1", "application/x-www-form-urlencoded", 415)
	put("/api/admin/templates/t", "<p>{{.x}}</p>", "text/html", 204)
	put("/api/admin/templates/u", `{"content":"hi"}`, "application/json", 204)
	put("/api/admin/templates/u", `{}`, "application/json", 400)
	if w.templates["t"].Content != "<p>{{.x}}</p>" || w.templates["u"].Content != "hi" {
		t.Errorf("templates %+v", w.templates)
	}

	rows := []struct{ name, target, accept, kind, body string }{
		{"module", "/api/admin/modules/form", "", "application/json", `"code":"function main(){}"`},
		{"module of curl", "/api/admin/modules/form", "*/*", "application/json", `"form":"{}"`},
		{"module as code", "/api/admin/modules/form", "text/javascript", "text/javascript; charset=utf-8", "function main(){}"},
		{"template", "/api/admin/templates/t", "application/json", "application/json", `"content":"<p>{{.x}}</p>"`},
		{"template as text", "/api/admin/templates/t", "text/html;q=0.9, */*", "text/plain; charset=utf-8", "<p>{{.x}}</p>"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			rec := w.do(t, "GET", row.target, "", bearerAdmin, "Accept: "+row.accept)
			wantStatus(t, rec, 200)
			if rec.Header().Get("Content-Type") != row.kind || !strings.Contains(rec.Body.String(), row.body) {
				t.Errorf("%s %s", rec.Header().Get("Content-Type"), rec.Body)
			}
		})
	}
	wantStatus(t, w.do(t, "GET", "/api/admin/modules/none", "", bearerAdmin), 404)
}
