package http

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/securecookie"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// newCookies signs with HMAC-SHA-256. Expiry is part of the signed value, per
// session, so the library's own is off. The name is signed with the value: a
// cookie of one name is worth nothing under another.
func newCookies(key []byte) *securecookie.SecureCookie {
	return securecookie.New(key, nil).SetSerializer(securecookie.NopEncoder{}).MaxAge(0)
}

// hostPrefix makes browsers refuse a cookie that was not set by this very host
// over https, so that no other host of the domain can plant one. Plain http has
// no such protection and uses the bare name.
const hostPrefix = "__Host-"

// cookieName is the session cookie's name for visitors who came by https, or not.
func (s *Server) cookieName(secure bool) string {
	if !secure || strings.HasPrefix(s.cfg.CookieName, hostPrefix) {
		return s.cfg.CookieName
	}
	return hostPrefix + s.cfg.CookieName
}

// takeSession returns the id in the session cookie and removes the cookie, under
// either name, from the request, so that no script reads or stores a credential.
// A forged, broken or expired cookie reads as none.
func (s *Server) takeSession(r *http.Request, secure bool) string {
	if len(r.Header["Cookie"]) == 0 || !mentions(r.Header["Cookie"], s.cfg.CookieName) {
		return ""
	}
	id, name := "", s.cookieName(secure)
	var others []string
	for _, pair := range strings.Split(strings.Join(r.Header["Cookie"], ";"), ";") {
		pair = strings.TrimSpace(pair)
		given, value, _ := strings.Cut(pair, "=")
		switch {
		case given == name && id == "":
			id = s.verifySession(name, strings.Trim(value, `"`))
		case pair != "" && given != s.cookieName(true) && given != s.cookieName(false):
			others = append(others, pair)
		}
	}
	r.Header.Del("Cookie")
	if len(others) > 0 {
		r.Header.Set("Cookie", strings.Join(others, "; "))
	}
	return id
}

func mentions(lines []string, name string) bool {
	for _, line := range lines {
		if strings.Contains(line, name) {
			return true
		}
	}
	return false
}

// verifySession reads the signed "<unix seconds of expiry>.<id>"; expiry 0 =
// with the browser's session.
func (s *Server) verifySession(name, value string) string {
	var plain []byte
	if err := s.cookies.Decode(name, value, &plain); err != nil {
		return ""
	}
	expiry, id, found := strings.Cut(string(plain), ".")
	expires, err := strconv.ParseInt(expiry, 10, 64)
	if !found || err != nil || expires != 0 && s.deps.Clock.Now().Unix() >= expires {
		return ""
	}
	return id
}

// changeSession sets or removes the session cookie.
func (ex *exchange) changeSession(change ports.SessionChange, secure bool) error {
	cookie := &http.Cookie{ //nolint:gosec // Secure is set whenever the visitor came by https; plain http must work on loopback.
		Name:     ex.s.cookieName(secure),
		Path:     "/",
		HttpOnly: true,
		Secure:   secure,
		SameSite: http.SameSiteLaxMode,
		MaxAge:   -1,
	}
	if change.ID != "" {
		expires := int64(0)
		if change.MaxAge > 0 {
			expires = ex.s.deps.Clock.Now().Add(time.Duration(change.MaxAge) * time.Second).Unix()
		}
		plain := strconv.FormatInt(expires, 10) + "." + change.ID
		value, err := ex.s.cookies.Encode(cookie.Name, []byte(plain))
		if err != nil {
			return fault.Wrap(err, fault.Internal, "cannot sign the session cookie")
		}
		cookie.Value, cookie.MaxAge = value, max(change.MaxAge, 0)
	}
	http.SetCookie(ex, cookie)
	return nil
}

// withholdSession leaves the session that the visitor may have as it is. The log
// says so, since the page behind the request may be one that should be trusted.
func (ex *exchange) withholdSession() {
	const longest = 200
	origin := ex.r.Header.Get("Origin")
	ex.log().Warn("a page of another site sent a request that begins a session; no cookie was set; "+
		"if that site may do so, add its origin to auth.trusted_origins",
		"origin", origin[:min(len(origin), longest)], "run_id", ex.runID)
}
