// Package jsonschema checks values against JSON Schemas, draft 2020-12 unless a
// schema names another one.
//
// It refuses to load anything: a schema refers to itself or to the standard
// meta-schemas. Schemas and values come from strangers, so sizes are bounded and
// every check has a number of steps after which it gives up.
package jsonschema
