package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"

	"metr/internal/model"
)

// volatile are keys of requests that differ from run to run and do not change
// the answer.
var volatile = []string{
	"prompt_cache_key", "prompt_cache_retention", "user", "safety_identifier", "metadata", "client_metadata", "session_id", "sessionId",
	"user_prompt_id", "request_id", "cache_control", "stream_options", "store", "thoughtSignature", "encrypted_content", "signature",
}

// patterns are compiled when the first recording needs them.
var patterns = sync.OnceValue(func() (p struct{ uuids, times, days, slash, spans, scraps, ports, calls *regexp.Regexp }) {
	p.uuids = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	p.times = regexp.MustCompile(`\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?`)
	p.days = regexp.MustCompile(`\b(Mon|Tues?|Wed(nes)?|Thu(rs)?|Fri|Sat(ur)?|Sun)(day)?,? (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2},? (20\d\d)?`)
	p.slash = regexp.MustCompile(`\b\d{1,2}/\d{1,2}/20\d\d\b`)
	p.spans = regexp.MustCompile(`\b\d+(\.\d+)? ?(ms|seconds?|secs?)\b|\b\d+\.\d+s\b`)
	p.scraps = regexp.MustCompile(`/tmp/[A-Za-z0-9._-]*[0-9][A-Za-z0-9._-]*`)
	p.ports = regexp.MustCompile(`\b(127\.0\.0\.1|localhost):\d{2,5}\b`)
	p.calls = regexp.MustCompile(`\b(call|toolu|fc|msg|rs|resp|chatcmpl)_[A-Za-z0-9_-]{8,}\b`)
	return p
})

// normal brings a request into the form by which recordings are found: keys in
// order, tools in order, and without ids, dates, durations and temporary names,
// each of which becomes a number by the order in which it first occurs.
func normal(p model.Protocol, method string, req []byte) (text []byte, key string, err error) {
	dec := json.NewDecoder(bytes.NewReader(req))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, "", err
	}
	n := names{}
	v = n.value(v, "")
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"protocol": p, "method": method, "body": v}); err != nil {
		return nil, "", err
	}
	text = bytes.TrimSpace(out.Bytes())
	sum := sha256.New()
	_, _ = io.Copy(sum, bytes.NewReader(text))
	return text, hex.EncodeToString(sum.Sum(nil)), nil
}

// names gives things numbers by the order in which they first occur.
type names map[string]string

func (n names) number(kind string) func(string) string {
	return func(s string) string {
		if _, ok := n[s]; !ok {
			n[s] = fmt.Sprintf("<%s-%d>", kind, len(n)+1)
		}
		return n[s]
	}
}

func (n names) value(v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			if slices.Contains(volatile, k) && key != "properties" {
				delete(v, k)
				continue
			}
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			v[k] = n.value(v[k], k)
		}
		return v
	case []any:
		for i := range v {
			v[i] = n.value(v[i], "")
		}
		if key == "tools" {
			slices.SortFunc(v, func(a, b any) int {
				x, _ := json.Marshal(a)
				y, _ := json.Marshal(b)
				return bytes.Compare(x, y)
			})
		}
		return v
	case string:
		return n.text(v)
	}
	return v
}

func (n names) text(s string) string {
	if !strings.ContainsAny(s, "0123456789_") {
		return s
	}
	p := patterns()
	s = p.uuids.ReplaceAllStringFunc(s, n.number("uuid"))
	s = p.scraps.ReplaceAllStringFunc(s, n.number("tmp"))
	s = p.times.ReplaceAllString(s, "<time>")
	s = p.days.ReplaceAllString(s, "<day>")
	s = p.slash.ReplaceAllString(s, "<day>")
	s = p.spans.ReplaceAllString(s, "<span>")
	s = p.ports.ReplaceAllString(s, "$1:<port>")
	return p.calls.ReplaceAllStringFunc(s, n.number("id"))
}
