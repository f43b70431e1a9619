package http

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync/atomic"
)

// maxRequestID is the longest X-Request-Id taken over from a client.
const maxRequestID = 128

// requestIDs makes ids that are unique, not secret: a random prefix for the
// server and a count.
type requestIDs struct {
	prefix string
	count  atomic.Uint64
}

func newRequestIDs() *requestIDs {
	var b [6]byte
	rand.Read(b[:]) // never fails
	return &requestIDs{prefix: hex.EncodeToString(b[:]) + "-"}
}

// of returns the client's id when it is sane, else a new one.
func (r *requestIDs) of(given string) string {
	if saneRequestID(given) {
		return given
	}
	b := make([]byte, 0, 32)
	b = append(b, r.prefix...)
	return string(strconv.AppendUint(b, r.count.Add(1), 36))
}

func saneRequestID(id string) bool {
	if id == "" || len(id) > maxRequestID {
		return false
	}
	for i := range len(id) {
		if c := id[i]; !isAlphanumeric(c) && strings.IndexByte("-_.:/+=@", c) < 0 {
			return false
		}
	}
	return true
}
