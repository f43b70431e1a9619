package node_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestPlaceholders(t *testing.T) {
	const outOfRange = 1<<31 - 1
	for _, tt := range []struct {
		name, query string
		want        []int // indexes, in the order of the text
	}{
		{"none", "SELECT 1", nil},
		{"empty", "", nil},
		{"dollars", "SELECT $1, $2", []int{1, 2}},
		{"out of order and repeated", "SELECT $2, $1, $2", []int{2, 1, 2}},
		{"two digits", "$10$2", []int{10, 2}},
		{"cast", "$1::int", []int{1}},
		{"in brackets", "a[$1]=($2)", []int{1, 2}},
		{"questions", "SELECT ?, ?", []int{1, 2}},
		{"numbered questions", "SELECT ?2, ?1, ?", []int{2, 1, 3}},
		{"operator escaped", "SELECT a ?? ?", []int{0, 1}},
		{"operator beside dollars", "SELECT a ? $1 AND b ?| $2", []int{1, 2}},
		{"single quotes", "SELECT '?$1', 'it''s ?', ?", []int{1}},
		{"backslash is nothing special", `SELECT '\', ?`, []int{1}},
		{"escape string", `SELECT E'\'?', e'\\', ?`, []int{1}},
		{"names ending in e", `SELECT table_e'?', ?`, []int{1}},
		{"quoted names", "SELECT \"a?\"\"b?\", `c?`, ?", []int{1}},
		{"line comment", "SELECT 1 -- ? $1\n, ?", []int{1}},
		{"line comment at the end", "SELECT ? -- it's ?", []int{1}},
		{"block comment", "SELECT /* ? ' */ ?", []int{1}},
		{"nested comment", "SELECT /* /* ? */ ? */ ?", []int{1}},
		{"minus and division", "SELECT ? - ? / ? * ?", []int{1, 2, 3, 4}},
		{"dollar quote", "SELECT $$ ? $1 '$$, ?", []int{1}},
		{"tagged dollar quote", "SELECT $a$ $$ $b$ ? $a$, ?", []int{1}},
		{"dollars in a name", "SELECT a$1, a$b$c, $1", []int{1}},
		{"lone dollar", "SELECT $ , $a, ?", []int{1}},
		{"open string", "SELECT 'a ? $1", nil},
		{"open quote", "SELECT $$ ?", nil},
		{"open comment", "SELECT /* ?", nil},
		{"accents", "SELECT ñ$1, $1 AS año", []int{1}},
		{"zero", "SELECT $0", []int{outOfRange}},
		{"beyond counting", "SELECT $99999999999999999999", []int{outOfRange}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []int
			for _, p := range node.Placeholders(tt.query) {
				got = append(got, p.Index)
				mark := tt.query[p.Start:p.End]
				if mark[0] != '$' && mark[0] != '?' {
					t.Errorf("%q is no marker", mark)
				}
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: got %v, want %v", tt.query, got, tt.want)
			}
			most := 0
			for _, n := range tt.want {
				most = max(most, n)
			}
			if n := node.CountPlaceholders(tt.query); n != most {
				t.Errorf("count = %d, want %d", n, most)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	for query, want := range map[string][]node.Command{
		"":                       nil,
		" ; -- nothing\n ;":      nil,
		" select 1":              {{"SELECT", "select 1"}},
		"select 1;":              {{"SELECT", "select 1"}},
		"select ';' ; -- done ;": {{"SELECT", "select ';' "}},
		"insert into a values (1); /* ; */ commit":       {{"INSERT", "insert into a values (1)"}, {"COMMIT", "commit"}},
		"-- note\n/* ; */ with a as (select 1) select 2": {{"WITH", "with a as (select 1) select 2"}},
		"(select 1) union (select 2)":                    {{"(", "(select 1) union (select 2)"}},
		"begin;delete from a;end":                        {{"BEGIN", "begin"}, {"DELETE", "delete from a"}, {"END", "end"}},
		"do $$ begin; end $$":                            {{"DO", "do $$ begin; end $$"}},
	} {
		t.Run(query, func(t *testing.T) {
			if got := node.Commands(query); !reflect.DeepEqual(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// FuzzPlaceholders checks that markers are where they say, in order, and that
// quoting a text hides all of its markers.
func FuzzPlaceholders(f *testing.F) {
	f.Add("SELECT $1, ?, '$2', $$ ? $$, E'\\'' -- ?")
	f.Add("/*/**/ ?")
	f.Fuzz(func(t *testing.T, query string) {
		last := 0
		for _, p := range node.Placeholders(query) {
			if p.Start < last || p.End <= p.Start || p.End > len(query) || p.Index < 0 || (query[p.Start] != '$' && query[p.Start] != '?') {
				t.Fatalf("%q: bad marker %+v", query, p)
			}
			last = p.End
		}
		node.Commands(query)
		quoted := "'" + strings.ReplaceAll(query, "'", "''") + "'"
		if found := node.Placeholders(quoted); len(found) > 0 {
			t.Fatalf("%s: found %v inside of a string", quoted, found)
		}
	})
}
