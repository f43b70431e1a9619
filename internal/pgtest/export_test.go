//go:build unix

package pgtest

// Dir is the folder the server lives in.
func (s *Server) Dir() string { return s.dir }
