package gateway_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// planted is the provider's key, which must be found nowhere.
const planted = "sk-planted-3f9c1e7ab24d5068-NEVER-TO-BE-SEEN"

// events is a Recorder that keeps what it is told.
type events struct {
	mu  sync.Mutex
	all []gateway.Event
}

func (e *events) Record(v gateway.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, v)
}

func (e *events) of(k gateway.Kind) []gateway.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []gateway.Event
	for _, v := range e.all {
		if v.Kind == k {
			out = append(out, v)
		}
	}
	return out
}

// provider is a provider of that name at the stand-in server.
func provider(t testing.TB, name, url string) model.Provider {
	t.Helper()
	base := url + "/v1"
	if name == "google" {
		base += "beta"
	}
	p, err := model.Lookup(name, base, func(string) string { return planted })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func start(t testing.TB, s standin.Script) *standin.Server {
	t.Helper()
	srv, err := standin.Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { srv.Close() })
	return srv
}

// bench is an attempt at a stand-in model, on a listener of its own.
type bench struct {
	gate    *gateway.Gateway
	attempt *gateway.Attempt
	server  *standin.Server
	url     string
	events  *events
}

// setUp makes one. The provider is openai unless spec says another.
func setUp(t testing.TB, script standin.Script, cfg gateway.Config, spec gateway.Spec) *bench {
	t.Helper()
	b := &bench{server: start(t, script), events: &events{}}
	if cfg.Retry == (gateway.Retry{}) {
		cfg.Retry = gateway.Retry{Tries: 3, First: time.Millisecond, Max: 2 * time.Millisecond}
	}
	b.gate = gateway.New(cfg)
	b.open(t, spec)
	return b
}

func (b *bench) open(t testing.TB, spec gateway.Spec) {
	t.Helper()
	if spec.Model.Provider == "" {
		spec.Model.Provider = "openai"
	}
	if spec.Model.Model == "" {
		spec.Model.Model = "m-1"
	}
	if spec.Provider.Name == "" {
		spec.Provider = provider(t, spec.Model.Provider, b.server.URL)
	}
	if spec.ID == "" {
		spec.ID = "a1"
	}
	spec.Recorder = b.events
	var err error
	if b.attempt, err = b.gate.Open(spec); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.attempt.Close() })
	front := httptest.NewServer(b.attempt)
	t.Cleanup(front.Close)
	b.url = front.URL
}

// summary waits for the record to be whole.
func (b *bench) summary(t testing.TB) gateway.Summary {
	t.Helper()
	if err := b.attempt.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b.attempt.Summary()
}

// post sends a body as an agent would.
func (b *bench) post(t testing.TB, path, body string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, b.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.attempt.Token())
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			req.Header.Del(header[i])
		} else {
			req.Header.Add(header[i], header[i+1])
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out bytes.Buffer
	_, _ = io.Copy(&out, res.Body) // what broke off is the test's matter
	if err := b.attempt.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, out.String()
}

const hello = `{"model":"m-1","messages":[{"role":"user","content":"hello"}]}`
