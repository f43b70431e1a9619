package sqlstore_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
)

func TestNumber(t *testing.T) {
	tests := []struct {
		name, in       string
		sqlite         string
		sqliteValues   int
		postgresValues int
	}{
		{"none", "SELECT 1", "SELECT 1", 0, 0},
		{"in order", "a = $1 AND b = $2", "a = ?1 AND b = ?2", 2, 2},
		{"out of order", "a = $2 AND b = $1", "a = ?2 AND b = ?1", 2, 2},
		{"repeated", "$1 $1 $2 $1", "?1 ?1 ?2 ?1", 2, 2},
		{"two digits", "$12x", "?12x", 12, 12},
		{"no space", "($1,$2)=$3;", "(?1,?2)=?3;", 3, 3},
		{"bare", "? ?3 ? $1 ?", "?1 ?3 ?4 ?1 ?5", 5, 1},
		{"string", "'$1 ?' $1 'it''s $2'", "'$1 ?' ?1 'it''s $2'", 1, 1},
		{"names", `"$1" $1 "a""$2"`, `"$1" ?1 "a""$2"`, 1, 1},
		{"line comment", "-- $2 ?\n$1", "-- $2 ?\n?1", 1, 1},
		{"block comment", "/* $2 ' */ $1", "/* $2 ' */ ?1", 1, 1},
		{"part of a name", "a$1 a$$2 $a $ $", "a$1 a$$2 $a $ $", 0, 0},
		{"unterminated string", "$1 'abc $2", "?1 'abc $2", 1, 1},
		{"unterminated comment", "$1 /* $2", "?1 /* $2", 1, 1},
		{"huge", "$123456789", "?12345", 12345, 12345},
		{"minus", "a - -$1", "a - -?1", 1, 1},
		{"end", "$", "$", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if text, n := sqlstore.Number(false, tt.in); text != tt.sqlite || n != tt.sqliteValues {
				t.Errorf("SQLite: %q %d, want %q %d", text, n, tt.sqlite, tt.sqliteValues)
			}
			if text, n := sqlstore.Number(true, tt.in); text != tt.in || n != tt.postgresValues {
				t.Errorf("PostgreSQL: %q %d, want %q %d", text, n, tt.in, tt.postgresValues)
			}
		})
	}
}

func TestNumberDialects(t *testing.T) {
	tests := []struct {
		name, in string
		postgres bool
		want     int
	}{
		{"brackets are a name", "[$2] $1", false, 1},
		{"brackets are an index", "a[$2] = $1", true, 2},
		{"escaped string", `E'it\'s $2' = $1`, true, 1},
		{"plain backslash", `'it\' $2`, true, 2},
		{"e of a name", `like'\' $2`, true, 2},
		{"dollar string", "$$ $2 ' $$ $1", true, 1},
		{"tagged string", "$a$ $2 $b$ $3 $a$ $1", true, 1},
		{"unterminated tag", "$a$ $2", true, 0},
		{"nested comment", "/* /* */ $2 */ $1", true, 1},
		{"comments do not nest", "/* /* */ $2", false, 2},
		{"question mark operator", "a ? 'b' AND c = $1", true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if text, n := sqlstore.Number(tt.postgres, tt.in); n != tt.want {
				t.Errorf("%d values in %q, want %d", n, text, tt.want)
			}
		})
	}
}

// FuzzNumber: what is not a placeholder stays, and numbering twice changes
// nothing more.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"a=$1", "?'$2'", "E'\\'$1", "$a$ $1 $a$", "/*/**/$1", "[$1", "--\n?12", "é$1"} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, statement string, postgres bool) {
		text, n := sqlstore.Number(postgres, statement)
		if postgres && text != statement {
			t.Fatalf("%q became %q", statement, text)
		}
		again, m := sqlstore.Number(postgres, text)
		if again != text || m != n {
			t.Fatalf("%q became %q (%d), then %q (%d)", statement, text, n, again, m)
		}
	})
}
