package script

// example is a call of a workflow on a page: options of curl, a path, and what
// the answer, with its status and headers, is like.
type example struct {
	args       []string
	path, want string
}

func post(body, path, want string) example { return example{[]string{"-d", body}, path, want} }
func get(path, want string) example        { return example{nil, path, want} }

// examples are the calls for every workflow on the pages.
var examples = map[string][]example{
	"procesar": {post(`{"valor": 4}`, "/api/procesar", `^HTTP 200\n(.*\n)*\{"resultado":8\}$`)},
	"greeting": {post(`{}`, "/greeting", `^HTTP 200\n(.*\n)*\{"text":"Hello, stranger!"\}$`)},
	"double":   {post(`{"value": 4}`, "/double", `^HTTP 200\n(.*\n)*\{"result":8\}$`)},
	"age-check": {
		get("/age/18", `^HTTP 200\n(.*\n)*\{ "welcome": true \}$`),
		get("/age/17", `^HTTP 403\n(.*\n)*\{ "welcome": false \}$`),
	},
	"careful": {
		post(`{}`, "/careful", `^HTTP 400\n(.*\n)*\{"why":".*no amount.*"\}$`),
		post(`{"amount": 3}`, "/careful", `^HTTP 200\n(.*\n)*\{"amount":3\}$`),
	},
	"ask-name": {get("/ask", `^HTTP 200\n(.*\n)*<form method="post"><input name="name">.*value="hello"`)},
	"item": {
		get("/items/7", `^HTTP 200\n(.*\n)*\{"item":"7","page":"1"\}$`),
		get("/items/7?page=3", `^HTTP 200\n(.*\n)*\{"item":"7","page":"3"\}$`),
	},
	"sum":    {post(`{"numbers": [1, 2, 3.5]}`, "/sum", `^HTTP 200\n(.*\n)*\{"sum":6.5\}$`)},
	"sorted": {post(`{"numbers": [10, 9, 2]}`, "/sorted", `^HTTP 200\n(.*\n)*\{"sorted":\["2","9","10"\]\}$`)},
	"weather": {
		get("/weather/La%20Plata", `^HTTP 200\n(.*\n)*\{"city":"La Plata","units":"metric"\}$`),
		get("/weather/a%2Fb?units=imperial", `^HTTP 200\n(.*\n)*\{"city":"a%2Fb","units":"imperial"\}$`),
		get("/weather/nowhere", `^HTTP 502\n(.*\n)*\{ "error": "no weather today" \}$`),
	},
	"note": {
		post(`{"text": "it's"}`, "/notes", `^HTTP 201\n(.*\n)*\{"total":1\}$`),
		post(`{"text": "two"}`, "/notes", `^HTTP 201\n(.*\n)*\{"total":2\}$`),
	},
	"contact":      {post(`{"name": "Ana", "message": "Hi there"}`, "/contact", `^HTTP 202\n(.*\n)*\{ "sent": true \}$`)},
	"badge":        {get("/badge/%3Cb%3E", `^HTTP 200\n(.*\n)*content-type: text/html(.*\n)*<h1>&lt;b&gt;</h1>$`)},
	"quick-answer": {post(`{"job": "x"}`, "/jobs", `^HTTP 202\n(.*\n)*\{ "accepted": true \}$`)},
	"welcome":      {post(`{"name": "Ana"}`, "/welcome", `^HTTP 200\n(.*\n)*\{"message":"Welcome, Ana","again":"Hello, you"\}$`)},
	"later":        {post(`{"name": "Ana"}`, "/later", `^HTTP 500\n(.*\n)*.*"code":"plugin_not_installed"`)},
	"cart":         {post(`{"item": "pen"}`, "/cart", `^HTTP 200\n(.*\n)*\{"items":\["pen"\]\}$`)},
	"visits": {
		get("/visits/a", `^HTTP 200\n(.*\n)*\{"page":"a","visits":1\}$`),
		get("/visits/a", `^HTTP 200\n(.*\n)*\{"page":"a","visits":2\}$`),
	},
	"redeem": {post(`{"code": "none"}`, "/redeem", `^HTTP 200\n(.*\n)*\{"yours":false\}$`)},
	"moved":  {get("/old/a", `^HTTP 301\n(.*\n)*location: /new/a\n`)},
}
