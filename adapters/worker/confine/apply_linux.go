package confine

import "runtime"

// Apply confines the whole process, every thread of it, and says how far that
// went. A measure that fails does not stop the others. It takes about a
// millisecond and belongs after WarmUp, before the first script.
//
// The order is forced: what needs files or descriptors of its own comes
// before Landlock and the limits, and seccomp, which would refuse all of
// these steps, comes last.
func Apply(c Config) Report {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var r Report
	r.add(Descriptors, "", closeInherited(c.Keep))
	r.add(Environment, "", clearEnvironment())
	detail, err := dropPrivileges()
	r.add(Privileges, detail, err)
	r.add(NoNewPrivs, "", refusesNewPrivileges())
	detail, err = limitMemory(c.MemoryBytes)
	r.add(MemoryLimit, detail, err)
	detail, err = lockedFiles()
	r.add(Landlock, detail, err)
	r.add(Resources, "", limitResources())
	r.add(Seccomp, "", filterCalls())
	return r
}
