package gateway_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"metr/internal/gateway"
	"metr/internal/gateway/standin"
	"metr/internal/model"
)

// Two hundred attempts at once against a server that goes wrong in every way at
// random: every call ends, each attempt has one end, no budget is passed, and
// what our side could not get is told from what the model did.
func TestChaos(t *testing.T) {
	const attempts, calls = 200, 6
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(7, 11))
	charged := map[string]int64{} // what the server says that it used for each attempt, answered or broken
	faults := map[standin.Fault]int{}
	srv := start(t, func(q standin.Request) standin.Turn {
		mu.Lock()
		defer mu.Unlock()
		turn := standin.Turn{Text: "an answer of some length, so that there is a middle", Usage: standin.Usage{Input: 120, Output: 60}}
		switch n := r.IntN(20); n {
		case 0:
			turn.Status, turn.Code, turn.RetryAfter = 429, "rate_limited", "0"
		case 1:
			turn.Status, turn.Code = 500, "internal"
		case 2, 3, 4, 5, 6:
			turn.Fault = []standin.Fault{standin.Reset, standin.Stall, standin.BrokenJSON, standin.Half, standin.StallHalf}[n-2]
		case 7:
			turn.Fault = standin.HalfClean
		}
		faults[turn.Fault]++
		if turn.Status == 0 {
			charged[q.Last] += 180
		}
		return turn
	})
	srv.Forget()
	runLimit := gateway.Limit{Tokens: 1_500_000}
	run := gateway.NewBudget(runLimit)
	gate := gateway.New(gateway.Config{
		Run:      run,
		Retry:    gateway.Retry{Tries: 4, First: time.Millisecond, Max: 4 * time.Millisecond},
		Timeouts: gateway.Timeouts{FirstByte: 3 * time.Second, Idle: 3 * time.Second, Total: time.Minute},
	})
	protocols := []struct {
		name     string
		protocol model.Protocol
	}{{"openai", model.Chat}, {"openai", model.Responses}, {"anthropic", model.Messages}, {"google", model.Gemini}}
	limit := gateway.Limit{Tokens: 8_000}
	type end struct {
		answered, failed, refused int
		summary                   gateway.Summary
		events                    *events
	}
	ends := make([]end, attempts)
	var wg sync.WaitGroup
	for i := range attempts {
		wg.Go(func() {
			p := protocols[i%len(protocols)]
			e := &ends[i]
			e.events = &events{}
			id := fmt.Sprint("attempt ", i)
			a, err := gate.Open(gateway.Spec{ID: id, Model: model.Name{Provider: p.name, Model: "m-1"}, Provider: provider(t, p.name, srv.URL), Limit: limit, Recorder: e.events})
			if err != nil {
				t.Error(err)
				return
			}
			defer a.Close()
			c := a.Client(p.protocol)
			for call := range calls {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if call%2 == 1 {
					switch status, err := stream(ctx, c, p.protocol, id); {
					case status == http.StatusPaymentRequired:
						e.refused++
					case err != nil || status != http.StatusOK:
						e.failed++
					default:
						e.answered++
					}
					cancel()
					continue
				}
				got, err := c.Call(ctx, model.Request{Model: "m-1", MaxTokens: 400, Messages: []model.Message{{Role: model.User, Text: id}}})
				switch {
				case ctx.Err() != nil:
					t.Errorf("%s: a call did not end", id)
				case err != nil:
					e.failed++
				case got.Finish == model.Budget:
					e.refused++
				case got.Text == "":
					t.Errorf("%s: an empty answer: %+v", id, got)
				default:
					e.answered++
				}
				cancel()
			}
			a.Close()
			e.summary = a.Summary()
		})
	}
	wg.Wait()
	var answered, failed, refused int
	for i, e := range ends {
		id := fmt.Sprint("attempt ", i)
		s := e.summary
		if e.answered+e.failed+e.refused != calls || s.Calls != e.answered || s.Failed+s.Broken != e.failed || s.Refused[gateway.RefusedBudget] != e.refused {
			t.Errorf("%s: the client saw %d answers, %d failures, %d refusals; the record has %+v", id, e.answered, e.failed, e.refused, s)
		}
		if n := len(e.events.of(gateway.Answered)) + len(e.events.of(gateway.Failed)) + len(e.events.of(gateway.Broken)) + len(e.events.of(gateway.RefusedBudget)); n != calls {
			t.Errorf("%s: %d ends are on record, want %d: one for each call", id, n, calls)
		}
		if s.Spent.Tokens > limit.Tokens || charged[id] > s.Spent.Tokens {
			t.Errorf("%s: %d tokens charged of %d; the server used %d", id, s.Spent.Tokens, limit.Tokens, charged[id])
		}
		// A stream with a broken event in it may still say what it used.
		if used, least := s.Usage.Input+s.Usage.Output, int64(e.answered*180); used < least || used > least+int64(s.Broken*180) {
			t.Errorf("%s: %+v used, want %d", id, s.Usage, least)
		}
		answered, failed, refused = answered+e.answered, failed+e.failed, refused+e.refused
	}
	total := int64(0)
	for _, n := range charged {
		total += n
	}
	if s := run.Spent(); s.Tokens > runLimit.Tokens || total > s.Tokens {
		t.Errorf("the run is charged %d of %d; the server used %d", s.Tokens, runLimit.Tokens, total)
	}
	if answered == 0 || failed == 0 || refused == 0 || len(faults) != 7 {
		t.Errorf("%d answered, %d failed, %d refused, faults %v: the test does not see everything", answered, failed, refused, faults)
	}
	t.Logf("%d answered, %d failed, %d refused", answered, failed, refused)
}

// stream asks for a stream and reads it; the error is nil where it came to its
// end.
func stream(ctx context.Context, c model.Client, p model.Protocol, text string) (int, error) {
	body := map[model.Protocol]string{
		model.Chat:      `{"model":"m-1","stream":true,"max_tokens":400,"messages":[{"role":"user","content":%q}]}`,
		model.Responses: `{"model":"m-1","stream":true,"max_output_tokens":400,"input":%q}`,
		model.Messages:  `{"model":"m-1","stream":true,"max_tokens":400,"messages":[{"role":"user","content":%q}]}`,
		model.Gemini:    `{"generationConfig":{"maxOutputTokens":400},"contents":[{"role":"user","parts":[{"text":%q}]}]}`,
	}[p]
	method := ""
	if p == model.Gemini {
		method = "streamGenerateContent"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Provider.URL(p, "m-1", method), strings.NewReader(fmt.Sprintf(body, text)))
	if err != nil {
		return 0, err
	}
	c.Provider.Authorize(req.Header, p)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// The same faults in the midst of streams: what broke off never looks whole.
func TestBrokenStreams(t *testing.T) {
	for _, path := range []struct{ provider, path, body string }{
		{"openai", "/v1/chat/completions", `{"model":"m-1","stream":true,"messages":[]}`},
		{"openai", "/v1/responses", `{"model":"m-1","stream":true,"input":"x"}`},
		{"anthropic", "/v1/messages", `{"model":"m-1","stream":true,"max_tokens":100,"messages":[]}`},
		{"google", "/v1beta/models/m-1:streamGenerateContent?alt=sse", `{"contents":[]}`},
	} {
		for _, fault := range []standin.Fault{standin.Half, standin.HalfClean, standin.StallHalf, standin.BrokenJSON} {
			b := setUp(t, func(standin.Request) standin.Turn {
				return standin.Turn{Text: "an answer of some length, so that there is a middle", Fault: fault}
			}, gateway.Config{Timeouts: gateway.Timeouts{Idle: 50 * time.Millisecond}}, gateway.Spec{Model: model.Name{Provider: path.provider}, Limit: gateway.Limit{Tokens: 1 << 20}})
			b.post(t, path.path, path.body)
			s := b.summary(t)
			// A stream that goes on to its end says what it used; others are charged
			// with all that they can have used.
			spent := s.Spent.Tokens < 100
			if fault != standin.BrokenJSON {
				spent = s.Unknown == 1 && s.Spent.Tokens > 2048+100 && s.Usage == model.Usage{}
			}
			if s.Broken != 1 || s.Calls != 0 || !spent {
				t.Errorf("%s, fault %d: %+v; events %+v", path.path, fault, s, b.events.all)
			}
		}
	}
}

func TestRetryAfter(t *testing.T) {
	tries := 0
	b := setUp(t, func(standin.Request) standin.Turn {
		if tries++; tries < 3 {
			return standin.Turn{Status: 429, Code: "slow_down", RetryAfter: "0"}
		}
		return standin.Turn{Text: "ok"}
	}, gateway.Config{Retry: gateway.Retry{Tries: 5, First: time.Hour, Max: time.Hour}}, gateway.Spec{})
	if status, body := b.post(t, "/v1/chat/completions", hello); status != 200 || tries != 3 || len(b.events.of(gateway.Retried)) != 2 {
		t.Errorf("%d %s after %d tries", status, body, tries)
	}
	for name, turn := range map[string]standin.Turn{
		"a wait that is too long": {Status: 429, Code: "slow_down", RetryAfter: "3600"},
		"no credit":               {Status: 429, Code: "insufficient_quota"},
		"a bad request":           {Status: 400, Code: "bad"},
		"a wrong key":             {Status: 401, Code: "invalid_api_key", Message: "wrong key: " + planted},
	} {
		b := setUp(t, func(standin.Request) standin.Turn { return turn }, gateway.Config{Retry: gateway.Retry{Tries: 5, First: time.Hour, Max: time.Hour}}, gateway.Spec{})
		if status, _ := b.post(t, "/v1/chat/completions", hello); status != turn.Status || len(b.server.Requests()) != 1 {
			t.Errorf("%s: %d after %d tries", name, status, len(b.server.Requests()))
		}
	}
}
