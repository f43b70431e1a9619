//go:build !linux

package worker

// makeWay does nothing here: the system shares the processors as it likes.
func (p *process) makeWay() {}

// comeBack does nothing here.
func (p *process) comeBack() bool { return true }
