// Package demo is the small application of `nflow serve --demo`: four workflows
// that show an endpoint, a page, a decision and a form, with the module and the
// templates they use.
//
// It refuses to publish itself: it hands documents over, and the caller puts
// them where workflows come from.
package demo
