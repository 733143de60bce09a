package server

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	purgeLogEvery = time.Hour
	purgeLogStep  = 2_000 // records removed in one transaction
)

// purgeLog keeps the provisioning log to its retention, at the start and then every hour; stop ends it. Every node does it: purging twice finds nothing.
func (s *System) purgeLog(ctx context.Context, retention time.Duration) (stop func()) {
	if retention <= 0 {
		return func() {}
	}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			if err := s.purgeRecords(background, s.now().Add(-retention)); err != nil && background.Err() == nil {
				s.logger.Error("old records could not be removed from the provisioning log; it is tried again in an hour", "error", err)
			}
			select {
			case <-background.Done():
				return
			case <-time.After(purgeLogEvery):
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// purgeRecords removes what is older than before from the logs of all applications, in steps.
func (s *System) purgeRecords(ctx context.Context, before time.Time) error {
	apps, err := s.Store.Applications(ctx, "")
	if err != nil {
		return fmt.Errorf("list the applications: %w", err)
	}
	var failed []error
	for _, app := range apps {
		for n := int64(purgeLogStep); n == purgeLogStep && ctx.Err() == nil; {
			if n, err = s.Store.PurgeRecords(ctx, app.ID, before, purgeLogStep); err != nil {
				failed = append(failed, fmt.Errorf("application %s: %w", app.Name, err))
				break
			}
		}
	}
	return errors.Join(failed...)
}
