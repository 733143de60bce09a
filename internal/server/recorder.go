package server

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
)

const (
	pruneRequestsEvery = time.Hour
	bodyRetention      = 7 * 24 * time.Hour // of logged bodies, unless the requests go earlier
)

// startRecorder opens the request log and begins to write and to shorten it; stop writes what waits. With a retention of 0 there is no log.
func (s *System) startRecorder(ctx context.Context, retention time.Duration) (r *record.Recorder, stop func() error, err error) {
	if retention <= 0 {
		return nil, func() error { return nil }, nil
	}
	log, err := s.RequestLog(ctx)
	if err != nil {
		return nil, nil, err
	}
	r = record.NewRecorder(log, s.logger, s.now)
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	pruned := make(chan struct{})
	go func() {
		defer close(pruned)
		s.pruneLoop(background, log, retention)
	}()
	return r, func() error {
		cancel()
		<-pruned
		r.Close()
		return log.Close()
	}, nil
}

// pruneLoop removes what is older than the retention, at the start and then every hour, in small steps so that writing goes on in between.
func (s *System) pruneLoop(ctx context.Context, log *store.RequestLog, retention time.Duration) {
	for {
		for more := true; more && ctx.Err() == nil; {
			var err error
			more, err = log.PruneRequests(ctx, s.now().Add(-retention), s.now().Add(-bodyRetention))
			if err != nil && ctx.Err() == nil {
				s.logger.Error("old requests could not be removed from the log; it is tried again in an hour", "error", err)
				more = false
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pruneRequestsEvery):
		}
	}
}
