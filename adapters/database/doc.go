// Package database runs the statements of db nodes on the SQLite and
// PostgreSQL databases that the operator configured.
//
// It refuses to build SQL from data: values travel as parameters only. It
// refuses commands that would outlive their statement or reach beyond the
// database, such as COMMIT, SET, PRAGMA, ATTACH and COPY, and more than one
// command in a statement: a list of statements is a transaction. It refuses to
// read more rows and bytes than it was allowed, and to show a DSN to anybody.
package database
