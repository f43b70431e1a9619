package demo

import (
	_ "embed"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// The files of the application. procesar is the manual's example, word for word.
var (
	//go:embed files/procesar.json
	procesar string
	//go:embed files/hello.json
	hello string
	//go:embed files/orders.json
	orders string
	//go:embed files/signup.json
	signup string
	//go:embed files/demo_tax.js
	tax string
	//go:embed files/demo_hello.html
	helloPage string
	//go:embed files/demo_form.html
	formPage string
	//go:embed files/demo_welcome.html
	welcomePage string
)

// Document is a workflow to publish under an id.
type Document struct {
	ID   string
	Body []byte // flat JSON
}

// Workflows are the documents, in the order of the banner. They need what
// Modules and Templates hold, so those go first.
func Workflows() []Document {
	return []Document{
		{ID: "procesar", Body: []byte(procesar)},
		{ID: "hello", Body: []byte(hello)},
		{ID: "orders", Body: []byte(orders)},
		{ID: "signup", Body: []byte(signup)},
	}
}

// Modules are the stored modules that the workflows require.
func Modules() []ports.Module {
	return []ports.Module{{Name: "demo_tax", Code: tax}}
}

// Templates are the stored templates that the workflows render.
func Templates() []ports.Template {
	return []ports.Template{
		{Name: "demo_hello", Content: helloPage},
		{Name: "demo_form", Content: formPage},
		{Name: "demo_welcome", Content: welcomePage},
	}
}
