package script

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

// curl is the program of that name, for the lines of the documentation.
func curl() {
	c, err := parseCall(".", os.Args[1:])
	if err == nil {
		err = c.do(newClient(), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		os.Exit(1)
	}
}

func (c call) loadCookies(req *http.Request) error {
	if c.jarIn == "" {
		return nil
	}
	content, err := os.ReadFile(c.jarIn)
	if err == nil && len(content) > 0 {
		req.Header.Set("Cookie", string(content))
	}
	return err
}

func (c call) saveCookies(res *http.Response) error {
	if c.jarOut == "" {
		return nil
	}
	var pairs []string
	for _, cookie := range res.Cookies() {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return os.WriteFile(c.jarOut, []byte(strings.Join(pairs, "; ")), 0o600)
}
