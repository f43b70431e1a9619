package script

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// call is a request in curl's spelling: only the options that the scripts and
// the documentation use; any other is an error.
type call struct {
	method, url string
	header      http.Header
	body        string
	include     bool   // -i: status and headers too
	jarOut      string // -c: file to write cookies to
	jarIn       string // -b: file to read cookies from
}

func parseCall(dir string, args []string) (call, error) {
	c := call{header: http.Header{}}
	var err error
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch {
		case !strings.HasPrefix(flag, "-"):
			c.url = flag
			continue
		case flag == "-i" || flag == "-s":
			c.include = c.include || flag == "-i"
			continue
		case len(args) == 0:
			return c, fmt.Errorf("%s has no value", flag)
		}
		value := args[0]
		args = args[1:]
		if err = c.set(dir, flag, value); err != nil {
			return c, err
		}
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	if !strings.Contains(c.url, "://") {
		err = fmt.Errorf("%q is not a URL", c.url)
	}
	return c, err
}

func (c *call) set(dir, flag, value string) error {
	switch flag {
	case "-X":
		c.method = value
	case "-H":
		name, text, _ := strings.Cut(value, ":")
		c.header.Set(name, strings.TrimSpace(text))
	case "-c":
		c.jarOut = filepath.Join(dir, value)
	case "-b":
		c.jarIn = filepath.Join(dir, value)
	case "-d", "--data-binary":
		if name, isFile := strings.CutPrefix(value, "@"); isFile {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			value = string(content)
		} else if c.body != "" {
			value = c.body + "&" + value
		}
		c.body = value
		if c.method == "" {
			c.method = http.MethodPost
		}
		if c.header.Get("Content-Type") == "" {
			c.header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	default:
		return fmt.Errorf("curl has no option %s here", flag)
	}
	return nil
}

// shown are the headers that a script may look at.
var shown = []string{
	"Allow", "Content-Type", "ETag", "Location", "Nflow-Wid-1", "Retry-After", "Set-Cookie", "Www-Authenticate",
	"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
}

// do sends the request and writes the answer. A status of failure is an error,
// unless -i shows it.
func (c call) do(client *http.Client, w io.Writer) error {
	req, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body))
	if err != nil {
		return err
	}
	req.Header = c.header
	if err := c.loadCookies(req); err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if c.include {
		fmt.Fprintf(w, "HTTP %d\n", res.StatusCode)
		for name, values := range res.Header {
			if slices.Contains(shown, http.CanonicalHeaderKey(name)) || name == "Etag" {
				fmt.Fprintf(w, "%s: %s\n", strings.ToLower(name), strings.Join(values, ", "))
			}
		}
		fmt.Fprintln(w)
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := c.saveCookies(res); err != nil || c.include || res.StatusCode < http.StatusBadRequest {
		return err
	}
	return fmt.Errorf("the answer is %s", res.Status) // as curl --fail
}

// newClient follows no redirects.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DisableKeepAlives: true},
	}
}
