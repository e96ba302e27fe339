package gateway

import (
	"net/http"
	"net/textproto"
	"strings"

	"metr/internal/model"
)

// bearer finds the token, wherever the protocols' clients put it. Two different
// ones are one too many.
func bearer(r *http.Request) (string, *refusal) {
	token := ""
	take := func(v string) bool {
		if v == "" || v == token {
			return true
		}
		if token != "" {
			return false
		}
		token = v
		return true
	}
	ok := true
	for _, v := range r.Header.Values("Authorization") {
		kind, rest, _ := strings.Cut(v, " ")
		if !strings.EqualFold(kind, "Bearer") {
			ok = false
			continue
		}
		ok = take(strings.TrimSpace(rest)) && ok
	}
	for _, h := range []string{"X-Api-Key", "X-Goog-Api-Key", "Api-Key"} {
		for _, v := range r.Header.Values(h) {
			ok = take(v) && ok
		}
	}
	for _, v := range r.URL.Query()["key"] {
		ok = take(v) && ok
	}
	switch {
	case !ok:
		return "", &refusal{http.StatusBadRequest, RefusedHeader, "the request holds two tokens"}
	case token == "":
		return "", &refusal{http.StatusUnauthorized, RefusedToken, "the request holds no token"}
	}
	return token, nil
}

// steering are headers by which a request could reach beyond its attempt: to
// another host, address, account or protocol. No client of an honest agent
// sends them.
var steering = []string{
	"Forwarded", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Original-Url", "X-Rewrite-Url", "X-Host",
	"X-Http-Method", "X-Http-Method-Override", "X-Method-Override", "Proxy-Authorization", "Proxy-Connection", "Upgrade", "Trailer",
	"Openai-Organization", "Openai-Project", "Anthropic-Workspace-Id", "X-Goog-User-Project", "Cookie",
}

// smuggled looks for headers and addresses that are meant to reach further
// than the gateway allows.
func smuggled(r *http.Request) *refusal {
	bad := func(what string) *refusal {
		return &refusal{http.StatusBadRequest, RefusedHeader, what + " is not allowed"}
	}
	for _, h := range steering {
		if len(r.Header[textproto.CanonicalMIMEHeaderKey(h)]) > 0 {
			return bad("the header " + h)
		}
	}
	for _, v := range r.Header.Values("Connection") {
		for part := range strings.SplitSeq(v, ",") {
			if p := strings.ToLower(strings.TrimSpace(part)); p != "" && p != "keep-alive" && p != "close" {
				return bad("a Connection header that names others")
			}
		}
	}
	switch {
	case r.URL.Host != "" || r.URL.Scheme != "":
		return bad("an address with a host in it")
	case strings.ContainsAny(r.URL.RawPath, "%") && r.URL.RawPath != r.URL.EscapedPath(), strings.Contains(r.URL.Path, ".."), strings.Contains(r.URL.Path, "//"):
		return bad("a twisted address")
	case len(r.Trailer) > 0:
		return bad("a trailer")
	case len(r.TransferEncoding) > 1:
		return bad("more than one transfer encoding")
	}
	return nil
}

// passed is what may go on of an agent's headers; all others stay here.
func passed(h http.Header, p model.Protocol) http.Header {
	out := http.Header{}
	if p != model.Messages {
		return out
	}
	if v := h.Get("Anthropic-Version"); v != "" && len(v) < 32 && plain(v) {
		out.Set("Anthropic-Version", v)
	}
	var beta []string
	for _, v := range h.Values("Anthropic-Beta") {
		for part := range strings.SplitSeq(v, ",") {
			part = strings.TrimSpace(part)
			if part != "" && len(part) < 64 && plain(part) && !beyond(part) {
				beta = append(beta, part)
			}
		}
	}
	if len(beta) > 0 {
		out.Set("Anthropic-Beta", strings.Join(beta, ","))
	}
	return out
}

func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// beyond says whether a beta feature keeps state at the provider, runs things
// there, or changes the price.
func beyond(beta string) bool {
	for _, prefix := range []string{"files-api", "mcp-client", "code-execution", "context-1m", "message-batches", "skills", "web-", "fast-mode", "managed-agents"} {
		if strings.HasPrefix(beta, prefix) {
			return true
		}
	}
	return false
}
