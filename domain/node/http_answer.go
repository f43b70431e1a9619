package node

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// httpAnswer is {status, headers, body}: header names in lower case, a JSON body
// parsed, other text as a string, other bytes in base64.
func httpAnswer(r HTTPResult) (payload.Value, error) {
	lines := map[string]string{}
	for _, h := range r.Header {
		name := strings.ToLower(h.Name)
		if earlier, twice := lines[name]; twice {
			lines[name] = earlier + ", " + h.Value
			continue
		}
		lines[name] = h.Value
	}
	return payload.From(map[string]any{
		"status":  r.Status,
		"headers": lines,
		"body":    bodyValue(lines["content-type"], r.Body),
	})
}

func bodyValue(contentType string, body []byte) payload.Value {
	if strings.Contains(contentType, "json") {
		if v, err := payload.Parse(body); err == nil {
			return v
		}
	}
	if utf8.Valid(body) {
		return payload.Text(string(body))
	}
	return payload.Text(base64.StdEncoding.EncodeToString(body))
}

// statusSet is the statuses that count as success.
type statusSet struct {
	text   string
	ranges [][2]int
}

// parseStatusSet reads "any", "2xx", "200,204", "200-299", a number or a list of
// these; nothing means 2xx.
func parseStatusSet(v payload.Value) (statusSet, error) {
	words := strings.Join(oneOrMany(v), ",")
	if words == "" {
		words = "2xx"
	}
	s := statusSet{text: words}
	for word := range strings.SplitSeq(words, ",") {
		low, high, ok := statusRange(strings.ToLower(strings.TrimSpace(word)))
		if !ok {
			return s, fault.New(fault.Invalid, `%q is not a status; use any, 2xx, 200, 200-204 or a list of these`, word)
		}
		s.ranges = append(s.ranges, [2]int{low, high})
	}
	return s, nil
}

func statusRange(word string) (low, high int, ok bool) {
	if word == "any" {
		return 100, 599, true
	}
	if len(word) == 3 && word[0] >= '1' && word[0] <= '5' && word[1:] == "xx" {
		low = int(word[0]-'0') * 100
		return low, low + 99, true
	}
	first, last, isRange := strings.Cut(word, "-")
	if !isRange {
		last = first
	}
	low, err1 := strconv.Atoi(first)
	high, err2 := strconv.Atoi(last)
	return low, high, err1 == nil && err2 == nil && low >= 100 && high <= 599 && low <= high
}

func (s statusSet) has(status int) bool {
	for _, r := range s.ranges {
		if status >= r[0] && status <= r[1] {
			return true
		}
	}
	return false
}

// String is the set as its author wrote it.
func (s statusSet) String() string { return s.text }
