// Package plugin decides about plugins: what a manifest may say, which rights a
// plugin gets, and whether its bytes are the ones somebody vouched for.
//
// It refuses to read files, to run plugins and to know how they are reached.
package plugin
