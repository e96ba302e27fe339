package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"metr/internal/model"
)

// refusal is why the gateway itself does not pass a call on.
type refusal struct {
	status int
	kind   Kind
	reason string
}

// reply is the refusal in the shape in which the protocol's clients expect
// errors. It asks them not to try again.
func (f *refusal) reply(p model.Protocol) *Reply {
	b := errorBody(p, f.status, code(f.kind), "metr gateway: "+f.reason)
	h := http.Header{"Content-Type": {"application/json"}, "X-Should-Retry": {"false"}}
	return &Reply{Status: f.status, Header: h, Body: io.NopCloser(bytes.NewReader(b)), Refused: f.kind, Reason: f.reason, Reading: &Reading{}}
}

func code(k Kind) string {
	switch k {
	case RefusedBudget:
		return model.BudgetCode
	case RefusedToken:
		return "invalid_api_key"
	case RefusedModel:
		return "model_not_found"
	case RefusedReplay:
		return "replay_miss"
	case Failed:
		return "upstream_failed"
	}
	return "invalid_request_error"
}

func errorBody(p model.Protocol, status int, code, text string) []byte {
	var v any
	switch p {
	case model.Messages:
		kind := map[int]string{401: "authentication_error", 402: "billing_error", 404: "not_found_error", 413: "request_too_large"}[status]
		switch {
		case kind == "" && status >= 500:
			kind = "api_error"
		case kind == "":
			kind = "invalid_request_error"
		}
		if code == model.BudgetCode {
			text = code + ": " + text
		}
		v = map[string]any{"type": "error", "error": map[string]string{"type": kind, "message": text}}
	case model.Gemini:
		name := map[int]string{401: "UNAUTHENTICATED", 402: "FAILED_PRECONDITION", 404: "NOT_FOUND"}[status]
		switch {
		case name == "" && status >= 500:
			name = "INTERNAL"
		case name == "":
			name = "INVALID_ARGUMENT"
		}
		if code == model.BudgetCode {
			text = code + ": " + text
		}
		v = map[string]any{"error": map[string]any{"code": status, "message": text, "status": name}}
	default:
		v = map[string]any{"error": map[string]any{"message": text, "type": code, "code": code, "param": nil}}
	}
	b, _ := json.Marshal(v)
	return b
}
