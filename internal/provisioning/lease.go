package provisioning

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// A lease outlives its holder by leaseTime at most; while the cycle runs it is renewed every renewEvery. Who finds it taken waits for leasePatience.
const (
	leaseTime     = 15 * time.Second
	renewEvery    = 5 * time.Second
	leasePatience = 5 * time.Second
	leasePoll     = 100 * time.Millisecond
)

// errRestarted ends a cycle whose job was started over, stopped or decided about meanwhile.
var errRestarted = fault.Errorf(fault.ErrConflict,
	"provisioning was stopped, started over or reconfigured while the cycle ran; what was done is kept, and the next cycle begins anew")

// hold takes the application's lease for one run. The returned context ends when the lease is lost or the job is changed by somebody; release gives the
// lease back. Waiting for another holder ends after 5 seconds with fault.ErrConflict that says who it is.
func (e *Engine) hold(ctx context.Context, app application.Application, generation func(context.Context) (int64, error)) (context.Context, func(), error) {
	lease := e.Process.lease(e.newID())
	if err := e.acquire(ctx, app, &lease); err != nil {
		return nil, nil, err
	}
	began, err := generation(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, e.Store.ReleaseLease(context.WithoutCancel(ctx), app.ID, lease))
	}
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.keep(held, cancel, app, lease, func(ctx context.Context) error {
			now, err := generation(ctx)
			if err == nil && now != began {
				return errRestarted
			}
			return nil // a job that cannot be read now will be read at the next turn
		})
	}()
	release := func() {
		cancel(nil)
		<-done
		if err := e.Store.ReleaseLease(context.WithoutCancel(ctx), app.ID, lease); err != nil {
			e.logger().Warn("the lease of the application could not be given back; it expires by itself", "application", app.Name, "error", err)
		}
	}
	return held, release, nil
}

func (e *Engine) acquire(ctx context.Context, app application.Application, lease *Lease) error {
	patience := cmp.Or(e.Patience, leasePatience)
	for waited := time.Duration(0); ; waited += leasePoll {
		now := e.now()
		lease.Expires = now.Add(leaseTime)
		other, err := e.Store.AcquireLease(ctx, app.ID, *lease, now, e.Process.dead)
		if err == nil {
			return nil
		}
		if !errors.Is(err, fault.ErrConflict) {
			return fmt.Errorf("take the lease of application %s: %w", app.Name, err)
		}
		if waited >= patience {
			return fault.Errorf(fault.ErrConflict, "a cycle of application %s is running already: process %d on %s (its lease is good until %s UTC "+
				"and renewed while it runs); wait for it to end, or stop that process",
				app.Name, other.PID, hostName(other.Host), other.Expires.UTC().Format(time.TimeOnly))
		}
		if err := sleep(ctx, leasePoll); err != nil {
			return err
		}
	}
}

// keep renews the lease until the context ends, and ends it when the lease is lost or check says so.
func (e *Engine) keep(ctx context.Context, cancel context.CancelCauseFunc, app application.Application, lease Lease, check func(context.Context) error) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lease.Expires = e.now().Add(leaseTime)
		err := e.Store.RenewLease(ctx, app.ID, lease)
		switch {
		case errors.Is(err, fault.ErrConflict):
			cancel(fault.Errorf(fault.ErrConflict,
				"the lease of application %s was taken over, because this process did not renew it in time; the new holder goes on", app.Name))
			return
		case err != nil && ctx.Err() == nil:
			e.logger().Warn("renewing the lease failed; trying again", "application", app.Name, "error", err)
		}
		if err := check(ctx); err != nil {
			cancel(err)
			return
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
