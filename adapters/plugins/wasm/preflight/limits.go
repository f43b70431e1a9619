package preflight

// Limits bound a module. They are far above what compilers make of sensible
// plugins, and keep decoding, compiling and starting one affordable.
type Limits struct {
	FileBytes   int // of the module
	Types       int // function types
	Params      int // parameters, and results, of one type
	TypeValues  int // parameters and results of all types
	Imports     int
	Exports     int
	Functions   int
	BodyBytes   int // of one function
	Locals      int // of one function
	Labels      int // of one br_table
	Globals     int
	Tables      int
	TableSize   int // elements of all tables, as they start and when they grow
	Elements    int // element segments
	DataCount   int // data segments
	NameBytes   int // of one name
	MemoryBytes int64
}

// pageBytes is the unit of a memory's size.
const pageBytes = 64 << 10

// maxPages is what 32 bits can address.
const maxPages = 1 << 16

// Defaults are the limits of a plugin with so much memory.
func Defaults(memoryBytes int64) Limits {
	return Limits{
		FileBytes: 64 << 20,
		Types:     10_000, Params: 200, TypeValues: 100_000,
		Imports: 1_000, Exports: 20_000,
		Functions: 200_000, BodyBytes: 2 << 20, Locals: 10_000, Labels: 65_520,
		Globals: 20_000,
		Tables:  16, TableSize: 1 << 18, Elements: 10_000,
		DataCount: 100_000,
		NameBytes: 4_096, MemoryBytes: memoryBytes,
	}
}

// Pages is the most pages of memory.
func (l Limits) Pages() uint64 { return min(uint64(max(l.MemoryBytes, 0))/pageBytes, maxPages) }
