// Package memory keeps everything the runtime remembers in the memory of the
// process: for tests, and for "driver = memory" where forgetting is wanted. It
// obeys the rules of package sqlstore to the letter; both run the suite in
// ports/storetest.
//
// It refuses to write to disk, and to share anything between processes.
package memory
