//go:build unix

package redistest

// Dir is the folder the server lives in.
func (s *Server) Dir() string { return s.dir }
