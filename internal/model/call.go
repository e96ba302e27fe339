package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Role is who says a message.
type Role string

// The roles.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	Tool      Role = "tool" // the result of a tool call
)

// Message is one turn of a conversation.
type Message struct {
	Role   Role
	Text   string
	Calls  []ToolCall // Assistant: the tools it asked for
	CallID string     // Tool: the call that this is the result of
	Name   string     // Tool: the tool's name, which Gemini wants
	Failed bool       // Tool: the call failed
	// Raw is an assistant's turn as the provider gave it, with signed or sealed
	// reasoning that it wants back. It goes out as it is, in place of Text and
	// Calls, to the protocol that it came from.
	Raw Raw
}

// Raw is a turn in the form of one protocol.
type Raw struct {
	Protocol Protocol        `json:"protocol,omitempty"`
	JSON     json.RawMessage `json:"json,omitempty"`
}

// ToolCall is a model's wish to have a tool run.
type ToolCall struct {
	ID   string
	Name string
	Args string // JSON as the model wrote it, which may be broken
}

// ToolSpec is a tool that the model may ask for.
type ToolSpec struct {
	Name        string
	Description string
	Schema      map[string]any // JSON schema of an object
}

// Request asks for one answer.
type Request struct {
	Model       string // the provider's own name
	Effort      Effort
	Messages    []Message
	Tools       []ToolSpec
	Temperature *float64 // nil: the provider's default, as with what follows
	TopP        *float64
	Seed        *int64
	MaxTokens   int64 // of output, reasoning included; 0: the provider's default
	Stop        []string
}

// Finish says why the answer ended where it did.
type Finish string

// The ends of an answer.
const (
	Stop      Finish = "stop"             // the model was done
	ToolCalls Finish = "tool_calls"       // it wants tools to be run
	Length    Finish = "length"           // cut by the limit on tokens
	Refusal   Finish = "refusal"          // the model would not
	Filter    Finish = "filter"           // the provider would not
	Overflow  Finish = "context_overflow" // the request does not fit into the model
	Budget    Finish = "budget"           // the gateway would not: the budget is spent
)

// Response is what came back.
type Response struct {
	Text      string
	Calls     []ToolCall
	Reasoning string // as far as it was shown
	Finish    Finish
	Detail    string // what the provider said about a refusal, a filter or an overflow
	Usage     Usage
	Metered   bool   // Usage was in the answer
	Model     string // what the server calls itself; results are keyed by the model asked for
	ID        string // the provider's id of the answer
	Raw       Raw
	Sent      Sent
}

// Message is the answer as a turn of the conversation.
func (r Response) Message() Message {
	return Message{Role: Assistant, Text: r.Text, Calls: r.Calls, Raw: r.Raw}
}

// Sent is what was asked for besides the messages, as it went out: a setting
// that the protocol has no place for is left out.
type Sent struct {
	Protocol    Protocol `json:"protocol"`
	Effort      string   `json:"effort,omitempty"` // FIELD=VALUE, as the provider wants it
	Temperature *float64 `json:"temperature,omitempty"`
	TopP        *float64 `json:"top_p,omitempty"`
	Seed        *int64   `json:"seed,omitempty"`
	MaxTokens   int64    `json:"max_tokens,omitempty"`
	Dropped     []string `json:"dropped,omitempty"` // settings that the protocol has no place for
}

// Client calls one provider. It is safe for concurrent use. It does not retry:
// the gateway does.
type Client struct {
	Provider Provider
	// Protocol is how to ask; "" means the provider's first choice. Completions
	// is for base models without a chat template: the messages' texts, one after
	// the other, are what is to be completed.
	Protocol Protocol
	HTTP     *http.Client // nil: http.DefaultClient
}

// Error means that no answer was had. Its text never holds the key.
type Error struct {
	Status  int // 0: no reply
	Code    string
	Message string
	err     error
}

func (e *Error) Error() string {
	var parts []string
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("the server answered %d %s", e.Status, http.StatusText(e.Status)))
	}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	return strings.Join(parts, ": ")
}

// Unwrap gives the error beneath where it was of the network.
func (e *Error) Unwrap() error { return e.err }

// Call asks for one answer. What the model or its provider would not do is in
// Response.Finish; an error, mostly an *Error, means that no answer was had.
func (c Client) Call(ctx context.Context, r Request) (Response, error) {
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.Protocol == "" && len(c.Provider.Protocols) > 0 {
		c.Protocol = c.Provider.Protocols[0]
	}
	if r.Model == "" || len(r.Messages) == 0 {
		return Response{}, errors.New("model call: a request needs a model and a message")
	}
	if _, maybe := c.Provider.Speaks(c.Protocol); !maybe {
		return Response{}, fmt.Errorf("model call: provider %s does not speak %s", c.Provider.Name, c.Protocol)
	}
	var out Response
	var err error
	switch c.Protocol {
	case Chat:
		out, err = c.chat(ctx, r)
	case Responses:
		out, err = c.responses(ctx, r)
	case Completions:
		out, err = c.completions(ctx, r)
	case Messages:
		out, err = c.messages(ctx, r)
	case Gemini:
		out, err = c.gemini(ctx, r)
	}
	out.Sent.Protocol = c.Protocol
	if err != nil {
		return c.failed(out, err)
	}
	if out.Finish == Stop && len(out.Calls) > 0 {
		out.Finish = ToolCalls
	}
	return out, nil
}

// failed tells what the provider would not do from what failed.
func (c Client) failed(out Response, err error) (Response, error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Message: err.Error(), err: err}
	}
	if key := c.Provider.Key.Reveal(); key != "" {
		e.Message = strings.ReplaceAll(e.Message, key, c.Provider.Key.String())
		e.Code = strings.ReplaceAll(e.Code, key, c.Provider.Key.String())
	}
	if f := ErrorFinish(e.Status, e.Code, e.Message); f != "" {
		out.Finish, out.Detail = f, e.Message
		return out, nil
	}
	return out, e
}

// BudgetCode is the code of the gateway's refusals for want of budget.
const BudgetCode = "budget_exhausted"

// ErrorFinish reads an error reply that is the end of an answer in truth: a
// request that does not fit, one that was filtered, a budget that is spent. It
// is "" for all others.
func ErrorFinish(status int, code, message string) Finish {
	code, text := strings.ToLower(code), strings.ToLower(message)
	has := func(s string, parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(s, p) {
				return true
			}
		}
		return false
	}
	switch {
	case code == BudgetCode, status == http.StatusPaymentRequired && has(text, BudgetCode):
		return Budget
	case status == http.StatusBadRequest, status == http.StatusRequestEntityTooLarge, status == http.StatusUnprocessableEntity, status == http.StatusForbidden:
	default:
		return ""
	}
	switch {
	case has(code, "context_length", "context_window"),
		has(text, "context length", "context window", "context size", "prompt is too long", "input token count", "maximum context", "exceeds the maximum number of tokens"):
		return Overflow
	case has(code, "content_filter", "content_policy", "safety"), has(text, "content management policy", "content filter", "usage policy"):
		return Filter
	}
	return ""
}

// join is the texts of the messages of a role, and the others.
func join(ms []Message, role Role) (text string, rest []Message) {
	var parts []string
	for _, m := range ms {
		if m.Role == role {
			parts = append(parts, m.Text)
		} else {
			rest = append(rest, m)
		}
	}
	return strings.Join(parts, "\n\n"), rest
}

// args is the call's arguments as an object; broken ones are kept as text.
func (t ToolCall) args() json.RawMessage {
	var o map[string]any
	if json.Unmarshal([]byte(t.Args), &o) == nil && o != nil {
		return json.RawMessage(t.Args)
	}
	b, _ := json.Marshal(map[string]string{"invalid_json": t.Args})
	return b
}
