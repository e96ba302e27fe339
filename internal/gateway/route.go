package gateway

import (
	"encoding/json"
	"net/http"
	"strings"

	"metr/internal/model"
)

// routed is what a request's address says.
type routed struct {
	protocol model.Protocol
	method   string
	model    string // of Gemini, which has it in the address
	list     bool   // a list of models, or one of them
}

// route reads the address; it knows the ones that are served and no others.
func route(r *http.Request) (routed, *refusal) {
	p := r.URL.Path
	var rt routed
	get := r.Method == http.MethodGet
	switch {
	case p == "/v1/responses":
		rt.protocol = model.Responses
	case p == "/v1/chat/completions":
		rt.protocol = model.Chat
	case p == "/v1/completions":
		rt.protocol = model.Completions
	case p == "/v1/messages":
		rt.protocol = model.Messages
	case p == "/v1/messages/count_tokens":
		rt.protocol, rt.method = model.Messages, "count_tokens"
	case p == "/v1/models", strings.HasPrefix(p, "/v1/models/"):
		rt.protocol, rt.list = model.Chat, true
		if r.Header.Get("Anthropic-Version") != "" {
			rt.protocol = model.Messages
		}
		rt.model = strings.TrimPrefix(strings.TrimPrefix(p, "/v1/models"), "/")
	case p == "/v1beta/models", strings.HasPrefix(p, "/v1beta/models/"):
		rt.protocol = model.Gemini
		rest := strings.TrimPrefix(strings.TrimPrefix(p, "/v1beta/models"), "/")
		name, method, ok := cutLast(rest, ':')
		rt.model, rt.method, rt.list = name, method, !ok
		if ok && method != "generateContent" && method != "streamGenerateContent" && method != "countTokens" {
			return rt, &refusal{http.StatusNotFound, RefusedProtocol, "this method is not served"}
		}
	default:
		return rt, &refusal{http.StatusNotFound, RefusedProtocol, "this address is not served; served are /v1/responses, /v1/chat/completions, /v1/completions, /v1/models, /v1/messages and /v1beta/models/MODEL:generateContent"}
	}
	if rt.method == "streamGenerateContent" && r.URL.Query().Get("alt") != "sse" {
		return rt, &refusal{http.StatusBadRequest, RefusedProtocol, "streams are served as server-sent events alone: ask with alt=sse"}
	}
	if get != rt.list || !get && r.Method != http.MethodPost {
		return rt, &refusal{http.StatusMethodNotAllowed, RefusedProtocol, "this method is not served at this address"}
	}
	return rt, nil
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// list answers with the attempt's one model.
func (a *Attempt) list(w http.ResponseWriter, rt routed) {
	name := a.spec.Model.Model
	if rt.model != "" && !a.calls(rt.model) {
		a.gate.refuse(w, a, rt.protocol, &refusal{http.StatusNotFound, RefusedModel, "this attempt has the model " + name + " and no other"})
		return
	}
	var one, v any
	switch rt.protocol {
	case model.Gemini:
		one = map[string]any{"name": "models/" + name, "displayName": name, "supportedGenerationMethods": []string{"generateContent", "streamGenerateContent", "countTokens"}}
		v = map[string]any{"models": []any{one}}
	case model.Messages:
		one = map[string]any{"type": "model", "id": name, "display_name": name, "created_at": "1970-01-01T00:00:00Z"}
		v = map[string]any{"data": []any{one}, "has_more": false, "first_id": name, "last_id": name}
	default:
		one = map[string]any{"id": name, "object": "model", "created": 0, "owned_by": a.spec.Provider.Name}
		v = map[string]any{"object": "list", "data": []any{one}}
	}
	if rt.model != "" {
		v = one
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// calls says whether name is what the agent may call the attempt's model.
func (a *Attempt) calls(name string) bool {
	s := a.spec
	if name == s.Model.Model || name == s.Model.Provider+"/"+s.Model.Model || name == s.Model.String() {
		return true
	}
	for _, alias := range s.Aliases {
		if name == alias {
			return true
		}
	}
	return false
}
