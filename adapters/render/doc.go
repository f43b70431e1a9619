// Package render fills Go html/template and mustache templates with JSON data.
//
// It refuses to reach out: a template sees its data and nothing else, neither
// files, nor other stored templates, nor the environment. And it refuses to run
// away: source, output, nesting and time are bounded, so that no template can
// take the process with it, whatever data it meets.
package render
