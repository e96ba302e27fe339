package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"metr/internal/gateway"
	"metr/internal/model"
	"metr/internal/sandbox"
)

// ErrNoListener means that the sandbox cannot lead an agent to the gateway.
var ErrNoListener = errors.New("this sandbox cannot lead an agent in a box to a model: use --sandbox native, or an agent that runs outside of boxes (model, gold, nop)")

// serve serves the gateway on the box's own loopback.
func (s *Session) serve(ctx context.Context) error {
	inside, ok := s.box.(sandbox.Listener)
	if !ok {
		return fmt.Errorf("sandbox %s: %w", s.cfg.Backend.Name(), ErrNoListener)
	}
	l, err := inside.Listen(ctx, Port)
	if err != nil {
		return err
	}
	s.url = Address
	s.server = &http.Server{
		Handler: s.cfg.Attempt, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // of broken requests the box alone is to blame
	}
	go func() { _ = s.server.Serve(l) }()
	return nil
}

// URL is Address, "" where there is no gateway.
func (s *Session) URL() string { return s.url }

// Token is what the agent gives in place of a key; "" where there is no gateway.
func (s *Session) Token() string {
	if s.cfg.Attempt == nil {
		return ""
	}
	return s.cfg.Attempt.Token()
}

// Client asks the attempt's model from outside of the box, through all that the
// gateway does. It must not be called where Config has no Attempt.
func (s *Session) Client(p model.Protocol) model.Client { return s.cfg.Attempt.Client(p) }

// Summary is what the attempt used so far; zero where there is no gateway.
func (s *Session) Summary() gateway.Summary {
	if s.cfg.Attempt == nil {
		return gateway.Summary{}
	}
	return s.cfg.Attempt.Summary()
}
