package process_test

import (
	"context"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAStoppedPluginHoldsNobodyUp sends more than a connection buffers to a
// process that does not run.
func TestAStoppedPluginHoldsNobodyUp(t *testing.T) {
	client, c, _ := start(t)
	described, err := client.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(described.Payload), `"pid":`)
	pid, err := strconv.Atoi(strings.TrimSuffix(rest, "}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(pid, syscall.SIGKILL)
		c.Kill()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	returned := make(chan error, 1)
	go func() {
		i, err := client.Invoke(ctx, call("echo", `"`+strings.Repeat("x", 8<<20)+`"`), echo)
		if err == nil {
			_, err = i.Result()
			i.Abort()
		}
		returned <- err
	}()
	select {
	case err := <-returned:
		if err == nil {
			t.Error("a stopped plugin answered")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the call did not end with its context")
	}
}
