package storetest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func designerTests() []test {
	return []test{
		{"a row is version 0", rowIsVersionZero},
		{"replacing starts at version 1", replaceRow},
		{"deleting hides the row", deleteRow},
		{"expected version of a row", expectedOfRow},
	}
}

func rowIsVersionZero(t *testing.T, s Stores) {
	want := Designer().Workflow
	got, err := s.Reader.Workflow(ctx(t), want.ID, 0)
	must(t, err)
	same(t, "row", got, want)
	all, err := s.Reader.Active(ctx(t))
	must(t, err)
	same(t, "active", all, []ports.Workflow{want})
	infos, err := s.Reader.Versions(ctx(t), want.ID)
	must(t, err)
	same(t, "history", infos, []ports.VersionInfo{{Active: true, Author: "designer", Bytes: len(want.Document)}})
}

func replaceRow(t *testing.T, s Stores) {
	same(t, "version", put(t, s, "designed", "ours", 0), 1)
	got, err := s.Reader.Workflow(ctx(t), "designed", 0)
	must(t, err)
	same(t, "document", string(got.Document), "ours")
	all, err := s.Reader.Active(ctx(t))
	must(t, err)
	same(t, "active", all, []ports.Workflow{{ID: "designed", Version: 1, Document: []byte("ours"), Created: noon()}})
	infos, err := s.Reader.Versions(ctx(t), "designed")
	must(t, err)
	same(t, "history", infos, []ports.VersionInfo{{Version: 1, Active: true, Created: noon(), Bytes: 4}})
	must(t, s.Writer.Delete(ctx(t), "designed", 1))
	_, err = s.Reader.Workflow(ctx(t), "designed", 0)
	fails(t, "deleting ours does not bring the row back", err, fault.NotFound)
}

func deleteRow(t *testing.T, s Stores) {
	must(t, s.Writer.Delete(ctx(t), "designed", 0))
	_, err := s.Reader.Workflow(ctx(t), "designed", 0)
	fails(t, "read", err, fault.NotFound)
	fails(t, "delete again", s.Writer.Delete(ctx(t), "designed", ports.AnyVersion), fault.NotFound)
	fails(t, "activate", s.Writer.Activate(ctx(t), "designed", 1, 0), fault.NotFound)
	all, err := s.Reader.Active(ctx(t))
	must(t, err)
	same(t, "active", len(all), 0)
	infos, err := s.Reader.Versions(ctx(t), "designed")
	must(t, err)
	same(t, "history", len(infos), 0)
	same(t, "publish again", put(t, s, "designed", "ours", 0), 1)
}

func expectedOfRow(t *testing.T, s Stores) {
	_, err := s.Writer.Put(ctx(t), ports.Workflow{ID: "designed"}, 1)
	fails(t, "put", err, fault.PreconditionFailed)
	fails(t, "delete", s.Writer.Delete(ctx(t), "designed", 1), fault.PreconditionFailed)
	got, err := s.Reader.Workflow(ctx(t), "designed", 0)
	must(t, err)
	same(t, "a refused call changes nothing", got, Designer().Workflow)
}
