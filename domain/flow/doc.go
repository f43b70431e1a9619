// Package flow turns workflow documents into compiled graphs and routes. What
// does not fit together (unknown types, dangling edges, bad fields, two nodes on
// one route) dies here, so that a compiled graph can only run.
//
// It refuses to run anything and to read anything: documents arrive as bytes.
package flow
