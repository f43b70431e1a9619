package node

import (
	"strconv"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// databaseType runs SQL with parameters, never SQL built from data. Data:
// database, query and params (or statements, a list of {query, params, mode} run
// in one transaction), mode, max_rows, as. The result is shaped by the mode; a
// list of statements gives a list.
func databaseType() Type { return Type{Name: "db", Compile: compileDatabase} }

type query struct {
	database   string
	statements []statement
	list       bool // the author wrote a list: the result is one
	maxRows    int
	as         string
}

type statement struct {
	query  string
	mode   QueryMode
	params payload.Pattern
	field  string
}

func compileDatabase(d Definition) (Compiled, fault.List) {
	f := read(d)
	q := query{
		database: f.requiredText("database"),
		maxRows:  f.number("max_rows", 0, 1, 1_000_000),
		as:       f.text("as"),
	}
	fallback := QueryMode(f.choice("mode", string(Rows), string(Row), string(Exec)))
	name := "statements"
	statements, many := f.get(name)
	if single, ok := f.get("query"); ok && single.Kind() == payload.Array {
		name, statements, many = "query", single, true
	}
	if !many {
		q.statements = []statement{readStatement(f, "", d.Data, fallback)}
		return q.compiled(), f.faults
	}
	q.list = true
	for i, one := range statements.Items() {
		if one.Kind() == payload.String {
			one = payload.Member("query", one)
		}
		q.statements = append(q.statements, readStatement(f, name+"["+strconv.Itoa(i)+"].", one, fallback))
	}
	if len(q.statements) == 0 {
		f.wrong(name, `must be a list such as [{"query": "...", "params": []}]`)
	}
	return q.compiled(), f.faults
}

func (q query) compiled() Compiled {
	need := Need{Kind: NeedDatabase, Name: q.database, Field: "data.database"}
	return Compiled{Executor: q, Needs: []Need{need}}
}

// readStatement reads one statement; place is where its fields stand.
func readStatement(f *fields, place string, data payload.Value, fallback QueryMode) statement {
	sub := &fields{data: data}
	s := statement{query: sub.requiredText("query"), mode: fallback, field: "data." + place}
	if _, own := sub.get("mode"); own {
		s.mode = QueryMode(sub.choice("mode", string(Rows), string(Row), string(Exec)))
	}
	params, _ := sub.get("params")
	if params.Kind() != payload.Array && params.Kind() != payload.Null {
		sub.wrong("params", "must be a list")
	}
	given := 0
	for range params.Items() {
		given++
	}
	s.params, _ = sub.pattern("params")
	if wanted := CountPlaceholders(s.query); wanted != given && s.query != "" {
		sub.wrong("params", "the query has %d placeholders, but %d params are given", wanted, given)
	}
	for _, wrong := range sub.faults {
		f.add(wrong.AtField("data." + place + wrong.Field[len("data."):]))
	}
	return s
}

func (q query) Plan(in Input) (Step, error) {
	r := QueryRequest{Database: q.database, MaxRows: q.maxRows}
	for _, s := range q.statements {
		params, err := s.params.Render(in.Scope())
		if err != nil {
			return Step{}, fault.As(err).AtField(s.field + "params")
		}
		one := Statement{Query: s.query, Mode: s.mode}
		for _, p := range params.Items() {
			one.Params = append(one.Params, p)
		}
		r.Statements = append(r.Statements, one)
	}
	return ask(r)
}

func (q query) Settle(in Input, r Result) (Step, error) {
	res, ok := r.(QueryResult)
	if !ok || len(res.Values) != len(q.statements) {
		return unexpected(r)
	}
	answer := res.Values[0]
	if q.list {
		var err error
		if answer, err = payload.From(res.Values); err != nil {
			return Step{}, err
		}
	}
	return finish(Outcome{Payload: keepAs(q.as, in.Payload, answer)})
}
