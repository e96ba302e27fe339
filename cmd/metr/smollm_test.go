//go:build smollm

package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"metr/internal/task"
)

// A real model on the processor, from its own weights, through a real server:
// chat and completion mode, what is kept of the server, and a replay. It fetches a
// model of 93 MB and a runtime of 85 MB (scripts/smollm/serve), so it is asked for
// by name: go test -tags smollm ./cmd/metr -run TestRealModel
func TestRealModel(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	c := exec.CommandContext(t.Context(), "../../scripts/smollm/serve", strconv.Itoa(port))
	c.Stderr = os.Stderr
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	t.Cleanup(func() { _ = c.Process.Kill(); <-ended })
	url := "http://127.0.0.1:" + strconv.Itoa(port) + "/v1"
	for {
		if res, err := http.Get(url + "/models"); err == nil {
			res.Body.Close()
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the server ended: %v", err)
		case <-time.After(200 * time.Millisecond):
		}
	}
	dir := t.TempDir()
	const name = "llama.cpp/SmolLM2-135M-Instruct-Q4_1"
	run := func(log string, more ...string) map[task.Key]task.Attempt {
		t.Helper()
		var out, errs bytes.Buffer
		args := append([]string{"run", "humaneval", "--data", filepath.Join(data(t), "humaneval"), "--limit", "2", "--model", name, "--temperature", "0",
			"--max-tokens", "96", "--price", "local", "--json", "--log", filepath.Join(dir, log)}, more...)
		if got := metr(t.Context(), args, strings.NewReader(""), &out, &errs); got != exitDone {
			t.Fatalf("exit status %d: %s", got, errs.String())
		}
		return attempts(t, filepath.Join(dir, log))
	}
	chat := run("chat", "--base-url", url, "--record", filepath.Join(dir, "rec"))
	base := run("base", "--base-url", url, "--completion")
	for _, as := range []map[task.Key]task.Attempt{chat, base} {
		if len(as) != 2 {
			t.Errorf("%d attempts", len(as))
		}
		for k, a := range as {
			if k.Model != name || a.Outcome == task.Invalid || a.Ending == "" || a.Tokens.In == 0 || a.Tokens.Out == 0 || a.Tokens.Out > 96 || a.Extraction == "" {
				t.Errorf("%v: %+v", k, a)
			}
			if s := a.Served; s == nil || s.Digest != "sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53" || s.Quantization != "Q4_1" || s.Runtime != "node-llama-cpp" || s.Template == "" || s.Models[0] == name {
				t.Errorf("%v: served by %+v", k, s)
			}
		}
	}
	again := run("again", "--replay-calls", filepath.Join(dir, "rec"))
	for k, a := range chat {
		if x, y := steady(t, a), steady(t, again[k]); !bytes.Equal(x, y) {
			t.Errorf("%v\nwas      %s\nreplayed %s", k, x, y)
		}
	}
}
