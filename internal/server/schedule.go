package server

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/schedule"
	"github.com/rollcall-id/rollcall/internal/store"
)

const (
	purgeEvery = time.Hour
	wakeAgain  = time.Minute // after a wake-up that nothing came of
)

// startSchedule runs the scheduled cycles of this node and returns how to stop them.
func (s *System) startSchedule(ctx context.Context) (stop func(context.Context) error, err error) {
	queue, postgres, err := store.Queue(s.options.store())
	if err != nil {
		return nil, err
	}
	sched, err := schedule.New(ctx, schedule.Config{DB: queue, Postgres: postgres, Due: s.due, Run: s.scheduled, Logger: s.logger})
	if err != nil {
		return nil, errors.Join(err, queue.Close())
	}
	// The schedule outlives the context that ends the server: stop ends it, after the requests in flight.
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := sched.Start(background); err != nil {
		cancel()
		return nil, errors.Join(err, queue.Close())
	}
	purging := make(chan struct{})
	go func() {
		defer close(purging)
		s.purgeLoop(background)
	}()
	return func(drain context.Context) error {
		err := sched.Stop(drain)
		cancel()
		<-purging
		return errors.Join(err, queue.Close())
	}, nil
}

// scheduled runs one cycle of an application that was due a moment ago.
func (s *System) scheduled(ctx context.Context, id string) error {
	app, err := s.Store.ApplicationByID(ctx, id)
	if errors.Is(err, fault.ErrNotFound) || (err == nil && !app.On) {
		return nil // deleted or switched off meanwhile
	}
	if err != nil {
		return fmt.Errorf("read the application: %w", err)
	}
	result, err := s.Cycle(ctx, app, false, nil)
	if errors.Is(err, fault.ErrConflict) {
		s.logger.Debug("the cycle runs elsewhere", "application", app.Name, "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("cycle of %q: %w", app.Name, err)
	}
	s.logger.Info("cycle ended", "application", app.Name, "kind", result.Kind, "created", result.Created, "updated", result.Updated,
		"disabled", result.Disabled, "failed", result.Failed, "ms", result.DurationMS)
	return nil
}

// purgeLoop purges who left more than 30 days ago, at the start and then every hour. Every node does it: purging twice finds nothing.
func (s *System) purgeLoop(ctx context.Context) {
	for {
		if err := s.purgeExpired(ctx); err != nil && ctx.Err() == nil {
			s.logger.Error("purging people who left 30 days ago failed; it is tried again in an hour", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(purgeEvery):
		}
	}
}

func (s *System) purgeExpired(ctx context.Context) error {
	all, err := s.Store.Organizations(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, o := range all {
		n, err := s.Directory.PurgeExpired(ctx, o.ID, s.now().Add(-directory.Retention))
		if err != nil {
			failed = append(failed, fmt.Errorf("organization %s: %w", o.Slug, err))
			continue
		}
		if n > 0 {
			s.logger.Info("purged people who left 30 days ago", "organization", o.Slug, "people", n)
		}
	}
	return errors.Join(failed...)
}

// due lists the applications whose cycle should start now: its interval is over, or the directory changed.
func (s *System) due(ctx context.Context) ([]string, error) {
	apps, err := s.Store.Applications(ctx, "")
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, app := range apps {
		due, err := s.isDue(ctx, app)
		if err != nil { // the trouble of one application must not keep the others from their cycles
			s.logger.Error("cannot tell whether a cycle is due", "application", app.Name, "error", err)
			continue
		}
		if due {
			ids = append(ids, app.ID)
		}
	}
	return ids, nil
}

func (s *System) isDue(ctx context.Context, app application.Application) (bool, error) {
	job, err := s.Store.Job(ctx, app.ID)
	if err != nil {
		return false, err
	}
	now := s.now()
	next := provisioning.NextCycle(now, app, job)
	if next.IsZero() {
		return false, nil
	}
	// A running cycle is asked about first: a wake-up while it runs would be for nothing, and must not be remembered as if it had come to something.
	if running, err := s.Engine.Running(ctx, app); err != nil || running {
		return false, err
	}
	if !next.After(now) {
		return true, nil
	}
	if job.Quarantine != nil {
		return false, nil
	}
	head, err := s.Store.Head(ctx, app.Organization)
	if err != nil {
		return false, err
	}
	return s.woken.wake(app.ID, job.Watermark, head, now), nil
}

// woken remembers the last wake-up of each application by the feed, so that a cycle that fails does not start again every two seconds for the same change.
type woken struct {
	mu   sync.Mutex
	last map[string]wakeUp
}

// wakeUp is what was known when an application was woken.
type wakeUp struct {
	watermark, head int64
	at              time.Time
}

// wake reports whether the feed has something that no cycle has handled: news since the last wake-up, or old news if a cycle has come to its end since, or
// if nothing came of the wake-up for a minute (the node that took it may be gone).
func (w *woken) wake(app string, watermark, head int64, now time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, woken := w.last[app]
	if head <= watermark || woken && head <= last.head && watermark == last.watermark && now.Sub(last.at) < wakeAgain {
		return false
	}
	if w.last == nil {
		w.last = map[string]wakeUp{}
	}
	w.last[app] = wakeUp{watermark: watermark, head: head, at: now}
	return true
}
