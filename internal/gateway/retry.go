package gateway

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/tidwall/gjson"
)

// Retry says how often and how fast a call that failed is tried again.
type Retry struct {
	Tries int           // default 6; 1 for no retry
	First time.Duration // the first pause, doubled from then on with a random part; default 1 s
	Max   time.Duration // the longest pause; default 1 min
	Obey  time.Duration // a longer Retry-After ends the tries; default 5 min
}

func (r Retry) withDefaults() Retry {
	return Retry{cmp.Or(r.Tries, 6), cmp.Or(r.First, time.Second), cmp.Or(r.Max, time.Minute), cmp.Or(r.Obey, 5*time.Minute)}
}

// retry tries again what failed in a way that may pass: 429, 5xx, a connection
// that broke, an answer that did not begin, one that is no JSON. A stream that
// has begun is not tried again: the agent has seen a part of it.
type retry struct {
	next Doer
	cfg  Retry
}

// errStatus carries a reply that may pass through the back-off.
type errStatus struct {
	rep   *Reply
	after *backoff.RetryAfterError // when to try again, where the provider says so
}

func (e *errStatus) Error() string { return fmt.Sprintf("the provider answered %d", e.rep.Status) }

// Unwrap lets the back-off find when to try again.
func (e *errStatus) Unwrap() error {
	if e.after == nil {
		return nil
	}
	return e.after
}

func (d retry) Do(ctx context.Context, c *Call) (*Reply, error) {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = d.cfg.First, d.cfg.Max
	rep, err := backoff.Retry(ctx, func() (*Reply, error) {
		c.tries++
		rep, err := d.next.Do(ctx, c)
		switch {
		case ctx.Err() != nil && err != nil:
			return nil, backoff.Permanent(err)
		case err != nil:
			return nil, err
		case rep.Refused != "" || rep.ok() || !passing(rep.Status):
			return rep, nil
		}
		return d.again(rep)
	}, backoff.WithBackOff(pause), backoff.WithMaxTries(uint(d.cfg.Tries)), backoff.WithMaxElapsedTime(0),
		backoff.WithNotify(func(err error, _ time.Duration) { c.note(Retried, c.Attempt.gate.scrub.text(err.Error())) }))
	var es *errStatus
	if errors.As(err, &es) { // the last try: the provider's own words, and no more tries by the agent
		es.rep.Header.Set("X-Should-Retry", "false")
		return es.rep, nil
	}
	return rep, err
}

// again says when to try again, or that it is of no use.
func (d retry) again(rep *Reply) (*Reply, error) {
	b, err := io.ReadAll(rep.Body)
	_ = rep.Body.Close()
	if err != nil {
		return nil, err
	}
	rep.Body = io.NopCloser(bytes.NewReader(b))
	es := &errStatus{rep: rep}
	if gjson.GetBytes(b, "error.code").String() == "insufficient_quota" {
		return nil, backoff.Permanent(es)
	}
	wait, ok := retryAfter(rep.Header, time.Now())
	switch {
	case !ok:
		return nil, es
	case wait > d.cfg.Obey:
		return nil, backoff.Permanent(es)
	}
	es.after = &backoff.RetryAfterError{Duration: wait}
	return nil, es
}

// retryAfter reads how long the provider asks to wait: seconds, a date, or
// milliseconds in a header of its own.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms >= 0 && ms < 1e12 {
		return time.Duration(ms * float64(time.Millisecond)), true
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(v, 64); err == nil && s >= 0 && s < 1e9 {
		return time.Duration(s * float64(time.Second)), true
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0), true
	}
	return 0, false
}
