//go:build unix

package e2e

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

var (
	formTag   = regexp.MustCompile(`(?is)<form\b([^>]*)>(.*?)</form>`)
	inputTag  = regexp.MustCompile(`(?is)<(?:input|select)\b([^>]*)>`)
	attribute = regexp.MustCompile(`(?is)([a-z_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	goesOn    = regexp.MustCompile(`window\.location\.href\s*=\s*'([^']*)'`)
)

func attributes(tag string) map[string]string {
	found := map[string]string{}
	for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
		found[strings.ToLower(m[1])] = html.UnescapeString(m[2] + m[3])
	}
	return found
}

// form reads the page's form: method, where it goes and its fields.
func (p page) form() (method string, action *url.URL, fields url.Values) {
	p.b.t.Helper()
	m := formTag.FindStringSubmatch(p.body)
	if m == nil {
		p.b.t.Fatalf("%s has no form:\n%s", p.at, p.body)
	}
	tag := attributes(m[1])
	action, err := p.at.Parse(tag["action"])
	if err != nil {
		p.b.t.Fatal(err)
	}
	fields = url.Values{}
	for _, input := range inputTag.FindAllStringSubmatch(m[2], -1) {
		if a := attributes(input[1]); a["name"] != "" {
			fields.Set(a["name"], a["value"])
		}
	}
	return strings.ToUpper(tag["method"]), action, fields
}

// submit fills the form in and sends it. A field the form lacks is a failure.
func (p page) submit(pairs ...string) page {
	p.b.t.Helper()
	method, action, fields := p.form()
	for i := 0; i < len(pairs); i += 2 {
		if !fields.Has(pairs[i]) {
			p.b.t.Fatalf("the form has no field %q:\n%s", pairs[i], p.body)
		}
		fields.Set(pairs[i], pairs[i+1])
	}
	if method == http.MethodPost {
		return p.b.post(action.RequestURI(), fields)
	}
	return p.b.get(action.Path + "?" + fields.Encode())
}

// followScript goes where the page's script sends the browser.
func (p page) followScript() page {
	p.b.t.Helper()
	m := goesOn.FindStringSubmatch(p.body)
	if m == nil {
		p.b.t.Fatalf("%s sends the browser nowhere:\n%s", p.at, p.body)
	}
	target, err := p.at.Parse(m[1])
	if err != nil {
		p.b.t.Fatal(err)
	}
	return p.b.get(target.RequestURI())
}
