package sqlstore_test

import (
	"context"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/sqlstore"
	"github.com/arturoeanton/nflow-runtime/domain/payload"
	"github.com/arturoeanton/nflow-runtime/ports"
)

// callEverything makes each statement of ours run; whether it finds something
// does not matter.
func callEverything(ctx context.Context, s *sqlstore.Store) {
	now := time.Unix(1e9, 0)
	_, _ = s.Put(ctx, ports.Workflow{ID: "w"}, ports.AnyVersion)
	_ = s.Activate(ctx, "w", 1, ports.AnyVersion)
	_, _ = s.Workflow(ctx, "w", 0)
	_, _ = s.Versions(ctx, "w")
	_, _, _ = s.ChangedSince(ctx, 0)
	_, _ = s.Module(ctx, "m")
	_ = s.PutModule(ctx, ports.Module{Name: "m"})
	_, _ = s.Template(ctx, "m")
	_ = s.PutTemplate(ctx, ports.Template{Name: "m"})
	_ = s.UpgradePassword(ctx, "ana", "hash")
	_, _ = s.User(ctx, "ana")
	_ = s.PutToken(ctx, ports.Token{Hash: "h"})
	_, _ = s.Token(ctx, "h", now)
	_, _ = s.PutSettingIfAbsent(ctx, "k", "v")
	_, _ = s.Setting(ctx, "k")
	for version := range 2 {
		_, _ = s.SaveSession(ctx, ports.Session{Key: "k", Version: version, Values: payload.EmptyObject()})
	}
	_, _ = s.Session(ctx, "k", now)
	_ = s.DeleteSession(ctx, "k")
	for _, f := range []ports.RunFilter{{}, {Workflow: "w"}, {Status: ports.RunFailed}, {Before: "r"}, {Before: "x", Workflow: "w"}} {
		_ = s.AppendRuns(ctx, []ports.RunRecord{{ID: "r", Started: now}})
		f.Limit = 9
		_, _ = s.Runs(ctx, f)
		_, _ = s.Run(ctx, "r")
		_, _ = s.PruneRuns(ctx, f.Workflow, 1, 9)
	}
	_, _ = s.PruneRunsBefore(ctx, now, 9)
	_ = s.AppendTracker(ctx, []ports.TrackerRow{visited("r", 1)})
	_, _ = s.PruneTracker(ctx, now, 0, 9)
	_, _ = s.PruneTracker(ctx, now, 9, 9)
	p := ports.StoredPlugin{PluginRevision: ports.PluginRevision{Name: "p", Platform: "any"}, PluginFile: ports.PluginFile{Artifact: []byte("a")}}
	_, _ = s.InstallPlugin(ctx, p)
	_, _ = s.InstalledPlugin(ctx, "p", "any")
	_, _ = s.PluginRevisions(ctx, "")
	_ = s.RemovePlugin(ctx, "p")
	_ = s.SwitchPlugin(ctx, "p", true)
	_ = s.ReloadPlugin(ctx, "p")
	_ = s.PutValue(ctx, "s", "k", payload.EmptyObject(), 9)
	_ = s.PutValue(ctx, "s", "k", payload.EmptyObject(), 9)
	_, _ = s.Value(ctx, "s", "k")
	_ = s.DeleteValue(ctx, "s", "k")
	_ = s.Delete(ctx, "w", ports.AnyVersion)
}
