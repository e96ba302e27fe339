// Package notify posts messages about finished copies.
package notify

import (
	"context"
	"errors"
	"time"

	"example.com/backoff"
)

// ErrRefused is returned by a Post that will never accept the message.
var ErrRefused = errors.New("message refused")

// Post delivers one message.
type Post func(ctx context.Context, text string) error

// Send posts text, three times at most. A refused message is not posted again.
// sleep is for tests; nil means real pauses.
func Send(ctx context.Context, post Post, text string, sleep func(context.Context, time.Duration) error) error {
	p := backoff.Policy{Attempts: 3, Base: time.Second, Sleep: sleep}
	return p.Do(ctx, func(ctx context.Context) error {
		err := post(ctx, text)
		if errors.Is(err, ErrRefused) {
			return backoff.Stop(err)
		}
		return err
	})
}
