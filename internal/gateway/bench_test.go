package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// canned answers without a network, so that what is measured is the gateway's.
type canned struct {
	kind string
	body []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {c.kind}}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: r}, nil
}

// BenchmarkCall is the gateway's own cost of a call: from the request in memory
// to the answer in memory, all decorators but the recorder in between.
func BenchmarkCall(b *testing.B) {
	srv := standin.New(standin.Steps(standin.Turn{Text: strings.Repeat("an answer ", 200)}))
	for _, kb := range []int{2, 50, 500} {
		for _, stream := range []bool{false, true} {
			body := fmt.Sprintf(`{"model":"m-1","stream":%v,"max_tokens":1000,"messages":[{"role":"user","content":%q}]}`, stream, strings.Repeat("some text\n", kb*100))
			w := httptest.NewRecorder()
			srv.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(body)))
			g := gateway.New(gateway.Config{HTTP: canned{w.Header().Get("Content-Type"), w.Body.Bytes()}, Run: gateway.NewBudget(gateway.Limit{Tokens: 1 << 60})})
			a, err := g.Open(gateway.Spec{Model: model.Name{Provider: "openai", Model: "m-1"}, Provider: provider(b, "openai", "http://127.0.0.1:1"), Limit: gateway.Limit{Tokens: 1 << 60}})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%dKB/stream=%v", kb, stream), func(b *testing.B) {
				b.ReportAllocs()
				began := cpu(b)
				for b.Loop() {
					r := httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(body))
					r.URL.Host, r.URL.Scheme = "", ""
					r.Header.Set("Authorization", "Bearer "+a.Token())
					w := httptest.NewRecorder()
					a.ServeHTTP(w, r)
					if w.Code != 200 {
						b.Fatal(w.Code, w.Body)
					}
				}
				b.ReportMetric(float64(cpu(b)-began)/float64(b.N)/1e6, "cpu-ms/op")
			})
			a.Close()
		}
	}
}

// cpu is the processor time of this process so far, in nanoseconds: on a
// machine that does other work too, it says more than the clock.
func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

const (
	childEnv = "METR_GATEWAY_TEST_CHILD"
	streams  = 1000
	perByte  = 64 << 10
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	os.Exit(m.Run())
}

// child is the other side of the open streams, in a process of its own: the
// model server, which sends a part of each stream and stands still, and the
// agents, which have read that part.
func child() {
	srv, err := standin.Start(func(standin.Request) standin.Turn {
		return standin.Turn{Text: strings.Repeat("words ", 100), Fault: standin.StallHalf}
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	srv.Forget()
	fmt.Println(srv.URL)
	in := bufio.NewReader(os.Stdin)
	url, _ := in.ReadString('\n')
	token, _ := in.ReadString('\n')
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: streams}}
	var wg sync.WaitGroup
	for range streams {
		wg.Go(func() {
			req, _ := http.NewRequest(http.MethodPost, strings.TrimSpace(url)+"/v1/responses", strings.NewReader(`{"model":"m-1","stream":true,"input":"x"}`))
			req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
			res, err := client.Do(req)
			if err == nil {
				_, err = io.ReadFull(res.Body, make([]byte, 4096))
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		})
	}
	wg.Wait()
	fmt.Println("open")
	_, _ = in.ReadString('\n')
}

// A thousand streams are open at once, and each costs the gateway no more than
// 64 KiB.
func TestOpenStreams(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	url, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Config{Limits: gateway.Limits{Open: streams}})
	a, err := g.Open(gateway.Spec{Model: model.Name{Provider: "openai", Model: "m-1"}, Provider: provider(t, "openai", strings.TrimSpace(url)), Limit: gateway.Limit{Tokens: 1 << 40}})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(a)
	defer front.CloseClientConnections()
	before := inUse()
	fmt.Fprintf(in, "%s\n%s\n", front.URL, a.Token())
	if line, err := lines.ReadString('\n'); err != nil || line != "open\n" {
		t.Fatal(line, err)
	}
	per := (inUse() - before) / streams
	t.Logf("%d bytes a stream", per)
	if per > perByte && !race {
		t.Errorf("a stream costs %d bytes, more than %d", per, perByte)
	}
}

// inUse is the memory in use, of heap and stacks.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
