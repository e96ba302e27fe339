package notify

import (
	"context"
	"errors"
	"testing"
	"time"
)

func noSleep(context.Context, time.Duration) error { return nil }

func TestSendTriesAgain(t *testing.T) {
	n := 0
	err := Send(context.Background(), func(context.Context, string) error {
		if n++; n < 3 {
			return errors.New("line is down")
		}
		return nil
	}, "done", noSleep)
	if err != nil || n != 3 {
		t.Errorf("err = %v after %d posts, want none after 3", err, n)
	}
}

func TestSendRefused(t *testing.T) {
	n := 0
	err := Send(context.Background(), func(context.Context, string) error {
		n++
		return ErrRefused
	}, "done", noSleep)
	if !errors.Is(err, ErrRefused) || n != 1 {
		t.Errorf("err = %v after %d posts, want ErrRefused after 1", err, n)
	}
}
