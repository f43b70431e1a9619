package http

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// precondition is what If-Match and If-None-Match demand of the active version.
type precondition struct {
	expected  int  // as in ports.WorkflowWriter
	mustExist bool // If-Match: *
	mustMiss  bool // If-None-Match: *
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// preconditionOf reads both headers. A tag that no version has is code
// precondition_failed; anything that is no tag is malformed.
func preconditionOf(header http.Header) (precondition, error) {
	match, miss := header.Values("If-Match"), header.Values("If-None-Match")
	switch {
	case len(match) == 0 && len(miss) == 0:
		return precondition{expected: ports.AnyVersion}, nil
	case len(match) > 0 && len(miss) > 0 || len(match) > 1 || len(miss) > 1:
		return precondition{}, fault.New(fault.Malformed, "send one If-Match or one If-None-Match header")
	case len(miss) == 1 && strings.TrimSpace(miss[0]) != "*":
		return precondition{}, fault.New(fault.Malformed, "If-None-Match can only be * here")
	case len(miss) == 1:
		return precondition{mustMiss: true}, nil
	case strings.TrimSpace(match[0]) == "*":
		return precondition{expected: ports.AnyVersion, mustExist: true}, nil
	}
	version, err := parseTag(strings.TrimSpace(match[0]))
	return precondition{expected: version}, err
}

func parseTag(tag string) (int, error) {
	text, weak := strings.CutPrefix(tag, "W/")
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' || strings.Contains(text[1:len(text)-1], `"`) {
		return 0, fault.New(fault.Malformed, `If-Match must be one version in quotes, such as "3", or *`)
	}
	version, err := strconv.ParseUint(text[1:len(text)-1], 10, 64)
	if weak || err != nil || version > math.MaxInt32 {
		return 0, fault.New(fault.PreconditionFailed, "no version of the workflow has the tag %s", quoted([]string{tag}))
	}
	return int(version), nil
}

// changeOf reads the precondition of a change to a workflow that must exist; the
// publisher itself says not_found when it does not.
func changeOf(header http.Header) (expected int, err error) {
	p, err := preconditionOf(header)
	if err == nil && p.mustMiss {
		err = fault.New(fault.Malformed, "If-None-Match makes no sense here")
	}
	return p.expected, err
}

// publication resolves the precondition of a PUT against what is there: whether
// the workflow exists, and the version to expect.
func (ex *exchange) publication(id string) (expected int, exists bool, err error) {
	p, err := preconditionOf(ex.r.Header)
	if err != nil {
		return 0, false, err
	}
	current, err := ex.s.deps.Publisher.Document(ex.r.Context(), id, 0)
	exists = err == nil
	switch {
	case !exists && fault.CodeOf(err) != fault.NotFound:
		return 0, false, err
	case p.mustMiss && exists:
		return 0, true, fault.New(fault.PreconditionFailed, "the workflow exists, in version %d", current.Version)
	case p.mustExist && !exists:
		return 0, false, fault.New(fault.PreconditionFailed, "the workflow does not exist")
	}
	return p.expected, exists, nil
}
