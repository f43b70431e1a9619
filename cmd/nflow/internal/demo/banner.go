package demo

import (
	"fmt"
	"strings"
)

// Banner is what to try, for a terminal: a URL and a command for each workflow
// of a server at baseURL, such as "http://127.0.0.1:8080". The token is printed
// in the command for the API; empty leaves that command out.
func Banner(baseURL, token string) string {
	baseURL = strings.TrimSuffix(baseURL, "/")
	var b strings.Builder
	b.WriteString("nFlow demo. Everything below is forgotten when the server stops.\n")
	try := func(title, command string) { fmt.Fprintf(&b, "\n  %s\n    %s\n", title, command) }
	const json = `-H 'Content-Type: application/json' -d `

	try("procesar: a payload in, a payload out",
		"curl "+json+`'{"valor": 21}' `+baseURL+"/api/procesar")
	try("hello: a page from a template; open "+baseURL+"/hello/Ana",
		"curl "+baseURL+"/hello/Ana")
	try("orders: a decision; leave the customer out to be refused",
		"curl "+json+`'{"customer": "Ana", "items": [{"price": 10, "quantity": 2}]}' `+baseURL+"/orders")
	try("signup: a form in two steps; open "+baseURL+"/signup",
		"curl -c cookies.txt "+baseURL+"/signup")
	if token != "" {
		try("the API: every workflow that is published",
			"curl -H 'Authorization: Bearer "+token+"' "+baseURL+"/api/admin/workflows")
	}
	return b.String()
}
