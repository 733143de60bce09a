package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// leaseAttempts bounds how often a lease may vanish under the one who wants it.
const leaseAttempts = 5

const selectLease = "select holder, host, pid, started, expires from lease where application_id = $1"

func lease(ctx context.Context, q querier, text, app string) (l provisioning.Lease, err error) {
	var expires int64
	err = q.get(ctx, []any{&l.Holder, &l.Host, &l.PID, &l.Started, &expires}, text, app)
	l.Expires = fromMicros(expires)
	return l, err
}

// LeaseOf returns the application's lease, an expired one too; fault.ErrNotFound when there is none.
func (s *Store) LeaseOf(ctx context.Context, app string) (provisioning.Lease, error) {
	l, err := lease(ctx, s.q, selectLease, app)
	return l, s.d.absent("read a lease", err, "nobody holds the lease of the application with id %q", app)
}

// AcquireLease implements provisioning.Leases.
func (s *Store) AcquireLease(ctx context.Context, app string, l provisioning.Lease, now time.Time,
	dead func(provisioning.Lease) bool,
) (provisioning.Lease, error) {
	other := provisioning.Lease{}
	err := s.write(ctx, func(ctx context.Context, t *tx) error {
		for range leaseAttempts {
			// Who comes second waits here for the first one's commit.
			n, err := t.q.exec(ctx, `insert into lease (application_id, holder, host, pid, started, expires) values ($1, $2, $3, $4, $5, $6)
				on conflict do nothing`, app, l.Holder, l.Host, l.PID, l.Started, micros(l.Expires))
			if err != nil || n == 1 {
				return t.d.fail("take the lease of an application", err)
			}
			other, err = lease(ctx, t.q, selectLease+t.d.lock, app)
			if errors.Is(err, sql.ErrNoRows) {
				continue // given back in between: try to be the first again
			}
			if err != nil {
				return t.d.fail("read a lease", err)
			}
			if other.Holder != l.Holder && other.Expires.After(now) && (dead == nil || !dead(other)) {
				return held(other)
			}
			_, err = t.q.exec(ctx, "update lease set holder = $2, host = $3, pid = $4, started = $5, expires = $6 where application_id = $1",
				app, l.Holder, l.Host, l.PID, l.Started, micros(l.Expires))
			return t.d.fail("take the lease of an application", err)
		}
		return held(other)
	})
	if errors.Is(err, fault.ErrConflict) {
		return other, err
	}
	return l, err
}

func held(other provisioning.Lease) error {
	return fault.Errorf(fault.ErrConflict, "another cycle of this application runs: process %d on host %q holds the lease until %s UTC",
		other.PID, other.Host, other.Expires.Format(time.DateTime))
}

// RenewLease implements provisioning.Leases.
func (s *Store) RenewLease(ctx context.Context, app string, l provisioning.Lease) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		n, err := t.q.exec(ctx, "update lease set expires = $3 where application_id = $1 and holder = $2", app, l.Holder, micros(l.Expires))
		if err != nil {
			return t.d.fail("renew a lease", err)
		}
		if n == 0 {
			return fault.Errorf(fault.ErrConflict, "the lease of the application was lost: it expired and another process took it, or it was released")
		}
		return nil
	})
}

// ReleaseLease implements provisioning.Leases. Releasing a lease that somebody else holds by now changes nothing.
func (s *Store) ReleaseLease(ctx context.Context, app string, l provisioning.Lease) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, "delete from lease where application_id = $1 and holder = $2", app, l.Holder)
		return t.d.fail("release a lease", err)
	})
}
