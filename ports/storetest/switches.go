package storetest

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/domain/fault"
	"github.com/arturoeanton/nflow-runtime/ports"
)

func switchTests() []test {
	return []test{
		{"switches", switches},
		{"64 reloads are 64", reloadRace},
	}
}

func switches(t *testing.T, s Stores) {
	list, err := s.Switches.PluginSwitches(ctx(t))
	must(t, err)
	same(t, "at first", len(list), 0)
	must(t, s.Switches.SwitchPlugin(ctx(t), "b", true))
	must(t, s.Switches.ReloadPlugin(ctx(t), "b"))
	must(t, s.Switches.ReloadPlugin(ctx(t), "a"))
	must(t, s.Switches.SwitchPlugin(ctx(t), "a", true))
	must(t, s.Switches.SwitchPlugin(ctx(t), "a", false))
	must(t, s.Switches.ReloadPlugin(ctx(t), "a"))
	list, err = s.Switches.PluginSwitches(ctx(t))
	must(t, err)
	same(t, "switches", list, []ports.PluginSwitch{{Name: "a", Reloads: 2}, {Name: "b", Disabled: true, Reloads: 1}})
	for _, name := range []string{"", "A b", "a\x00"} {
		fails(t, name, s.Switches.SwitchPlugin(ctx(t), name, true), fault.Invalid)
		fails(t, name, s.Switches.ReloadPlugin(ctx(t), name), fault.Invalid)
	}
}

func reloadRace(t *testing.T, s Stores) {
	c := ctx(t)
	for _, err := range race(func(int) error { return s.Switches.ReloadPlugin(c, "hello") }) {
		must(t, err)
	}
	list, err := s.Switches.PluginSwitches(c)
	must(t, err)
	same(t, "switches", list, []ports.PluginSwitch{{Name: "hello", Reloads: writers}})
}
