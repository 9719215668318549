package engine

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestWaitEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := &Session{runner: &Runner{}}
	if err := s.Wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
