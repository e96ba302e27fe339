package gateway

import (
	"time"

	"metr/internal/model"
)

// Kind says what an Event is.
type Kind string

// The kinds of events.
const (
	Answered   Kind = "answered"   // a call was answered
	Failed     Kind = "failed"     // a call was not answered after all retries
	Broken     Kind = "broken"     // an answer broke off or was no JSON
	Retried    Kind = "retried"    // a try failed and another one follows
	Cut        Kind = "cut"        // a stream that would not end was ended
	Stripped   Kind = "stripped"   // something that runs or costs beyond the model was taken out of a request
	Translated Kind = "translated" // the server does not speak the agent's protocol; another is used from here on
	Leak       Kind = "leak"       // a recording held a secret and was not written

	RefusedToken    Kind = "refused-token"    // no token, an unknown one, or another attempt's
	RefusedModel    Kind = "refused-model"    // another model
	RefusedProtocol Kind = "refused-protocol" // an address or a protocol that is not served
	RefusedRequest  Kind = "refused-request"  // a body that is too long, broken, or reaches beyond its attempt
	RefusedHeader   Kind = "refused-header"   // smuggling by headers or address
	RefusedBudget   Kind = "refused-budget"   // the budget of the attempt or the run is spent
	RefusedReplay   Kind = "refused-replay"   // the recording does not hold it
)

// Refusal says whether a call of that kind was refused by the gateway.
func (k Kind) Refusal() bool {
	switch k {
	case RefusedToken, RefusedModel, RefusedProtocol, RefusedRequest, RefusedHeader, RefusedBudget, RefusedReplay:
		return true
	}
	return false
}

// Event is something that belongs into an attempt's record. It holds no secret
// and nothing of what was said.
type Event struct {
	Time    time.Time `json:"time"`
	Attempt string    `json:"attempt,omitempty"`
	Kind    Kind      `json:"kind"`
	Reason  string    `json:"reason,omitempty"`
	Call    *Facts    `json:"call,omitempty"`
}

// Facts are the facts of one call.
type Facts struct {
	Protocol model.Protocol `json:"protocol"`
	Model    string         `json:"model"`            // as asked for, with its provider
	Served   string         `json:"served,omitempty"` // what the server called itself
	ID       string         `json:"id,omitempty"`     // the provider's id of the answer
	Effort   string         `json:"effort,omitempty"` // as sent, FIELD=VALUE
	Stream   bool           `json:"stream,omitempty"`
	Counting bool           `json:"counting,omitempty"` // a question about tokens, which uses none
	Status   int            `json:"status,omitempty"`
	Finish   string         `json:"finish,omitempty"` // in the provider's words
	Usage    model.Usage    `json:"usage"`
	Metered  bool           `json:"metered"` // Usage was in the answer
	CostUSD  *float64       `json:"cost_usd,omitempty"`
	Tries    int            `json:"tries,omitempty"`
	WallS    float64        `json:"wall_s"`
	Replayed bool           `json:"replayed,omitempty"`
}

// Recorder takes events, one at a time or many at once, and does not block for
// long.
type Recorder interface{ Record(Event) }

// RecorderFunc is a function as a Recorder.
type RecorderFunc func(Event)

// Record calls f.
func (f RecorderFunc) Record(e Event) { f(e) }
