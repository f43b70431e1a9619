package http

// serveEndpoint hands a request to the workflow that owns its path.
func (s *Server) serveEndpoint(ex *exchange) error {
	in, err := ex.head()
	if err != nil {
		return err
	}
	foreign, err := s.origins.check(ex.r, in)
	if err != nil {
		return err
	}
	if err := ex.read(in); err != nil {
		return err
	}
	secure := in.Scheme == "https" // before anybody else holds in
	ex.runs = true
	out, err := s.deps.Endpoints.Serve(ex.r.Context(), in)
	ex.setRun(out.RunID)
	ex.counted(out.Allowance)
	switch {
	case !out.Session.Changed:
	case foreign:
		ex.withholdSession()
	default:
		if err := ex.changeSession(out.Session, secure); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return ex.reply(out.Reply)
}

// setRun names the run in the answer, in the designer's own header.
func (ex *exchange) setRun(id string) {
	if id == "" {
		return
	}
	ex.runID = id
	ex.Header().Set("Nflow-Wid-1", printable(id))
}
