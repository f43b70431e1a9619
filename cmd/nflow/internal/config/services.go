package config

import "strings"

// dropServiceLinks removes the variables Kubernetes sets in every pod for each
// service in its namespace. A service called nflow gives NFLOW_SERVICE_HOST,
// NFLOW_SERVICE_PORT, NFLOW_PORT_8080_TCP and more, which nobody wrote and which
// must not count as unknown settings.
func dropServiceLinks(values map[string]string) {
	for name, port := range values {
		service, ok := strings.CutSuffix(name, "_SERVICE_PORT")
		if !ok || !isNumber(port) {
			continue
		}
		if _, ok := values[service+"_SERVICE_HOST"]; !ok {
			continue
		}
		for other, value := range values {
			if isServiceLink(other, service, value) {
				delete(values, other)
			}
		}
		delete(values, service+"_SERVICE_HOST")
	}
}

func isServiceLink(name, service, value string) bool {
	rest, ok := strings.CutPrefix(name, service)
	if !ok {
		return false
	}
	return strings.HasPrefix(rest, "_SERVICE_PORT") ||
		rest == "_PORT" && strings.Contains(value, "://") ||
		isPortLink(strings.CutPrefix(rest, "_PORT_"))
}

// isPortLink knows 8080_TCP, 8080_TCP_ADDR and the like.
func isPortLink(rest string, ok bool) bool {
	number, _, more := strings.Cut(rest, "_")
	return ok && more && isNumber(number)
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
