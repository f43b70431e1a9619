package render

import (
	"errors"
	"strings"

	"github.com/cbroglie/mustache"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// maxSections is how deeply sections may nest.
const maxSections = 100

// mustacheProgram is a parsed mustache template.
type mustacheProgram struct{ template *mustache.Template }

func parseMustache(source string) (p program, err error) {
	defer func() { // the library parses by index and may run out of the text
		if recover() != nil {
			p, err = nil, fault.New(fault.Invalid, "the template cannot be parsed")
		}
	}()
	t, err := mustache.ParseStringPartials(source, noPartials{})
	if err != nil {
		return nil, mustacheFault(err, source)
	}
	if err := checkTags(t.Tags(), source, 1); err != nil {
		return nil, err
	}
	return mustacheProgram{t}, nil
}

func (p mustacheProgram) fill(out *output, data payload.Value) error {
	if err := p.template.FRender(out, mustacheData(data)); err != nil {
		return fault.Wrap(err, fault.Invalid, "the template cannot be filled: %s", err.Error())
	}
	return nil
}

// checkTags refuses partials, which would be read from files, and sections
// nested without measure.
func checkTags(tags []mustache.Tag, source string, depth int) error {
	if depth > maxSections {
		return fault.New(fault.Invalid, "the template nests deeper than %d sections", maxSections)
	}
	for _, tag := range tags {
		switch tag.Type() {
		case mustache.Partial:
			return fault.New(fault.Invalid, "partials such as {{> %s}} are not supported", tag.Name()).AtLine(lineOfPartial(source), 0)
		case mustache.Section, mustache.InvertedSection:
			if err := checkTags(tag.Tags(), source, depth+1); err != nil {
				return err
			}
		case mustache.Variable, mustache.Invalid:
		}
	}
	return nil
}

// lineOfPartial finds the first partial with the usual delimiters; 0 = unknown.
func lineOfPartial(source string) int {
	before, _, found := strings.Cut(source, "{{>")
	if !found {
		return 0
	}
	return 1 + strings.Count(before, "\n")
}

// noPartials is consulted never, because such templates are refused; it is
// there so that the library does not look for files.
type noPartials struct{}

// Get refuses every name.
func (noPartials) Get(string) (string, error) {
	return "", fault.New(fault.Invalid, "partials are not supported")
}

func mustacheFault(err error, source string) error {
	var pe mustache.ParseError
	if !errors.As(err, &pe) {
		return fault.Wrap(err, fault.Invalid, "the template cannot be parsed: %s", err.Error())
	}
	_, text, _ := strings.Cut(pe.Error(), ": ")
	// The library counts the line break after a section's tag that stands alone
	// before it notes where the section began.
	lines := strings.Split(source, "\n")
	line := pe.Line
	if pe.Code == mustache.ErrSectionNoClosingTag && line > 1 && line <= len(lines) && !strings.Contains(lines[line-1], pe.Reason) {
		line--
	}
	return fault.Wrap(err, fault.Invalid, "the template cannot be parsed: %s", text).AtLine(line, 0)
}
