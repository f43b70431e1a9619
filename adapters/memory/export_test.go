package memory

// Buckets is the number of buckets that are remembered.
func (l *Limiter) Buckets() int {
	n := 0
	for i := range l.shards {
		s := &l.shards[i]
		s.mu.Lock()
		n += len(s.full)
		s.mu.Unlock()
	}
	return n
}
