package worker

import "golang.org/x/sys/unix"

// lowPriority is the nice value of a process that starts, or runs a long script:
// beside an ordinary one it gets a thirtieth of a processor, alone all of it.
const lowPriority = 15

// makeWay lowers the priority of the process, all its threads included: it leads
// a process group of its own.
func (p *process) makeWay() { p.setPriority(lowPriority) }

// comeBack gives the process its priority back, for which the server needs a
// right: CAP_SYS_NICE or a nice limit.
func (p *process) comeBack() bool { return p.setPriority(0) }

func (p *process) setPriority(nice int) bool {
	return unix.Setpriority(unix.PRIO_PGRP, p.cmd.Process.Pid, nice) == nil
}
