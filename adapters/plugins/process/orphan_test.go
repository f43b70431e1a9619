//go:build linux

package process_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/arturoeanton/nflow-runtime/adapters/plugins/process"
)

// serve is a server with a plugin that started children; it stays until killed.
func serve() {
	l, err := process.New(process.Config{RunDir: os.Getenv("RUN_DIR")})
	if err != nil {
		panic(err)
	}
	artifact, err := self()
	if err != nil {
		panic(err)
	}
	p, err := l.Open(context.Background(), spec(artifact))
	if err != nil {
		panic(err)
	}
	pids := map[string]string{}
	for _, name := range []string{"fork", "fork away", "pid"} {
		if pids[name], err = call(context.Background(), p, name, ""); err != nil {
			panic(err)
		}
	}
	text, _ := json.Marshal(pids)
	fmt.Println(string(text))
	select {}
}

// killedServer starts such a server and kills it. It returns the processes it
// had.
func killedServer(t *testing.T, dir string) map[string]int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), "PLAY=server", "RUN_DIR="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if err != nil {
		t.Fatalf("the server said %q: %v", line, err)
	}
	pids := map[string]int{}
	for name, text := range decode[map[string]string](t, strings.TrimSpace(line)) {
		pids[name] = decode[int](t, text)
	}
	return pids
}

// When the server is killed its plugins go with it, and what they started in
// their group; the next server ends the rest and clears up.
func TestServerKilled(t *testing.T) {
	dir := shortDir(t)
	pids := killedServer(t, dir)
	for _, name := range []string{"pid", "fork"} {
		eventually(t, name+" is gone", time.Second, func() bool { return !alive(pids[name]) })
	}
	if left, _ := filepath.Glob(dir + "/i*/1/plugin"); len(left) != 1 {
		t.Errorf("the killed server left %v", left)
	}
	cfg, _ := quick(t)
	cfg.RunDir = dir
	other := newLoader(t, cfg) // lives already when the next one comes
	p := open(t, other, actorSpec(t))
	eventually(t, "what left the group is gone", time.Second, func() bool { return !alive(pids["fork away"]) })
	if left, _ := filepath.Glob(dir + "/i*"); len(left) != 1 {
		t.Errorf("directories of instances: %v", left)
	}
	third, err := process.New(process.Config{RunDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Close(context.Background()); err != nil {
		t.Error(err)
	}
	mustCall(t, p, "echo", "1") // its files were left alone
}
