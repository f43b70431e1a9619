package storetest

import (
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// Rows are what a designer left in its tables.
type Rows struct {
	Workflow ports.Workflow
	Module   ports.Module
	Template ports.Template
	User     ports.User
	// AppToken is the one row of api_tokens with that name.
	AppTokenName string
	AppToken     payload.Value
}

// Designer returns the rows that each store under test starts with.
func Designer() Rows {
	return Rows{
		Workflow: ports.Workflow{
			ID: "designed", Document: []byte(`{"drawflow":{"Home":{"data":{}}}}`), DefaultJS: "function auth(){}",
			Author: "designer",
		},
		Module:       ports.Module{Name: "designed_module", Code: "function main(){}", Form: "<form>", Mod: "a module"},
		Template:     ports.Template{Name: "designed_template", Content: "<p>{{.name}}</p>"},
		User:         ports.User{ID: 7, Username: "ana", Password: "plain", Role: "ROL_DEV", Active: true},
		AppTokenName: "billing",
		AppToken: payload.Trusted([]byte(
			`{"active":true,"expired":1893456000,"header":"X-Key","name":"billing","start":null,"token":"t0k","token_type":"Bearer"}`)),
	}
}
