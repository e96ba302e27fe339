package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"metr/internal/model"
)

// FuzzEvents cuts a stream into pieces in two ways: the same events must come
// out, and LF, CR LF and CR must be one.
func FuzzEvents(f *testing.F) {
	f.Add([]byte("data: a\n\ndata: b\ndata:c\r\n\r\n: note\nevent: x\ndata\rdata: d\r\r"), 3)
	f.Add([]byte("\n\n\ndata: \n\n"), 1)
	f.Fuzz(func(t *testing.T, in []byte, n int) {
		cutIn := func(size int) (out []string) {
			var e events
			for p := in; len(p) > 0; {
				k := min(max(size, 1), len(p))
				e.feed(p[:k], func(d []byte) { out = append(out, string(d)) })
				p = p[k:]
			}
			return out
		}
		whole, parts := cutIn(len(in)), cutIn(n%7)
		if strings.Join(whole, "\x00|") != strings.Join(parts, "\x00|") {
			t.Errorf("whole %q, in parts %q", whole, parts)
		}
		for _, d := range whole {
			if strings.Contains(d, "\r") {
				t.Errorf("an end of line is in the data: %q", d)
			}
		}
	})
}

// FuzzReading takes any answer: no panic, and no nonsense in the numbers.
func FuzzReading(f *testing.F) {
	for _, s := range []string{
		`{"usage":{"prompt_tokens":5,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":2}},"choices":[{"finish_reason":"stop"}]}`,
		`{"type":"response.completed","response":{"usage":{"input_tokens":5,"output_tokens":7},"status":"completed"}}`,
		`{"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":9,"output_tokens":1}}}`,
		`{"type":"message_delta","usage":{"output_tokens":-7},"delta":{"stop_reason":"end_turn"}}`,
		`{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1e300,"thoughtsTokenCount":4}}`,
		`[DONE]`, `{"error":{}}`, `nope`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, p := range []model.Protocol{model.Chat, model.Completions, model.Responses, model.Messages, model.Gemini} {
			for _, stream := range []bool{false, true} {
				var r Reading
				r.take(p, in, stream)
				r.take(p, in, stream)
				u := r.Usage
				for _, n := range []int64{u.Input, u.Cached, u.CacheWrite, u.CacheWrite1h, u.Output, u.Reasoning} {
					if n < 0 || n > 4*maxTokens {
						t.Errorf("%s: %+v", p, u)
					}
				}
				if len(r.Model) > 200 || len(r.ID) > 200 || len(r.Finish) > 100 {
					t.Errorf("%s: names of %d, %d, %d bytes", p, len(r.Model), len(r.ID), len(r.Finish))
				}
			}
		}
	})
}

// FuzzInspect looks at any request with the eyes of a parser that takes the
// last of two keys and does not mind capitals: what was let through asks for the
// attempt's own model there too, and for no more tokens than were seen.
func FuzzInspect(f *testing.F) {
	for _, s := range []string{
		`{"model":"m-1","messages":[{"role":"user","content":[{"type":"text","text":"x"}]}],"max_tokens":5,"stream":true}`,
		`{"model":"m-1","model":"other"}`, `{"model":"m-1","MODEL":"other"}`, `{"model":"m-1","mod\u0065l":"other"}`, `{"model":"m-1","max_to\u212aens":9}`,
		`{"model":"m-1","input":[{"type":"message","content":"x"}],"tools":[{"type":"web_search"}],"service_tier":"priority"}`,
		`{"model":"m-1","max_tokens":1e3,"n":2}`, `{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":7,"maxOutputTokens":9}}`,
	} {
		f.Add([]byte(s))
	}
	g := New(Config{})
	p, err := model.Lookup("openai", "http://127.0.0.1:1/v1", func(string) string { return "key" })
	if err != nil {
		f.Fatal(err)
	}
	a, err := g.Open(Spec{Model: model.Name{Provider: "openai", Model: "m-1"}, Provider: p})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, p := range []model.Protocol{model.Chat, model.Responses, model.Messages, model.Completions} {
			c := &Call{Attempt: a, Protocol: p, Body: bytes.Clone(in)}
			ct, refused := inspect(c, "")
			if refused != nil {
				continue
			}
			var other struct {
				Model     string
				MaxTokens json.Number `json:"max_tokens"`
				MaxOutput json.Number `json:"max_output_tokens"`
			}
			if err := json.Unmarshal(c.Body, &other); err != nil && !strings.Contains(err.Error(), "max_") {
				t.Fatalf("%s let through %q, made of it %q: %v", p, in, c.Body, err)
			}
			if other.Model != "m-1" {
				t.Errorf("%s let through %q, which asks for %q", p, in, other.Model)
			}
			tokens := other.MaxTokens
			if p == model.Responses {
				tokens = other.MaxOutput
			}
			if n, err := tokens.Float64(); err == nil && p != model.Responses && n > float64(ct.max) {
				t.Errorf("%s let through %q, which asks for %v tokens where %d were seen", p, in, n, ct.max)
			}
			if ct.input < int64(len(c.Body)) {
				t.Errorf("the bound of the input is %d of %d bytes", ct.input, len(c.Body))
			}
		}
	})
}

// FuzzDoubled compares with a parser: what passes has as many keys there as
// were written.
func FuzzDoubled(f *testing.F) {
	for _, s := range []string{`{"a":1,"b":{"a":2},"c":[{"a":1},"a"],"d":"\"a\",\"a\":"}`, `{"a":1,"a":2}`, `{"a":"\\","a":2}`, `{"a":1,"\u0061":2}`, `[]`, `{}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if !utf8.ValidString(in) || !json.Valid([]byte(in)) || !strings.HasPrefix(strings.TrimSpace(in), "{") {
			return
		}
		dec, n, depth := json.NewDecoder(strings.NewReader(in)), 0, 0
		wantKey := false
		for {
			tok, err := dec.Token()
			if err != nil {
				break
			}
			switch d, ok := tok.(json.Delim); {
			case ok && (d == '{' || d == '['):
				depth++
				wantKey = depth == 1
			case ok:
				depth--
				wantKey = depth == 1
			case depth == 1:
				if wantKey {
					n++
				}
				wantKey = !wantKey
			}
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(in), &m); err != nil {
			return
		}
		if got, twice := doubled(in), len(m) != n; twice && !got {
			t.Errorf("%q has %d keys of %d, and passes", in, len(m), n)
		} else if got && !twice && !strings.Contains(in, `\`) {
			t.Errorf("%q has %d keys once each, and does not pass", in, n)
		}
	})
}

// FuzzTranslate takes any request and any stream: what comes out is JSON and
// whole events, and an end comes out only where one came in.
func FuzzTranslate(f *testing.F) {
	f.Add([]byte(`{"model":"m","instructions":"a","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]},{"type":"function_call","name":"f"}],"tools":[{"type":"custom","name":"p"}]}`),
		[]byte("data: {\"id\":\"1\",\"choices\":[{\"delta\":{\"content\":\"x\",\"tool_calls\":[{\"index\":3}]}}]}\n\ndata: [DONE]\n\n"))
	f.Fuzz(func(t *testing.T, request, stream []byte) {
		if json.Valid(request) {
			if out, _, err := toChat(request, true); err != nil || !json.Valid(out) {
				t.Errorf("%q became %q: %v", request, out, err)
			}
		}
		out, _ := io.ReadAll(fromChatStream(&chunks{bytes.Clone(stream), 7}, nil)) // an error is as good as an answer
		var r Reading
		var e events
		e.feed(out, func(data []byte) {
			if !json.Valid(data) {
				t.Errorf("an event is %q", data)
			}
			r.take(model.Responses, data, true)
		})
		if r.Complete && !bytes.Contains(stream, []byte("[DONE]")) {
			t.Errorf("%q became a whole answer", stream)
		}
	})
}

// FuzzNormal takes any request: the same comes out of what came out.
func FuzzNormal(f *testing.F) {
	f.Add([]byte(`{"a":"id 6f1e2d3c-0000-4000-8000-00000000000a at 2026-11-23T10:00:00Z","tools":[{"b":1},{"a":2}],"user":"x"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		text, key, err := normal(model.Chat, "", in)
		if err != nil {
			return
		}
		var doc struct{ Body json.RawMessage }
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		again, _, err := normal(model.Chat, "", in)
		if err != nil || !bytes.Equal(text, again) || len(key) != 64 {
			t.Errorf("%q, then %q: %v", text, again, err)
		}
	})
}

// chunks gives a text in pieces.
type chunks struct {
	text []byte
	n    int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.n)], c.text)
	c.text = c.text[n:]
	return n, nil
}

func (c *chunks) Close() error { return nil }

// FuzzScrub compares scrubbing a stream with scrubbing its whole, and sees that
// a stream without secrets comes through as it is.
func FuzzScrub(f *testing.F) {
	f.Add([]byte("xxabcabcabdyyabcabcab"), 2, 3)
	f.Add([]byte("data: abcabcabd\n\nabcabcabcabd"), 1, 1)
	f.Fuzz(func(t *testing.T, in []byte, n, m int) {
		var s scrubber
		s.add(model.NewKey("abcabcabd"))
		r := s.stream(&chunks{bytes.Clone(in), n%16&15 + 1})
		out, err := io.ReadAll(struct{ io.Reader }{&chunks2{r, m%16&15 + 1}})
		if err != nil {
			t.Fatal(err)
		}
		if want := s.bytes(in); !bytes.Equal(out, want) {
			t.Errorf("%q became %q, want %q", in, out, want)
		}
	})
}

// chunks2 reads in small pieces.
type chunks2 struct {
	from io.Reader
	n    int
}

func (c *chunks2) Read(p []byte) (int, error) { return c.from.Read(p[:min(len(p), c.n)]) }

// FuzzDropUsage takes any stream: what comes out is what went in without whole
// events.
func FuzzDropUsage(f *testing.F) {
	f.Add([]byte("data: {\"choices\":[{}]}\n\ndata: {\"choices\":[],\"usage\":{}}\n\ndata: [DONE]\n\n"), 5)
	f.Add([]byte("data: x\r\n\r\n\n\n\r\n"), 2)
	f.Fuzz(func(t *testing.T, in []byte, n int) {
		w := &withoutUsage{from: &chunks{bytes.Clone(in), n%64&63 + 1}, read: make([]byte, 16)}
		out, err := io.ReadAll(w)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if !bytes.Contains(in, []byte("usage")) && !bytes.Equal(in, out) && !bytes.Contains(in, []byte(`\u`)) {
			t.Errorf("%q became %q", in, out)
		}
	})
}
