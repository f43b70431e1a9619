package flow_test

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/flow"
)

func TestReadContinuation(t *testing.T) {
	tests := []struct {
		path string
		want flow.Continuation
	}{
		{"/", flow.Continuation{Path: "/"}},
		{"/shop/pay", flow.Continuation{Path: "/shop/pay"}},
		{"/nfoo/nftkx/xnfnext/1", flow.Continuation{Path: "/nfoo/nftkx/xnfnext/1"}},
		{"/shop/nftk/tag", flow.Continuation{Path: "/shop", Tracked: true}},
		{"/shop/nftk/tag/nfnext/n-1", flow.Continuation{Path: "/shop", Node: "n-1", Tracked: true}},
		{"/shop/nfnext/n-1", flow.Continuation{Path: "/shop", Node: "n-1"}},
		{"/shop/nfnext/n-1/", flow.Continuation{Path: "/shop", Node: "n-1"}},
		{"/shop/nflow_next_node_run/n-1", flow.Continuation{Path: "/shop", Node: "n-1"}},
		{"/nfnext/n-1", flow.Continuation{Path: "/", Node: "n-1"}},
		{"/nftk/tag", flow.Continuation{Path: "/", Tracked: true}},
		{"/a/b/nftk/nfnext/nfnext/7", flow.Continuation{Path: "/a/b", Node: "7", Tracked: true}},
		{"/nflow/node/run/Home/n-1", flow.Continuation{Path: "/", Flow: "Home", Node: "n-1"}},
		{"/nflow/node/run/Home/n-1/", flow.Continuation{Path: "/", Flow: "Home", Node: "n-1"}},
		{"/nflow/node/run//n-1", flow.Continuation{Path: "/", Node: "n-1"}},
		{"/nflow/node/run/Home", flow.Continuation{Path: "/nflow/node/run/Home"}},
		{"/nflow/node/run/Home/", flow.Continuation{Path: "/nflow/node/run/Home/"}},
		{"/nflow/node/run/Ñandú shop/1", flow.Continuation{Path: "/", Flow: "Ñandú shop", Node: "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			if got := flow.ReadContinuation(tt.path); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func FuzzReadContinuation(f *testing.F) {
	for _, s := range []string{"", "/", "/a/nftk", "/nfnext", "//nfnext//", "/nflow/node/run//", "/a/nfnext/b/nflow_next_node_run/c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		c := flow.ReadContinuation(path)
		if c.Node == "" && !c.Tracked && c.Path == "" && path != "" {
			t.Errorf("%q lost its path: %+v", path, c)
		}
		if len(c.Path) > max(1, len(path)) {
			t.Errorf("%q became longer: %+v", path, c)
		}
	})
}
