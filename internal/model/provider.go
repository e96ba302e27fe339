package model

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Protocol is a way of speaking to a model.
type Protocol string

// The protocols.
const (
	Responses   Protocol = "responses"   // OpenAI: POST /responses
	Chat        Protocol = "chat"        // OpenAI: POST /chat/completions
	Completions Protocol = "completions" // OpenAI, legacy: POST /completions; base models without a chat template
	Messages    Protocol = "messages"    // Anthropic: POST /messages
	Gemini      Protocol = "gemini"      // Google: POST /models/M:generateContent
)

// Provider is who serves a model, where, and with which key.
type Provider struct {
	Name      string
	BaseURL   string     // with the version, without a slash at the end: https://HOST/v1
	Protocols []Protocol // what it speaks, first choice first; of a compatible server only what is sure
	Open      bool       // a compatible server, which may speak more than Protocols says
	KeyEnv    []string   // environment variables that may hold its key, first choice first
	KeyNeeded bool
	URLEnv    string // environment variable that may hold BaseURL
	Local     bool   // runs on the user's own machine, as a rule
	KeyHeader string // header of the key where it is not the protocol's own
	Key       Key
}

// openAI is what every compatible server speaks.
var openAI = []Protocol{Chat, Completions}

// providers is the table of those who are known by name.
func providers() []Provider {
	return []Provider{
		{Name: "openai", BaseURL: "https://api.openai.com/v1", Protocols: []Protocol{Responses, Chat, Completions}, KeyEnv: []string{"OPENAI_API_KEY"}, KeyNeeded: true},
		{Name: "anthropic", BaseURL: "https://api.anthropic.com/v1", Protocols: []Protocol{Messages}, KeyEnv: []string{"ANTHROPIC_API_KEY"}, KeyNeeded: true},
		{Name: "google", BaseURL: "https://generativelanguage.googleapis.com/v1beta", Protocols: []Protocol{Gemini}, KeyEnv: []string{"GEMINI_API_KEY", "GOOGLE_API_KEY"}, KeyNeeded: true},
		{Name: "openrouter", BaseURL: "https://openrouter.ai/api/v1", Protocols: openAI, Open: true, KeyEnv: []string{"OPENROUTER_API_KEY"}, KeyNeeded: true},
		{Name: "azure", Protocols: []Protocol{Responses, Chat}, KeyEnv: []string{"AZURE_OPENAI_API_KEY"}, KeyNeeded: true, URLEnv: "AZURE_OPENAI_ENDPOINT", KeyHeader: "Api-Key"},
		{Name: "ollama", BaseURL: "http://127.0.0.1:11434/v1", Protocols: openAI, Open: true, URLEnv: "OLLAMA_HOST", Local: true},
		{Name: "llama.cpp", BaseURL: "http://127.0.0.1:8080/v1", Protocols: openAI, Open: true, KeyEnv: []string{"LLAMA_API_KEY"}, Local: true},
		{Name: "vllm", BaseURL: "http://127.0.0.1:8000/v1", Protocols: openAI, Open: true, KeyEnv: []string{"VLLM_API_KEY"}, Local: true},
		{Name: "openai-compatible", Protocols: openAI, Open: true, KeyEnv: []string{"OPENAI_COMPATIBLE_API_KEY"}},
	}
}

// ProviderNames lists the providers that are known by name.
func ProviderNames() []string {
	var out []string
	for _, p := range providers() {
		out = append(out, p.Name)
	}
	return out
}

// Lookup finds the provider of that name, with its key from the environment.
// baseURL takes the place of the provider's own; "" keeps it. An error says
// which flag or variable is missing, and never shows a key.
func Lookup(name, baseURL string, getenv func(string) string) (Provider, error) {
	all := providers()
	i := slices.IndexFunc(all, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return Provider{}, fmt.Errorf("provider %q is not known; known are %s", name, strings.Join(ProviderNames(), ", "))
	}
	p := all[i]
	if baseURL == "" && p.URLEnv != "" {
		baseURL = fromEnv(p, getenv(p.URLEnv))
	}
	if baseURL != "" {
		p.BaseURL = strings.TrimRight(baseURL, "/")
	}
	if p.BaseURL == "" {
		hint := ""
		if p.URLEnv != "" {
			hint = " or set " + p.URLEnv
		}
		return Provider{}, fmt.Errorf("provider %s: where is the server? Give --base-url%s", name, hint)
	}
	u, err := url.Parse(p.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Provider{}, fmt.Errorf("provider %s: the base URL is not of the form http(s)://HOST[:PORT]/PATH, without a user, a query or a fragment", name)
	}
	for _, env := range p.KeyEnv {
		if v := strings.TrimSpace(getenv(env)); v != "" {
			if strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
				return Provider{}, fmt.Errorf("provider %s: what %s holds is not a key: it has a space or a character that no header can hold", name, env)
			}
			p.Key = NewKey(v)
			break
		}
	}
	if p.KeyNeeded && !p.Key.Set() {
		return Provider{}, fmt.Errorf("provider %s needs a key: set %s", name, strings.Join(p.KeyEnv, " or "))
	}
	return p, nil
}

// fromEnv brings what providers' own variables hold into the form of BaseURL.
func fromEnv(p Provider, v string) string {
	v = strings.TrimRight(strings.TrimSpace(v), "/")
	if v == "" {
		return ""
	}
	switch p.Name {
	case "ollama": // HOST, HOST:PORT or a URL, as its own client reads it
		if !strings.Contains(v, "://") {
			v = "http://" + v
		}
		if u, err := url.Parse(v); err == nil && u.Port() == "" && u.Scheme == "http" {
			v = "http://" + u.Host + ":11434" + u.Path
		}
		v = strings.Replace(v, "//0.0.0.0", "//127.0.0.1", 1)
		if !strings.HasSuffix(v, "/v1") {
			v += "/v1"
		}
	case "azure":
		if !strings.Contains(v, "/openai") {
			v += "/openai/v1"
		}
	}
	return v
}

// Speaks says whether the provider is known to speak the protocol; maybe, that
// it may.
func (p Provider) Speaks(pr Protocol) (sure, maybe bool) {
	sure = slices.Contains(p.Protocols, pr)
	return sure, sure || p.Open && pr != Gemini
}

// Authorize sets the headers by which the provider knows who pays.
func (p Provider) Authorize(h http.Header, pr Protocol) {
	if pr == Messages && h.Get("Anthropic-Version") == "" {
		h.Set("Anthropic-Version", "2023-06-01")
	}
	if !p.Key.Set() {
		return
	}
	switch key := p.Key.Reveal(); {
	case p.KeyHeader != "":
		h.Set(p.KeyHeader, key)
	case pr == Gemini:
		h.Set("X-Goog-Api-Key", key)
	case pr == Messages && !p.Open:
		h.Set("X-Api-Key", key)
	default:
		h.Set("Authorization", "Bearer "+key)
	}
}

// URL is the address of a protocol's endpoint. For Gemini, method is
// generateContent, streamGenerateContent or countTokens; for Messages it may be
// count_tokens; otherwise it is "".
func (p Provider) URL(pr Protocol, model, method string) string {
	switch pr {
	case Responses:
		return p.BaseURL + "/responses"
	case Chat:
		return p.BaseURL + "/chat/completions"
	case Completions:
		return p.BaseURL + "/completions"
	case Messages:
		if method != "" {
			method = "/" + method
		}
		return p.BaseURL + "/messages" + method
	}
	u := p.BaseURL + "/models/" + url.PathEscape(model) + ":" + method
	if method == "streamGenerateContent" {
		u += "?alt=sse"
	}
	return u
}
