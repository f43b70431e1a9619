package kit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/plugins-sdk/wire"
)

// own is an error that a plugin gave.
type own struct {
	Code    string `json:"code"`
	Message string `json:"-"`
}

// reported is the error a plugin gave, unless err comes from elsewhere.
func reported(err error) (own, bool) {
	f := fault.As(err)
	if f == nil || f.Detail == "" {
		return own{}, false
	}
	var e own
	if json.Unmarshal([]byte(f.Detail), &e) != nil {
		return own{}, false
	}
	_, e.Message, _ = strings.Cut(f.Message, ": ")
	return e, true
}

// slip is an error that should have been another.
type slip struct{ name, problem string }

// internals are words of a program's inside that say nothing to its users, and
// something to its enemies.
var internals = regexp.MustCompile(`(?i)goroutine \d|runtime error|panic:|nil pointer|null ?pointer|0x[0-9a-f]{7,}|\.(go|py|c|rs|ts|js|java):\d+|Traceback|File "|segfault|segmentation fault|core dumped|Go (struct field|value)|cannot unmarshal|site-packages|/home/|/root/|/usr/lib|assertion failed|unreachable executed`)

// judge remembers what is wrong with an error that the plugin gave.
func (b *bench) judge(err error) {
	e, is := reported(err)
	if !is {
		return
	}
	problem := ""
	switch {
	case !knownCode(e.Code):
		problem = fmt.Sprintf("the code %q is unknown", e.Code)
	case strings.TrimSpace(e.Message) == "":
		problem = "the error " + e.Code + " has no message"
	case internals.MatchString(e.Message):
		problem = fmt.Sprintf("the message shows internals (%s): %.200s", internals.FindString(e.Message), e.Message)
	}
	if problem != "" && len(b.slips) < 20 {
		b.slips = append(b.slips, slip{b.current, problem})
	}
}

func knownCode(code string) bool {
	switch wire.Code(code) {
	case wire.InvalidArgument, wire.PermissionDenied, wire.NotFound, wire.Conflict, wire.PayloadTooLarge,
		wire.ResourceExhausted, wire.Internal, wire.Unavailable, wire.DeadlineExceeded, wire.Cancelled:
		return true
	}
	return false
}
