package mail

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
)

// Check connects to the server, greets it and logs in as for a mail, and says
// goodbye. Faults as for Send.
func (m *Mailer) Check(ctx context.Context) error {
	if !m.cfg.Enabled {
		return fault.New(fault.Disabled, "mail is switched off; the operator can configure it with [mail] enabled = true")
	}
	checkCtx, cancel := context.WithTimeoutCause(ctx, m.cfg.Timeout, errTimeout)
	defer cancel()
	line := &line{ctx: checkCtx}
	defer line.release()
	client, err := m.client(line)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "the mail settings cannot be used")
	}
	if err := client.DialWithContext(checkCtx); err != nil {
		return m.sendFault(ctx, checkCtx, err)
	}
	_ = client.Close() // it let us in; that it did not say goodbye is no fault
	return nil
}
