package memory

import (
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// designer is the author of the rows of a designer.
const designer = "designer"

// Designer holds rows as the tables of the nFlow designer would. The caller must
// not change them after NewOver.
type Designer struct {
	Workflows []ports.Workflow // only ID, Document and DefaultJS count
	Modules   []ports.Module
	Templates []ports.Template
	Users     []ports.User
	// AppTokens are objects as TokenStore.AppToken returns them, by name.
	AppTokens map[string]payload.Value
}

func (d Designer) app(id string) (ports.Workflow, bool) {
	for _, w := range d.Workflows {
		if w.ID == id {
			return ports.Workflow{
				ID: id, Document: append([]byte{}, w.Document...), DefaultJS: w.DefaultJS, Author: designer,
			}, true
		}
	}
	return ports.Workflow{}, false
}

func (d Designer) user(username string) (ports.User, bool) {
	for _, u := range d.Users {
		if u.Username == username {
			return u, true
		}
	}
	return ports.User{}, false
}
