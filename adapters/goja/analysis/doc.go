// Package analysis looks at a parsed script for what no script should do: turn
// text into code, ask for modules of the system, loop without an end, change the
// objects of the language, match with expressions that backtrack exponentially,
// make giant values. It follows names to what they stand for and folds
// constants, so that spelling a thing differently does not hide it.
//
// It refuses to run anything, to read text instead of the tree, and to guess: a
// finding of high severity is certain, and what only might be is lower or left
// out. It does not replace limits.
package analysis
