package gateway

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"metr/internal/model"
)

// scrubber knows the secrets that must not get out, and takes them out of what
// passes: providers have been seen to repeat a wrong key in their errors.
// Attempts' tokens are not among them: no provider ever sees one, and what looks
// like one is kept out of recordings by its shape.
type scrubber struct {
	mu      sync.RWMutex
	secrets [][]byte
}

const scrubbed = "[key]"

// shortest is the least length of a secret: shorter ones would be found
// everywhere, and are no secrets.
const shortest = 8

func (s *scrubber) add(k model.Key) {
	if v := k.Reveal(); len(v) >= shortest {
		s.mu.Lock()
		if !slices.ContainsFunc(s.secrets, func(o []byte) bool { return string(o) == v }) {
			s.secrets = append(slices.Clone(s.secrets), []byte(v))
		}
		s.mu.Unlock()
	}
}

// known lists the secrets; nobody changes the list.
func (s *scrubber) known() [][]byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.secrets
}

func (s *scrubber) bytes(b []byte) []byte {
	for _, v := range s.known() {
		b = bytes.ReplaceAll(b, v, []byte(scrubbed))
	}
	return b
}

func (s *scrubber) text(t string) string {
	for _, v := range s.known() {
		t = strings.ReplaceAll(t, string(v), scrubbed)
	}
	return t
}

// stream scrubs what passes. It holds back no more than what may be the
// beginning of a secret.
func (s *scrubber) stream(from io.ReadCloser) io.ReadCloser {
	secrets := s.known()
	if len(secrets) == 0 {
		return from
	}
	return &scrubStream{from: from, secrets: secrets}
}

type scrubStream struct {
	from    io.ReadCloser
	secrets [][]byte
	held    []byte // read and not given out: the beginning of a secret, perhaps
	out     []byte
	err     error
}

func (s *scrubStream) Close() error { return s.from.Close() }

func (s *scrubStream) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		if s.err != nil {
			return 0, s.err
		}
		n, err := s.from.Read(p)
		s.err = err
		if len(s.held) == 0 && err == nil && !s.any(p[:n]) {
			return n, nil // the usual case: nothing to do and nothing to hold
		}
		b := append(s.held, p[:n]...)
		for _, v := range s.secrets {
			b = bytes.ReplaceAll(b, v, []byte(scrubbed))
		}
		keep := 0
		if err == nil {
			for _, v := range s.secrets {
				keep = max(keep, overlap(b, v))
			}
		}
		s.out = append(s.out[:0], b[:len(b)-keep]...)
		s.held = append([]byte(nil), b[len(b)-keep:]...)
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

// any says whether b holds a secret or may end in the beginning of one.
func (s *scrubStream) any(b []byte) bool {
	for _, v := range s.secrets {
		if overlap(b, v) > 0 || bytes.Contains(b, v) {
			return true
		}
	}
	return false
}

// overlap is how many bytes at the end of b are the beginning of v.
func overlap(b, v []byte) int {
	for n := min(len(b), len(v)-1); n > 0; n-- {
		if bytes.Equal(b[len(b)-n:], v[:n]) {
			return n
		}
	}
	return 0
}

// shape is what keys of a well-known service look like.
type shape struct {
	name string
	re   *regexp.Regexp
}

// shapes are compiled when the first recording needs them.
var shapes = sync.OnceValue(func() []shape {
	return []shape{
		{"an OpenAI key", regexp.MustCompile(`\bsk-(proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,}`)},
		{"an Anthropic key", regexp.MustCompile(`\bsk-ant-[a-z0-9]+-[A-Za-z0-9_-]{20,}`)},
		{"a Google key", regexp.MustCompile(`\bAIza[A-Za-z0-9_-]{35}`)},
		{"a GitHub token", regexp.MustCompile(`\b(ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{30,}`)},
		{"an attempt's token", regexp.MustCompile(tokenPrefix + `[A-Za-z0-9_-]{40,}`)},
	}
})

// search looks for a secret in what is about to be kept, plain or in one of the
// encodings in which it could have got there. The error says what kind it is
// and never what.
func (s *scrubber) search(b []byte) error {
	for _, v := range s.known() {
		for name, form := range map[string]string{
			"": string(v), " in base64": base64.RawStdEncoding.EncodeToString(v), " in base64 for URLs": base64.RawURLEncoding.EncodeToString(v),
			" as part of a URL": url.QueryEscape(string(v)), " backwards": reversed(v), " in hexadecimal": fmt.Sprintf("%x", v),
		} {
			if bytes.Contains(b, []byte(form)) {
				return errors.New("it holds a key that the gateway knows" + name)
			}
		}
	}
	for _, sh := range shapes() {
		if sh.re.Match(b) {
			return errors.New("it holds what looks like " + sh.name)
		}
	}
	return nil
}

func reversed(v []byte) string {
	out := make([]byte, len(v))
	for i, c := range v {
		out[len(v)-1-i] = c
	}
	return string(out)
}
