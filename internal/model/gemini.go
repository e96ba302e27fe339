package model

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Gemini is spoken by plain HTTP: Google's SDK brings gRPC, web sockets and
// cloud credentials with it, which cost every start of the program more than
// both other SDKs together. It is what the tests use to speak to the gateway.

type geminiPart struct {
	Text             string          `json:"text,omitempty"`
	Thought          bool            `json:"thought,omitempty"`
	FunctionCall     *geminiCall     `json:"functionCall,omitempty"`
	FunctionResponse *geminiResponse `json:"functionResponse,omitempty"`
}

type geminiCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

type geminiResponse struct {
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name"`
	Response map[string]string `json:"response"`
}

type geminiContent struct {
	Role  string       `json:"role,omitempty"`
	Parts []geminiPart `json:"parts"`
}

type geminiTools struct {
	Functions []geminiFunction `json:"functionDeclarations"`
}

type geminiFunction struct {
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Schema      map[string]any `json:"parametersJsonSchema,omitempty"`
}

type geminiThinking struct {
	Budget *int64 `json:"thinkingBudget,omitempty"`
	Level  string `json:"thinkingLevel,omitempty"`
}

type geminiConfig struct {
	Temperature *float64        `json:"temperature,omitempty"`
	TopP        *float64        `json:"topP,omitempty"`
	Seed        *int64          `json:"seed,omitempty"`
	MaxTokens   int64           `json:"maxOutputTokens,omitempty"`
	Stop        []string        `json:"stopSequences,omitempty"`
	Thinking    *geminiThinking `json:"thinkingConfig,omitempty"`
}

type geminiRequest struct {
	System   *geminiContent    `json:"systemInstruction,omitempty"`
	Contents []json.RawMessage `json:"contents"`
	Tools    []geminiTools     `json:"tools,omitempty"`
	Config   geminiConfig      `json:"generationConfig"`
}

type geminiAnswer struct {
	ID         string `json:"responseId"`
	Model      string `json:"modelVersion"`
	Candidates []struct {
		Content json.RawMessage `json:"content"`
		Finish  string          `json:"finishReason"`
		Message string          `json:"finishMessage"`
	} `json:"candidates"`
	Feedback struct {
		Reason  string `json:"blockReason"`
		Message string `json:"blockReasonMessage"`
	} `json:"promptFeedback"`
	Usage *struct {
		Prompt   int64 `json:"promptTokenCount"`
		ToolUse  int64 `json:"toolUsePromptTokenCount"`
		Cached   int64 `json:"cachedContentTokenCount"`
		Answer   int64 `json:"candidatesTokenCount"`
		Thoughts int64 `json:"thoughtsTokenCount"`
	} `json:"usageMetadata"`
}

func (c Client) gemini(ctx context.Context, r Request) (Response, error) {
	out := Response{Sent: Sent{Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, MaxTokens: r.MaxTokens}}
	q := geminiRequest{Config: geminiConfig{Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, MaxTokens: r.MaxTokens, Stop: r.Stop}}
	if w, ok := r.Effort.Wire(Gemini, r.Model); ok {
		if w.IsTokens {
			q.Config.Thinking = &geminiThinking{Budget: &w.Tokens}
			w.Value = fmt.Sprint(w.Tokens)
		} else {
			q.Config.Thinking = &geminiThinking{Level: w.Value}
		}
		out.Sent.Effort = w.Field + "=" + w.Value
	}
	if len(r.Tools) > 0 {
		q.Tools = make([]geminiTools, 1)
		for _, t := range r.Tools {
			q.Tools[0].Functions = append(q.Tools[0].Functions, geminiFunction{t.Name, t.Description, t.Schema})
		}
	}
	system, rest := join(r.Messages, System)
	if system != "" {
		q.System = &geminiContent{Parts: []geminiPart{{Text: system}}}
	}
	for i := 0; i < len(rest); i++ {
		m := rest[i]
		if m.Role == Assistant && m.Raw.Protocol == Gemini {
			q.Contents = append(q.Contents, m.Raw.JSON)
			continue
		}
		turn := geminiContent{Role: "user"}
		switch m.Role {
		case Assistant:
			turn.Role = "model"
			if m.Text != "" {
				turn.Parts = append(turn.Parts, geminiPart{Text: m.Text})
			}
			for _, t := range m.Calls {
				turn.Parts = append(turn.Parts, geminiPart{FunctionCall: &geminiCall{givenID(t.ID), t.Name, t.args()}})
			}
		case Tool: // the results of one turn's calls go into one turn
			for ; i < len(rest) && rest[i].Role == Tool; i++ {
				m := rest[i]
				field := "output"
				if m.Failed {
					field = "error"
				}
				turn.Parts = append(turn.Parts, geminiPart{FunctionResponse: &geminiResponse{givenID(m.CallID), m.Name, map[string]string{field: m.Text}}})
			}
			i--
		default:
			turn.Parts = []geminiPart{{Text: m.Text}}
		}
		b, err := json.Marshal(turn)
		if err != nil {
			return out, err
		}
		q.Contents = append(q.Contents, b)
	}
	a, err := c.geminiPost(ctx, r.Model, q)
	if err != nil {
		return out, err
	}
	return readGemini(out, a)
}

// madeUp begins the ids of calls that came without one; they do not go back.
const madeUp = "metr-call-"

func givenID(id string) string {
	if strings.HasPrefix(id, madeUp) {
		return ""
	}
	return id
}

// maxAnswer bounds an answer that is not streamed, in bytes.
const maxAnswer = 64 << 20

func (c Client) geminiPost(ctx context.Context, model string, q geminiRequest) (geminiAnswer, error) {
	var a geminiAnswer
	body, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Provider.URL(Gemini, model, "generateContent"), bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	c.Provider.Authorize(req.Header, Gemini)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return a, err
	}
	if res.StatusCode != http.StatusOK {
		var e struct {
			Error struct{ Message, Status string } `json:"error"`
		}
		_ = json.Unmarshal(b, &e)
		return a, &Error{Status: res.StatusCode, Code: e.Error.Status, Message: e.Error.Message}
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("the answer is not the JSON that was expected: %w", err)
	}
	return a, nil
}

func readGemini(out Response, a geminiAnswer) (Response, error) {
	out.Model, out.ID = a.Model, a.ID
	if u := a.Usage; u != nil {
		out.Metered = true
		out.Usage = Usage{Input: u.Prompt + u.ToolUse, Cached: u.Cached, Output: u.Answer + u.Thoughts, Reasoning: u.Thoughts}
	}
	if a.Feedback.Reason != "" {
		out.Finish, out.Detail = Filter, a.Feedback.Reason+" "+a.Feedback.Message
		return out, nil
	}
	if len(a.Candidates) == 0 {
		return out, errors.New("the answer holds no candidate")
	}
	cand := a.Candidates[0]
	var content geminiContent
	if len(cand.Content) > 0 {
		if err := json.Unmarshal(cand.Content, &content); err != nil {
			return out, fmt.Errorf("the answer's content is not the JSON that was expected: %w", err)
		}
	}
	for i, p := range content.Parts {
		switch {
		case p.FunctionCall != nil:
			call := ToolCall{p.FunctionCall.ID, p.FunctionCall.Name, string(p.FunctionCall.Args)}
			if call.ID == "" {
				call.ID = fmt.Sprint(madeUp, i)
			}
			if call.Args == "" {
				call.Args = "{}"
			}
			out.Calls = append(out.Calls, call)
		case p.Thought:
			out.Reasoning += p.Text
		default:
			out.Text += p.Text
		}
	}
	if len(content.Parts) > 0 {
		out.Raw = Raw{Gemini, cand.Content}
	}
	switch cand.Finish {
	case "", "STOP":
		out.Finish = Stop
	case "MAX_TOKENS":
		out.Finish = Length
	default: // SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, MALFORMED_FUNCTION_CALL, ...
		out.Finish, out.Detail = Filter, cand.Finish+" "+cand.Message
	}
	if cand.Finish == "MALFORMED_FUNCTION_CALL" || cand.Finish == "UNEXPECTED_TOOL_CALL" {
		out.Finish = Stop // the model's own mistake
	}
	return out, nil
}
