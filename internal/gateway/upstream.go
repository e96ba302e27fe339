package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// transport is how providers are reached. It compresses nothing, so that pieces
// of streams are not held back.
func transport(connect time.Duration) http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   connect,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       90 * time.Second,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true,
		ReadBufferSize:        2 << 10, // each open stream has one of both
		WriteBufferSize:       2 << 10,
	}
}

// upstream asks the provider. Address, headers and key are made here; of the
// agent's request, body and a few harmless headers go on. Redirects are not
// followed: they would carry the key along. An answer that is not streamed, and
// the beginning of one that is, is here when Do returns, so that what fails
// before that can be tried again.
type upstream struct {
	http  http.RoundTripper
	limit int64
	scrub *scrubber
}

func (u upstream) Do(ctx context.Context, c *Call) (*Reply, error) {
	p := c.Attempt.spec.Provider
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL(c.Protocol, c.Attempt.spec.Model.Model, c.Method), bytes.NewReader(c.Body))
	if err != nil {
		return nil, errors.New("the provider's address is not usable")
	}
	for k, v := range c.Header {
		req.Header[k] = v
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "metr")
	if c.Stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	p.Authorize(req.Header, c.Protocol)
	res, err := u.http.RoundTrip(req)
	if err != nil {
		return nil, plainError(ctx, err)
	}
	rep := &Reply{Status: res.StatusCode, Header: http.Header{}, Body: res.Body}
	if t := res.Header.Get("Content-Type"); t != "" {
		rep.Header.Set("Content-Type", t)
	}
	for _, h := range []string{"Retry-After", "Retry-After-Ms"} {
		if v := res.Header.Get(h); v != "" {
			rep.Header.Set(h, v)
		}
	}
	switch {
	case !rep.ok():
		b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		_ = res.Body.Close()
		if err != nil {
			return nil, plainError(ctx, err)
		}
		return u.failed(c, rep, b), nil
	case c.Stream && strings.HasPrefix(rep.Header.Get("Content-Type"), "text/event-stream"):
		return u.begin(ctx, rep)
	case c.Stream:
		_ = res.Body.Close()
		return nil, errors.New("a stream was asked for, and the provider sent none")
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, u.limit+1))
	_ = res.Body.Close()
	switch {
	case err != nil:
		return nil, plainError(ctx, err)
	case int64(len(b)) > u.limit:
		return nil, errors.New("the answer is longer than the limit")
	}
	rep.Body = io.NopCloser(bytes.NewReader(u.scrub.bytes(b)))
	return rep, nil
}

// begin waits for the first piece of a stream.
func (u upstream) begin(ctx context.Context, rep *Reply) (*Reply, error) {
	first := make([]byte, 512)
	n, err := rep.Body.Read(first)
	if n == 0 && err != nil {
		_ = rep.Body.Close()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, plainError(ctx, err)
	}
	first = first[:n]
	inner := rep.Body
	rep.Body = u.scrub.stream(body{func(p []byte) (int, error) {
		if len(first) > 0 {
			n := copy(p, first)
			first = first[n:]
			return n, nil
		}
		n, err := inner.Read(p)
		if err != nil && err != io.EOF {
			err = plainError(ctx, err)
		}
		return n, err
	}, inner.Close})
	return rep, nil
}

// failed is a reply that is no answer. A compatible server that does not know
// the address gets said what that means.
func (u upstream) failed(c *Call, rep *Reply, b []byte) *Reply {
	p := c.Attempt.spec.Provider
	sure, _ := p.Speaks(c.Protocol)
	if (rep.Status == http.StatusNotFound || rep.Status == http.StatusMethodNotAllowed || rep.Status == http.StatusNotImplemented) && !sure {
		b = errorBody(c.Protocol, rep.Status, "protocol_not_served", fmt.Sprintf(
			"metr gateway: the server of provider %s does not speak the protocol %s, in which this agent asks (it answered %d): choose an agent that speaks chat completions, such as opencode or qwen, or a server that speaks %s",
			p.Name, c.Protocol, rep.Status, c.Protocol))
	}
	if rep.Status >= 300 && rep.Status < 400 {
		rep.Status = http.StatusBadGateway
		b = errorBody(c.Protocol, rep.Status, "redirected", "metr gateway: the provider sent the call elsewhere, which is not followed; set --base-url to the right place")
	}
	rep.Body = io.NopCloser(bytes.NewReader(u.scrub.bytes(b)))
	return rep
}

// plainError says what happened to the network, without the address.
func plainError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return cause(ctx, err)
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the provider's answer broke off: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("the provider was not reached: %w", err)
}

// passing says whether a status is of a failure that may pass.
func passing(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests, 529:
		return true
	}
	return status >= 500 && status != http.StatusNotImplemented
}
