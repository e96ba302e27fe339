package runlog

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/task"
)

// TestMain lets the test binary play the process that is killed.
func TestMain(m *testing.M) {
	if dir := os.Getenv("RUNLOG_TEST_APPEND"); dir != "" {
		from, _ := strconv.Atoi(os.Getenv("RUNLOG_TEST_FROM"))
		appendForever(dir, from)
	}
	os.Exit(m.Run())
}

// appendForever appends from four goroutines, every so often starts over as a
// new writer, and prints each number once its record is acknowledged.
func appendForever(dir string, n int) {
	fail := func(err error) {
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
	for {
		l, err := Open(ctx, dir)
		fail(err)
		var wg sync.WaitGroup
		for range 12 {
			for range 4 {
				n++
				n := n
				wg.Go(func() {
					a := attempt("a", n, task.Solved)
					var err error
					a.Patch, err = l.Put(ctx, fmt.Append(nil, n))
					fail(err)
					fail(l.Append(ctx, a))
					fmt.Println("ok", n)
				})
			}
			wg.Wait()
		}
		fail(l.Close())
	}
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	must[*Log](t)(Create(ctx, dir, manifest())).Close()
	acknowledged := make(map[int]bool)
	from := 0
	for range 15 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "RUNLOG_TEST_APPEND="+dir, fmt.Sprint("RUNLOG_TEST_FROM=", from))
		out := must[interface {
			Read([]byte) (int, error)
			Close() error
		}](t)(cmd.StdoutPipe())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(20*time.Millisecond+rand.N(120*time.Millisecond), func() { cmd.Process.Kill() })
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			text, ok := strings.CutPrefix(lines.Text(), "ok ")
			n, err := strconv.Atoi(text)
			if !ok || err != nil {
				t.Errorf("the child says %q", lines.Text())
			}
			acknowledged[n] = true
			from = max(from, n)
		}
		cmd.Wait()
		from += 100
		l := must[*Log](t)(Open(ctx, dir))
		for a, err := range l.Attempts(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			if got, err := l.Get(ctx, a.Patch); err != nil || string(got) != fmt.Sprint(a.Epoch) {
				t.Errorf("patch of %d: %q, %v", a.Epoch, got, err)
			}
		}
		done := must[map[task.Key]task.Outcome](t)(l.Done(ctx))
		for n := range acknowledged {
			if done[task.Key{Agent: "gold", Task: "a", Epoch: n}] != task.Solved {
				t.Errorf("attempt %d was acknowledged and is lost", n)
			}
		}
		if w := l.Warnings(); len(w) != 0 {
			t.Errorf("warnings: %v", w)
		}
		l.Close()
	}
	if len(acknowledged) < 20 {
		t.Errorf("only %d records were acknowledged in all: the test saw nothing", len(acknowledged))
	}
}
