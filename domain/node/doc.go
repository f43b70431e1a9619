// Package node says what each type of node does: it checks a node's fields once,
// plans what is to be asked of the world and settles what came back.
//
// It refuses to act: a plan is data, and so is its result. Everything that
// touches the world happens in the application, behind one funnel.
package node
