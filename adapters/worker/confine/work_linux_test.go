package confine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// workActs are what a confined process must still be able to do.
func workActs() map[string]func() error {
	return map[string]func() error{
		"collect garbage":              collect,
		"wait for timers":              timers,
		"sign and hash":                sign,
		"format local times":           localTimes,
		"recover from a panic":         recovered,
		"recover from a nil pointer":   nilPointer,
		"run many goroutines":          goroutines,
		"make more threads":            moreThreads,
		"interrupt a busy loop":        preempt,
		"talk to its parent":           talk,
		"grow a stack":                 growStack,
		"fill memory with strings":     fillStrings,
		"make much garbage":            garbage,
		"keep what fits, drop garbage": liveAndGarbage,
		"keep 100 MB":                  func() error { return keep(750_000) },
		"ask for a gigabyte":           gigabyte,
		"grow slowly":                  growSlowly,
		"recurse without end":          func() error { sink = recurse(1); return nil },
		"panic":                        func() error { panic("boom") },
	}
}

func TestWorksConfined(t *testing.T) {
	for _, act := range []string{
		"collect garbage", "wait for timers", "sign and hash", "format local times", "recover from a panic",
		"recover from a nil pointer", "run many goroutines", "make more threads", "interrupt a busy loop",
		"talk to its parent", "grow a stack", "fill memory with strings", "environment", "nothing",
	} {
		t.Run(act, func(t *testing.T) {
			c := startChild(t, act, 0)
			io.WriteString(c.in, "hello\n")
			if o, cause := c.end(); o.Error != "" || cause != Exited {
				t.Errorf("outcome %q, cause %s:\n%s", o.Error, cause, c.stderr.String())
			}
		})
	}
}

func collect() error {
	var keep [][]byte
	for i := range 2000 {
		keep = append(keep, make([]byte, 4096))
		if i%200 == 0 {
			runtime.GC()
			keep = keep[:len(keep)/2]
		}
	}
	return nil
}

func timers() error {
	timer, ticker := time.NewTimer(20*time.Millisecond), time.NewTicker(5*time.Millisecond)
	defer ticker.Stop()
	<-ticker.C
	<-timer.C
	time.Sleep(time.Millisecond)
	return nil
}

func sign() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(make([]byte, 1<<20))
	signature, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	if err == nil && !ecdsa.VerifyASN1(&key.PublicKey, sum[:], signature) {
		err = errors.New("bad signature")
	}
	return err
}

func localTimes() error {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.Local)
	if at.Format(time.RFC1123Z) == "" || at.In(time.FixedZone("X", 3600)).Format(time.RFC3339) == "" {
		return errors.New("no text")
	}
	return nil
}

func recovered() (err error) {
	defer func() { recover() }()
	panic("boom")
}

func nilPointer() (err error) {
	defer func() { recover() }()
	var p *outcome
	p.Error = "x" // the runtime turns the signal into a panic
	return errors.New("no panic")
}

func goroutines() error {
	var wg sync.WaitGroup
	numbers := make(chan int)
	for i := range 10_000 {
		wg.Go(func() { numbers <- i })
	}
	sum := 0
	for range 10_000 {
		sum += <-numbers
	}
	wg.Wait()
	if sum != 10_000*9_999/2 {
		return fmt.Errorf("sum %d", sum)
	}
	return nil
}

func moreThreads() error {
	startThreads(40)
	return nil
}

func preempt() error {
	runtime.GOMAXPROCS(1)
	var stop bool
	done := make(chan struct{})
	time.AfterFunc(5*time.Millisecond, func() { close(done) })
	var mu sync.Mutex
	go func() {
		<-done
		mu.Lock()
		stop = true
		mu.Unlock()
	}()
	for n := 0; ; n++ {
		for range 10_000_000 {
			n++ // nothing here yields
		}
		mu.Lock()
		if stop {
			return nil
		}
		mu.Unlock()
	}
}

func talk() error {
	var b [6]byte
	if _, err := io.ReadFull(os.Stdin, b[:]); err != nil {
		return err
	}
	if string(b[:]) != "hello\n" {
		return fmt.Errorf("heard %q", b)
	}
	_, err := os.Stderr.WriteString("hello\n")
	return err
}

func growStack() error {
	if deep(10_000) != 10_000 {
		return errors.New("wrong depth")
	}
	return nil
}

func deep(n int) int {
	var room [256]byte
	if n == 0 {
		return int(room[0])
	}
	return deep(n-1) + 1 + int(room[n%256])
}

func fillStrings() error {
	var b strings.Builder
	for range 1 << 20 {
		b.WriteString("0123456789")
	}
	if b.Len() != 10<<20 {
		return errors.New("wrong length")
	}
	return nil
}
