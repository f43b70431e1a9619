//go:build unix

package database_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/database"
	"github.com/arturoeanton/nflow-runtime/domain/node"
)

func TestValuesFromSQLite(t *testing.T) {
	d := open(t, sqlite, database.Config{})
	must(t, d, node.Exec, `CREATE TABLE v (b BOOLEAN, d DATE, ts TIMESTAMP, j JSON, dec DECIMAL(10,2), t TEXT, bl BLOB)`)
	must(t, d, node.Exec, `INSERT INTO v VALUES (1, '2024-01-15', '2024-01-15 10:30:45.5', '{"a": [1]}', 10.5, 'é"', x'ff00')`)
	for expression, want := range map[string]string{
		`1`:                     `1`,
		`9223372036854775807`:   `9223372036854775807`,
		`9007199254740993`:      `9007199254740993`,
		`1.5`:                   `1.5`,
		`1000000.0`:             `1000000`,
		`1e300`:                 `1e+300`,
		`1e999`:                 `"+Inf"`,
		`NULL`:                  `null`,
		`'it''s "x"'`:           `"it's \"x\""`,
		`''`:                    `""`,
		`x'68c3a9'`:             `"hé"`,
		`x'ff00'`:               `"/wA="`,
		`CAST(x'ff' AS TEXT)`:   `"/w=="`,
		`'5'`:                   `"5"`,
		`'<b>&' || char(8232)`:  `"<b>&` + "\\u2028" + `"`,
		`'a' || char(0) || 'b'`: `"a\u0000b"`,
	} {
		if got := must(t, d, node.Row, `SELECT `+expression+` AS v`); got != `{"v":`+want+`}` {
			t.Errorf("%s: got %s, want %s", expression, got, want)
		}
	}
	want := `[{"b":true,"d":"2024-01-15","ts":"2024-01-15T10:30:45.5Z","j":{"a": [1]},"dec":10.5,"t":"é\"","bl":"/wA="}]`
	if got := must(t, d, node.Rows, `SELECT * FROM v`); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	must(t, d, node.Exec, `UPDATE v SET j = 'not json', t = NULL`)
	if got := must(t, d, node.Row, `SELECT j, t FROM v`); got != `{"j":"not json","t":null}` {
		t.Errorf("got %s", got)
	}
}

func TestValuesFromPostgreSQL(t *testing.T) {
	d := open(t, postgres, database.Config{})
	for expression, want := range map[string]string{
		`1::int2`:                                `1`,
		`9223372036854775807`:                    `9223372036854775807`,
		`1.1::float4`:                            `1.1`,
		`1.5::float8`:                            `1.5`,
		`1e21::float8`:                           `1e+21`,
		`'NaN'::float8`:                          `"NaN"`,
		`'-Infinity'::float8`:                    `"-Inf"`,
		`10.50::numeric(10,2)`:                   `10.50`,
		`-0.00001::numeric`:                      `-0.00001`,
		`123456789012345::numeric`:               `123456789012345`,
		`1234567890123456::numeric`:              `"1234567890123456"`,
		`0.1234567890123456`:                     `"0.1234567890123456"`,
		`'NaN'::numeric`:                         `"NaN"`,
		`true`:                                   `true`,
		`NULL::int`:                              `null`,
		`'it''s "x"'`:                            `"it's \"x\""`,
		`'ab'::char(3)`:                          `"ab "`,
		`'\x68c3a9'::bytea`:                      `"hé"`,
		`'\xff00'::bytea`:                        `"/wA="`,
		`'{"a": [1, null]}'::json`:               `{"a": [1, null]}`,
		`'{"a":1}'::jsonb`:                       `{"a": 1}`,
		`'"x"'::jsonb`:                           `"x"`,
		`'null'::jsonb`:                          `null`,
		`DATE '2024-01-15'`:                      `"2024-01-15"`,
		`TIME '10:30:45.5'`:                      `"10:30:45.5"`,
		`TIMETZ '10:30:45+02'`:                   `"10:30:45+02:00"`,
		`TIMESTAMP '2024-01-15 10:30:45.000001'`: `"2024-01-15T10:30:45.000001Z"`,
		`TIMESTAMPTZ '2024-01-15 10:30:45+00'`:   `"2024-01-15T10:30:45Z"`,
		`'infinity'::timestamptz`:                `"infinity"`,
		`INTERVAL '90 minutes'`:                  `"01:30:00"`,
		`'c0ffee00-0000-4000-8000-000000000000'::uuid`: `"c0ffee00-0000-4000-8000-000000000000"`,
		`ARRAY['a','b']`:    `"{a,b}"`,
		`'127.0.0.1'::inet`: `"127.0.0.1"`,
		`$1::jsonb ? 'a'`:   `true`,
		`(SELECT string_agg(x, '+') FROM json_array_elements_text($1::json->'a') x)`: `"1+2"`,
	} {
		var params []string
		if node.CountPlaceholders(expression) == 1 {
			params = []string{`{"a":[1,2]}`}
		}
		got, f := query(t, d, node.Row, `SELECT `+expression+` AS v`, params...)
		if f != nil || got != `{"v":`+want+`}` {
			t.Errorf("%s: got %s, %v; want %s", expression, got, f, want)
		}
	}
}

func TestParametersKeepTheirTypes(t *testing.T) {
	onBoth(t, func(t *testing.T, engine string, d *database.Databases) {
		must(t, d, node.Exec, map[string]string{
			sqlite:   `CREATE TABLE p (n INTEGER, f REAL, s TEXT, b BOOLEAN, j JSON, x INTEGER)`,
			postgres: `CREATE TABLE p (n bigint, f float8, s text, b boolean, j jsonb, x int)`,
		}[engine])
		must(t, d, node.Exec, `INSERT INTO p VALUES ($1,$2,$3,$4,$5,$6)`, `9007199254740993`, `1.5`, `"o'\"; DROP TABLE p; -- $1 ?"`, `true`, `{"k":["é",1]}`, `null`)
		want := map[string]string{sqlite: `{"k":["é",1]}`, postgres: `{"k": ["é", 1]}`}[engine]
		want = `[{"n":9007199254740993,"f":1.5,"s":"o'\"; DROP TABLE p; -- $1 ?","b":true,"j":` + want + `,"x":null}]`
		if got := must(t, d, node.Rows, `SELECT * FROM p`); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if engine == sqlite {
			got := must(t, d, node.Row, `SELECT typeof(?) a, typeof(?) b, typeof(?) c, typeof(?) d, typeof(?) e, typeof(?) f`, `1`, `1.5`, `"1"`, `null`, `[1]`, `12345678901234567890`)
			if got != `{"a":"integer","b":"real","c":"text","d":"null","e":"text","f":"text"}` {
				t.Errorf("got %s", got)
			}
		} else if got := must(t, d, node.Row, `SELECT $1::numeric v`, `12345678901234567890`); got != `{"v":"12345678901234567890"}` {
			t.Errorf("got %s", got)
		}
	})
}

func TestPlaceholdersOfEitherKindWorkOnBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, _ string, d *database.Databases) {
		must(t, d, node.Exec, `CREATE TABLE t (a text, b text)`)
		for _, tt := range []struct{ query, want string }{
			{`INSERT INTO t VALUES ($1, $2) RETURNING a, b`, `x y`},
			{`INSERT INTO t VALUES ($2, $1) RETURNING a, b`, `y x`},
			{`INSERT INTO t VALUES (?, ?) RETURNING a, b`, `x y`},
			{`INSERT INTO t VALUES (?2, ?1) RETURNING a, b`, `y x`},
			{"INSERT INTO t VALUES ($1, '$3 ? ''' || $2) -- $4 ?\n RETURNING a, b", `x $3 ? 'y`},
			{`INSERT INTO t VALUES ($1 || $1, $2 || /* $9 ? */ $1) RETURNING a, b; -- done`, `xx yx`},
			{`INSERT INTO "t" VALUES (?, ?) RETURNING a AS "a", b`, `x y`},
		} {
			got, f := query(t, d, node.Row, tt.query, `"x"`, `"y"`)
			a, b, _ := cut(tt.want)
			if want := `{"a":"` + a + `","b":"` + b + `"}`; f != nil || got != want {
				t.Errorf("%s: got %s, %v; want %s", tt.query, got, f, want)
			}
		}
	})
}

func cut(s string) (before, after string, found bool) {
	for i := range s {
		if s[i] == ' ' {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}
