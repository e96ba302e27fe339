package gateway

import (
	"context"
	"io"
	"net/http"
	"time"

	"metr/internal/model"
)

// Call is one call as the front lets it through.
type Call struct {
	Attempt  *Attempt
	Protocol model.Protocol
	Method   string // of Gemini and Anthropic: what follows the colon or the slash
	Stream   bool
	Counting bool // asks for a number of tokens and generates none
	Body     []byte
	Header   http.Header // what may go on of the agent's headers

	control control
	began   time.Time
	tries   int
	taped   struct { // where recordings have it; empty until asked for
		text []byte
		key  string
		n    int
	}
}

// facts are the call's part of Facts.
func (c *Call) facts() *Facts {
	return &Facts{
		Protocol: c.Protocol, Model: c.Attempt.spec.Model.String(), Effort: c.control.effort,
		Stream: c.Stream, Counting: c.Counting, Tries: c.tries, WallS: time.Since(c.began).Seconds(),
	}
}

// note tells the attempt of an event of this call.
func (c *Call) note(kind Kind, reason string) {
	c.Attempt.note(Event{Time: time.Now().UTC(), Kind: kind, Reason: reason, Call: c.facts()})
}

// Reply is the answer to a Call. The caller closes Body.
type Reply struct {
	Status int
	Header http.Header
	Body   io.ReadCloser
	// Refused is set where the gateway itself refuses.
	Refused  Kind
	Reason   string
	Replayed bool
	// Reading grows while Body is read; it is whole once Body is at its end.
	Reading *Reading
}

// ok says whether the provider took the call.
func (r *Reply) ok() bool { return r.Status >= 200 && r.Status < 300 }

// Doer answers calls. An error means that there is no answer; it holds no
// secret.
type Doer interface {
	Do(ctx context.Context, c *Call) (*Reply, error)
}

// body is a Body made of functions.
type body struct {
	read  func([]byte) (int, error)
	close func() error
}

func (b body) Read(p []byte) (int, error) { return b.read(p) }
func (b body) Close() error               { return b.close() }
