package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"metr/internal/model"
)

// serve is the front: it decides who asks, checks what is asked, has the stack
// answer and writes that out. own is the attempt whose listener it is, nil for
// a shared one.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, own *Attempt) {
	rt, f := route(r)
	a := own
	token, ft := bearer(r)
	if f == nil {
		f = ft
	}
	if f == nil {
		f = smuggled(r)
	}
	if f == nil {
		owner := g.owner(token)
		switch {
		case owner == nil:
			f = &refusal{http.StatusUnauthorized, RefusedToken, "this token belongs to no attempt that is running"}
		case own != nil && owner != own:
			f = &refusal{http.StatusUnauthorized, RefusedToken, "this token belongs to another attempt"}
		}
		a = owner
		if own != nil {
			a = own
		}
	}
	if f != nil {
		g.refuse(w, a, rt.protocol, f)
		return
	}
	if rt.list {
		a.list(w, rt)
		return
	}
	c, f := a.admit(w, r, rt)
	if f != nil {
		g.refuse(w, a, rt.protocol, f)
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), g.cfg.Timeouts.Total, errTotal)
	defer cancel()
	if err := a.slots.Acquire(ctx, 1); err != nil {
		g.refuse(w, a, rt.protocol, &refusal{http.StatusServiceUnavailable, Failed, "too many calls of this attempt at the same time"})
		return
	}
	defer a.slots.Release(1)
	defer context.AfterFunc(a.ctx, cancel)()
	if a.ctx.Err() != nil {
		g.refuse(w, a, rt.protocol, &refusal{http.StatusUnauthorized, RefusedToken, "this token's attempt is over"})
		return
	}
	g.answer(ctx, w, c)
}

// refuse writes a refusal and puts it on record.
func (g *Gateway) refuse(w http.ResponseWriter, a *Attempt, p model.Protocol, f *refusal) {
	e := Event{Time: time.Now().UTC(), Kind: f.kind, Reason: f.reason}
	if a != nil {
		a.note(e)
	} else if g.cfg.Recorder != nil {
		g.cfg.Recorder.Record(e)
	}
	rep := f.reply(p)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Should-Retry", "false")
	w.WriteHeader(rep.Status)
	_, _ = io.Copy(w, rep.Body)
}

// admit reads the request's body and makes a call of it.
func (a *Attempt) admit(w http.ResponseWriter, r *http.Request, rt routed) (*Call, *refusal) {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, &refusal{http.StatusUnsupportedMediaType, RefusedRequest, "a body in an encoding is not read; send it plain"}
	}
	limit := a.gate.cfg.Limits.Request
	var in bytes.Buffer
	in.Grow(int(min(max(r.ContentLength, 0), limit)) + bytes.MinRead)
	_, err := in.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			return nil, &refusal{http.StatusRequestEntityTooLarge, RefusedRequest, "the request is longer than the limit"}
		}
		return nil, &refusal{http.StatusBadRequest, RefusedRequest, "the request's body broke off"}
	}
	c := &Call{began: time.Now(), Attempt: a, Protocol: rt.protocol, Method: rt.method, Body: in.Bytes(), Header: passed(r.Header, rt.protocol)}
	c.Counting = rt.method == "count_tokens" || rt.method == "countTokens"
	if _, maybe := a.spec.Provider.Speaks(rt.protocol); !maybe {
		return nil, &refusal{http.StatusBadRequest, RefusedProtocol, "provider " + a.spec.Provider.Name + " does not speak the protocol " + string(rt.protocol) +
			", in which this agent asks: choose an agent that speaks " + string(a.spec.Provider.Protocols[0]) + ", or another provider"}
	}
	var f *refusal
	if c.control, f = inspect(c, rt.model); f != nil {
		return nil, f
	}
	c.Stream = c.control.stream
	return c, nil
}

// answer has the stack answer and writes that out as it comes.
func (g *Gateway) answer(ctx context.Context, w http.ResponseWriter, c *Call) {
	a := c.Attempt
	rep, err := g.doer.Do(ctx, c)
	if err != nil {
		text := g.scrub.text(err.Error())
		if ctx.Err() == nil || errors.Is(err, errTotal) {
			c.note(Failed, text)
		}
		rep = (&refusal{http.StatusBadGateway, Failed, text}).reply(c.Protocol)
		rep.Refused = ""
		_ = g.write(w, rep)
		return
	}
	if rep.Refused != "" {
		c.note(rep.Refused, rep.Reason)
		_ = g.write(w, rep)
		return
	}
	err = g.write(w, rep)
	facts := c.facts()
	n := rep.Reading
	facts.Status, facts.Served, facts.ID, facts.Finish = rep.Status, n.Model, n.ID, n.Finish
	facts.Replayed = rep.Replayed
	if n.Metered && n.Complete { // a half one says half
		facts.Usage, facts.Metered = n.Usage, true
	}
	if a.spec.Price != nil && facts.Metered {
		usd := a.spec.Price.Cost(n.Usage).Dollars()
		facts.CostUSD = &usd
	}
	e := Event{Time: time.Now().UTC(), Kind: Answered, Call: facts}
	if !rep.ok() {
		// An error that the provider stands by, such as a context that is too
		// long, is an answer; one that may pass is a failure.
		e.Reason = "status " + http.StatusText(rep.Status)
		facts.Metered = true
		if passing(rep.Status) || rep.Status == http.StatusUnauthorized || rep.Status == http.StatusForbidden || rep.Status == http.StatusNotFound {
			e.Kind = Failed
		}
	}
	if err != nil && ctx.Err() != nil && context.Cause(ctx) != errTotal {
		err = &clientGone{err}
	}
	var gone *clientGone
	if err != nil && !errors.As(err, &gone) {
		e.Kind, e.Reason = Broken, g.scrub.text(err.Error())
	}
	a.note(e)
	if err != nil {
		panic(http.ErrAbortHandler) // so that what broke off is not taken for an end
	}
}

// clientGone means that the agent no longer listens.
type clientGone struct{ error }

// errHalf means that a stream ended before its end.
var errHalf = errors.New("the answer broke off before its end")

// write writes the reply as it comes. It closes the body. An agent that does not
// read has as long as a provider that does not write.
func (g *Gateway) write(w http.ResponseWriter, rep *Reply) error {
	for k, v := range rep.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(rep.Status)
	flush := http.NewResponseController(w)
	// Of a stream, which may be one of a thousand, little comes at a time.
	buf := make([]byte, 2<<10)
	var werr, rerr error
	for {
		n, err := rep.Body.Read(buf)
		if n > 0 {
			_ = flush.SetWriteDeadline(time.Now().Add(g.cfg.Timeouts.Idle))
			if _, werr = w.Write(buf[:n]); werr != nil {
				break
			}
			_ = flush.Flush()
		}
		if err != nil {
			if err != io.EOF {
				rerr = err
			}
			break
		}
	}
	_ = rep.Body.Close()
	_ = flush.SetWriteDeadline(time.Time{})
	switch {
	case werr != nil:
		return &clientGone{werr}
	case rep.ok() && rep.Refused == "" && rep.Reading.Complete && rep.Reading.Failed == "":
		return nil // whatever became of the connection afterwards
	case rerr != nil:
		return rerr
	case rep.ok() && rep.Refused == "" && !rep.Reading.Complete:
		return errHalf
	}
	return nil
}
