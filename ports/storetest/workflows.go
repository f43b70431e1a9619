package storetest

import (
	"strings"
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func workflowTests() []test {
	return []test{
		{"versions are kept as they were given", keepVersions},
		{"empty and odd contents", oddDocuments},
		{"active lists by id", activeByID},
		{"not found", workflowNotFound},
		{"bad ids are refused", badIDs},
		{"expected version", expectedVersion},
		{"activate an older version", activateOlder},
		{"delete, then publish again", deleteAndPublish},
		{"nothing is shared with the caller", workflowAliases},
		{"64 writers: one wins each version", lostUpdates},
		{"64 writers: none is lost with any version", anyVersionWriters},
	}
}

func put(t *testing.T, s Stores, id, document string, expected int) int {
	t.Helper()
	n, err := s.Writer.Put(ctx(t), ports.Workflow{ID: id, Document: []byte(document), Created: noon()}, expected)
	must(t, err)
	return n
}

func keepVersions(t *testing.T, s Stores) {
	first := ports.Workflow{ID: "shop", Document: []byte("{\n}\n"), DefaultJS: "auth", Created: noon(), Author: "ana", Version: 99}
	n, err := s.Writer.Put(ctx(t), first, 0)
	must(t, err)
	same(t, "first version", n, 1)
	same(t, "second version", put(t, s, "shop", "[2]", 1), 2)
	first.Version = 1
	got, err := s.Reader.Workflow(ctx(t), "shop", 1)
	must(t, err)
	same(t, "version 1", got, first)
	got, err = s.Reader.Workflow(ctx(t), "shop", 0)
	must(t, err)
	same(t, "active version", got, ports.Workflow{ID: "shop", Version: 2, Document: []byte("[2]"), Created: noon()})
	infos, err := s.Reader.Versions(ctx(t), "shop")
	must(t, err)
	same(t, "history", infos, []ports.VersionInfo{
		{Version: 2, Active: true, Created: noon(), Bytes: 3},
		{Version: 1, Created: noon(), Author: "ana", Bytes: 4},
	})
}

func oddDocuments(t *testing.T, s Stores) {
	for name, document := range map[string]string{
		"empty": "", "unicode": odd(), "megabyte": megabyte(), "bytes": "\x00\xff\xfe{}",
	} {
		w := ports.Workflow{ID: "odd " + odd() + name, Version: 1, Document: []byte(document), Author: odd(), DefaultJS: odd()}
		_, err := s.Writer.Put(ctx(t), w, 0)
		must(t, err)
		got, err := s.Reader.Workflow(ctx(t), w.ID, 0)
		must(t, err)
		same(t, name, got, w)
	}
}

func activeByID(t *testing.T, s Stores) {
	for _, id := range []string{"b", "Z", "ä", "a", "a.b", "a-b"} {
		put(t, s, id, "old", 0)
		put(t, s, id, id, 1)
	}
	must(t, s.Writer.Delete(ctx(t), "b", 2))
	all, err := s.Reader.Active(ctx(t))
	must(t, err)
	var ids []string
	for _, w := range all {
		ids = append(ids, w.ID)
		if w.ID != "designed" && (string(w.Document) != w.ID || w.Version != 2 || !w.Created.Equal(noon())) {
			t.Errorf("workflow %q is %+v", w.ID, w)
		}
	}
	same(t, "ids", ids, []string{"Z", "a", "a-b", "a.b", "designed", "ä"})
}

func workflowNotFound(t *testing.T, s Stores) {
	put(t, s, "shop", "{}", 0)
	for _, tt := range []struct {
		name    string
		id      string
		version int
	}{
		{"unknown", "nobody", 0}, {"empty id", "", 0}, {"zero byte", "a\x00", 0}, {"unknown version of unknown", "nobody", 1},
		{"unknown version", "shop", 2}, {"negative version", "shop", -3}, {"version of a designer's row", "designed", 1},
		{"case counts", "SHOP", 0},
	} {
		_, err := s.Reader.Workflow(ctx(t), tt.id, tt.version)
		fails(t, tt.name, err, fault.NotFound)
		fails(t, "activate: "+tt.name, s.Writer.Activate(ctx(t), tt.id, max(2, tt.version), ports.AnyVersion), fault.NotFound)
	}
	for _, id := range []string{"nobody", "", "a\x00"} {
		infos, err := s.Reader.Versions(ctx(t), id)
		must(t, err)
		same(t, "history of unknown", len(infos), 0)
		fails(t, "delete", s.Writer.Delete(ctx(t), id, ports.AnyVersion), fault.NotFound)
		fails(t, "delete with version", s.Writer.Delete(ctx(t), id, 5), fault.NotFound)
	}
	same(t, "a refused call leaves no trace", put(t, s, "nobody", "{}", 0), 1)
}

func badIDs(t *testing.T, s Stores) {
	for name, id := range map[string]string{
		"empty": "", "long": strings.Repeat("x", 201), "zero byte": "a\x00b", "not UTF-8": "a\xff",
	} {
		_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: id, Document: []byte("{}")}, ports.AnyVersion)
		fails(t, name, err, fault.Invalid)
	}
	put(t, s, strings.Repeat("x", 200), "{}", 0)
}

func expectedVersion(t *testing.T, s Stores) {
	_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: "shop"}, 1)
	fails(t, "put over nothing, expecting 1", err, fault.PreconditionFailed)
	put(t, s, "shop", "one", 0)
	for _, wrong := range []int{0, 2, -2} {
		_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: "shop"}, wrong)
		fails(t, "put", err, fault.PreconditionFailed)
		fails(t, "activate", s.Writer.Activate(ctx(t), "shop", 1, wrong), fault.PreconditionFailed)
		fails(t, "delete", s.Writer.Delete(ctx(t), "shop", wrong), fault.PreconditionFailed)
	}
	same(t, "no number was wasted", put(t, s, "shop", "two", ports.AnyVersion), 2)
	got, err := s.Reader.Workflow(ctx(t), "shop", 1)
	must(t, err)
	same(t, "version 1", string(got.Document), "one")
}

func activateOlder(t *testing.T, s Stores) {
	put(t, s, "shop", "one", 0)
	put(t, s, "shop", "two", 1)
	must(t, s.Writer.Activate(ctx(t), "shop", 1, 2))
	got, err := s.Reader.Workflow(ctx(t), "shop", 0)
	must(t, err)
	same(t, "active", string(got.Document), "one")
	infos, err := s.Reader.Versions(ctx(t), "shop")
	must(t, err)
	same(t, "marks", []bool{infos[0].Active, infos[1].Active}, []bool{false, true})
	same(t, "numbers go on", put(t, s, "shop", "three", 1), 3)
	for _, version := range []int{0, 4, -1} {
		fails(t, "no such version", s.Writer.Activate(ctx(t), "shop", version, 3), fault.NotFound)
	}
	must(t, s.Writer.Activate(ctx(t), "shop", 3, ports.AnyVersion))
}

func deleteAndPublish(t *testing.T, s Stores) {
	put(t, s, "shop", "one", 0)
	put(t, s, "shop", "two", 1)
	must(t, s.Writer.Delete(ctx(t), "shop", 2))
	_, err := s.Reader.Workflow(ctx(t), "shop", 0)
	fails(t, "active after delete", err, fault.NotFound)
	old, err := s.Reader.Workflow(ctx(t), "shop", 2)
	must(t, err)
	same(t, "history stays", string(old.Document), "two")
	infos, err := s.Reader.Versions(ctx(t), "shop")
	must(t, err)
	same(t, "history", []any{len(infos), infos[0].Active, infos[1].Active}, []any{2, false, false})
	fails(t, "delete again", s.Writer.Delete(ctx(t), "shop", ports.AnyVersion), fault.NotFound)
	_, err = s.Writer.Put(ctx(t), ports.Workflow{ID: "shop"}, 2)
	fails(t, "expecting the deleted version", err, fault.PreconditionFailed)
	same(t, "numbers are never used again", put(t, s, "shop", "three", 0), 3)
	must(t, s.Writer.Delete(ctx(t), "shop", 3))
	must(t, s.Writer.Activate(ctx(t), "shop", 1, 0))
	got, err := s.Reader.Workflow(ctx(t), "shop", 0)
	must(t, err)
	same(t, "revived", string(got.Document), "one")
}

func workflowAliases(t *testing.T, s Stores) {
	document := []byte("keep")
	_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: "shop", Document: document}, 0)
	must(t, err)
	document[0] = 'X'
	got, err := s.Reader.Workflow(ctx(t), "shop", 0)
	must(t, err)
	same(t, "after changing what was put", string(got.Document), "keep")
	got.Document[0] = 'Y'
	all, err := s.Reader.Active(ctx(t))
	must(t, err)
	for i := range all {
		all[i].Document[0] = 'Z'
	}
	again, err := s.Reader.Workflow(ctx(t), "shop", 0)
	must(t, err)
	same(t, "after changing what was read", string(again.Document), "keep")
	drawn, err := s.Reader.Workflow(ctx(t), "designed", 0)
	must(t, err)
	same(t, "the designer's row", drawn, Designer().Workflow)
}
