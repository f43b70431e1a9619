package architecture

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// testRoom is the row that says what test files may do on top of their room.
const testRoom = "*_test.go"

// Plan is the rooms table of ARCHITECTURE.md.
type Plan struct {
	module string
	rooms  []room
	sets   map[string][]string
}

// room is one row. Ours holds room names and "x/*" patterns; others is
// expanded, in the order in which entries decide.
type room struct {
	name       string
	planned    bool
	ours       []string
	others     []string
	goroutines bool
	vars       string
}

// Parse reads the rooms and sets tables of a Markdown document. Module is the
// module path that makes an import one of ours.
func Parse(module, markdown string) (Plan, error) {
	p := Plan{module: module, sets: map[string][]string{}}
	var faults []error
	for _, row := range rowsUnder(markdown, "set") {
		if len(row) != 2 {
			faults = append(faults, fmt.Errorf("set %v: want 2 cells", row))
			continue
		}
		p.sets[row[0]] = strings.Fields(row[1])
	}
	for _, row := range rowsUnder(markdown, "room") {
		r, err := p.parseRoom(row)
		faults = append(faults, err)
		p.rooms = append(p.rooms, r)
	}
	if len(p.rooms) == 0 {
		faults = append(faults, errors.New("no rooms table: want a row that starts with | room |"))
	}
	faults = append(faults, p.unknownRooms()...)
	return p, errors.Join(faults...)
}

func (p Plan) parseRoom(row []string) (room, error) {
	if len(row) != 5 {
		return room{}, fmt.Errorf("room %v: want 5 cells", row)
	}
	name, planned := strings.CutSuffix(row[0], " (planned)")
	r := room{
		name:       name,
		planned:    planned,
		ours:       strings.Fields(strings.Trim(row[1], "-")),
		others:     p.expand(strings.Fields(row[2]), 0),
		goroutines: row[3] == "yes",
		vars:       row[4],
	}
	if row[3] != "yes" && row[3] != "no" {
		return r, fmt.Errorf("room %s: goroutines is %q, want yes or no", name, row[3])
	}
	if !slices.Contains([]string{"none", "fixed", "any"}, r.vars) {
		return r, fmt.Errorf("room %s: package vars is %q, want none, fixed or any", name, r.vars)
	}
	return r, nil
}

// expand replaces set names by what they hold. Sets that hold each other stop
// at the depth of the whole list.
func (p Plan) expand(entries []string, depth int) []string {
	var out []string
	for _, e := range entries {
		if held, ok := p.sets[e]; ok && depth <= len(p.sets) {
			out = append(out, p.expand(held, depth+1)...)
			continue
		}
		out = append(out, e)
	}
	return out
}

// unknownRooms reports entries of the second column that name no row.
func (p Plan) unknownRooms() []error {
	var faults []error
	for _, r := range p.rooms {
		for _, entry := range r.ours {
			known := func(other room) bool { return namesRoom(entry, other.name) }
			if !slices.ContainsFunc(p.rooms, known) {
				faults = append(faults, fmt.Errorf("room %s: %q names no room", r.name, entry))
			}
		}
	}
	return faults
}

// roomOf finds the row that covers a folder: the longest name that contains it.
func (p Plan) roomOf(folder string) (room, bool) {
	var best room
	found := false
	for _, r := range p.rooms {
		if within(folder, r.name) && len(r.name) >= len(best.name) {
			best, found = r, true
		}
	}
	return best, found
}

func (p Plan) named(name string) room {
	for _, r := range p.rooms {
		if r.name == name {
			return r
		}
	}
	return room{}
}

// Rooms lists the rooms that must exist, in the order of the table.
func (p Plan) Rooms() []string {
	var names []string
	for _, r := range p.rooms {
		if !r.planned && r.name != testRoom {
			names = append(names, r.name)
		}
	}
	return names
}
