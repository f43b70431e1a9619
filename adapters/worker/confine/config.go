package confine

// Config says what a confined process keeps.
type Config struct {
	// Keep lists the descriptors that stay open. All others are closed, also
	// standard input and output; only the runtime's own poller stays.
	Keep []int
	// MemoryBytes is what the process may add to its memory from Apply on. The
	// collector keeps it there if it can; an eighth and 25 MiB beyond, the
	// process dies (see CauseOf). 0 means no limit.
	MemoryBytes int64
}
