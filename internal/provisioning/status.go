package provisioning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// The states of a job (design/cli.md, `app status`).
const (
	StateOff         = "off"
	StateInitial     = "initial"     // an initial cycle runs, or is the next one
	StateIncremental = "incremental" // an incremental cycle runs
	StateIdle        = "idle"        // waiting for the next cycle
	StateQuarantine  = "quarantine"
	StateHeld        = "held"
)

// Status is the JSON of `app status`.
type Status struct {
	State       string          `json:"state"`
	Running     bool            `json:"running"`
	Watermark   int64           `json:"watermark"`
	Counts      Counts          `json:"counts"`
	LastCycle   json.RawMessage `json:"lastCycle"`
	NextCycle   *time.Time      `json:"nextCycle"` // nil: none is planned
	Escrows     int             `json:"escrows"`   // objects that failed and are tried again
	Staged      int             `json:"staged"`    // deletions that wait for a decision
	Excluded    int             `json:"excluded"`  // deletions that were rejected
	Quarantine  *Quarantine     `json:"quarantine"`
	Held        *Held           `json:"held"`
	FirstSteady *time.Time      `json:"firstSteady"` // when provisioning first had nothing left to do
}

// Status says how the application's provisioning stands.
func (e *Engine) Status(ctx context.Context, app application.Application) (Status, error) {
	job, err := e.Store.Job(ctx, app.ID)
	if err != nil {
		return Status{}, fmt.Errorf("read the job: %w", err)
	}
	counts, err := e.Store.Counts(ctx, app.ID)
	if err != nil {
		return Status{}, fmt.Errorf("count the links: %w", err)
	}
	list, err := e.Store.Escrows(ctx, app.ID)
	if err != nil {
		return Status{}, fmt.Errorf("read the escrows: %w", err)
	}
	running, err := e.running(ctx, app, job)
	if err != nil {
		return Status{}, err
	}
	s := Status{
		Running: running, Watermark: job.Watermark, Counts: counts, LastCycle: job.LastCycle, Quarantine: job.Quarantine, Held: job.Held,
	}
	for _, x := range list {
		switch {
		case x.Excluded:
			s.Excluded++
		case x.Code == codeStaged:
			s.Staged++
		case !x.failing(): // looked at again, and no failure
		default:
			s.Escrows++
		}
	}
	s.Counts.Failed = s.Escrows
	if !job.FirstSteady.IsZero() {
		s.FirstSteady = &job.FirstSteady
	}
	s.State = stateNow(app, job, running)
	if next := NextCycle(e.now(), app, job); !next.IsZero() {
		s.NextCycle = &next
	}
	return s, nil
}

func stateNow(app application.Application, job Job, running bool) string {
	initial := job.Initial || job.Watermark == 0 || job.Revision != app.Revision
	switch {
	case running && initial:
		return StateInitial
	case running:
		return StateIncremental
	case job.Quarantine != nil:
		return StateQuarantine
	case job.Held != nil:
		return StateHeld
	case !app.On:
		return StateOff
	case initial:
		return StateInitial
	}
	return StateIdle
}

// running reports whether a cycle is open whose process is alive.
func (e *Engine) running(ctx context.Context, app application.Application, job Job) (bool, error) {
	if job.Open.IsZero() {
		return false, nil
	}
	lease, err := e.Store.LeaseOf(ctx, app.ID)
	if errors.Is(err, fault.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the lease: %w", err)
	}
	return e.now().Before(lease.Expires) && !e.Process.dead(lease), nil
}

// NextCycle is when the next scheduled cycle should begin: now at the earliest; zero: never, because provisioning is off, not connected, or was
// quarantined for four weeks.
func NextCycle(now time.Time, app application.Application, job Job) time.Time {
	if !app.On || app.TenantURL == "" {
		return time.Time{}
	}
	next := now
	if !job.LastEnd.IsZero() {
		next = job.LastEnd.Add(app.Settings.Interval)
	}
	if q := job.Quarantine; q != nil {
		if q.Over(now) {
			return time.Time{}
		}
		next = q.NextAttempt
	}
	if next.Before(now) {
		return now
	}
	return next
}

// Due reports whether the scheduler should start a cycle now.
func Due(now time.Time, app application.Application, job Job) bool {
	next := NextCycle(now, app, job)
	return !next.IsZero() && !next.After(now)
}
