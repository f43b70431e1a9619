package preflight

import (
	"maps"
	"slices"
	"strings"
)

// The modules a plugin may import from.
const (
	Host = "nflow_v1"
	WASI = "wasi_snapshot_preview1"
)

// hostFunctions are those of the contract.
func hostFunctions() map[string]signature {
	const one, two, number = "\x7f", "\x7f\x7f", "\x7f"
	return map[string]signature{
		"input_len":    {"", number},
		"input_read":   {two, number},
		"output_write": {two, ""},
		"host_call":    {two, number},
		"host_read":    {two, number},
	}
}

// wasiFunctions are all that WASI preview 1 has. Those that need rights nobody
// gives fail when they are called.
func wasiFunctions() []string {
	return strings.Fields(`args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get
		fd_advise fd_allocate fd_close fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights
		fd_filestat_get fd_filestat_set_size fd_filestat_set_times fd_pread fd_prestat_get fd_prestat_dir_name
		fd_pwrite fd_read fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write
		path_create_directory path_filestat_get path_filestat_set_times path_link path_open path_readlink
		path_remove_directory path_rename path_symlink path_unlink_file
		poll_oneoff proc_exit proc_raise random_get sched_yield sock_accept sock_recv sock_send sock_shutdown`)
}

func (m *module) decodeImports(s *reader) {
	host, wasi := hostFunctions(), wasiFunctions()
	n := s.count("imports", m.limits.Imports)
	for i := uint32(0); i < n && s.err == nil; i++ {
		from, name := s.name(m.limits.NameBytes), s.name(m.limits.NameBytes)
		kind := s.byte()
		if s.err != nil {
			return
		}
		if kind != 0 {
			s.fail("the module imports the %s %s.%s; only functions can be imported, so let the module have its own", kindName(kind), from, name)
			return
		}
		index := m.typeIndex(s)
		if s.err != nil {
			return
		}
		m.funcs = append(m.funcs, index)
		m.imported++
		switch from {
		case Host:
			m.checkHostImport(s, host, name, m.types[index])
		case WASI:
			if !slices.Contains(wasi, name) {
				s.fail("the module imports %s.%s, which does not exist", from, name)
			}
		default:
			s.fail("the module imports %s.%s, but plugins may import only from %s and %s; %s", from, name, Host, WASI, adviceOn(from))
		}
	}
}

func (m *module) checkHostImport(s *reader, host map[string]signature, name string, got signature) {
	want, ok := host[name]
	switch {
	case !ok:
		s.fail("the module imports %s.%s, which does not exist; there are %s", Host, name, strings.Join(slices.Sorted(maps.Keys(host)), ", "))
	case got != want:
		s.fail("the module imports %s.%s as %s, but it is %s", Host, name, got, want)
	}
}

// adviceOn says what an import usually comes from.
func adviceOn(from string) string {
	switch {
	case from == "env":
		return "a function that was never defined, or the abort of AssemblyScript, is imported from env"
	case from == "wasi_unstable":
		return "build it with a newer compiler"
	case from == "gojs" || from == "go":
		return "build it with GOOS=wasip1, not GOOS=js"
	case strings.HasPrefix(from, "wasi:"):
		return "build it for wasip1, not wasip2"
	}
	return "see ABI.md"
}

func kindName(kind byte) string {
	names := []string{"function", "table", "memory", "global", "tag"}
	if int(kind) < len(names) {
		return names[kind]
	}
	return "thing"
}

// String is the signature as ABI.md writes it, such as (i32, i32) -> i32.
func (g signature) String() string {
	out := "(" + valueNames(g.params) + ")"
	if g.results != "" {
		out += " -> " + valueNames(g.results)
	}
	return out
}

func valueNames(values string) string {
	var names []string
	for _, b := range []byte(values) {
		switch b {
		case i32:
			names = append(names, "i32")
		case i64:
			names = append(names, "i64")
		case f32:
			names = append(names, "f32")
		case f64:
			names = append(names, "f64")
		case v128:
			names = append(names, "v128")
		default:
			names = append(names, "ref")
		}
	}
	return strings.Join(names, ", ")
}
