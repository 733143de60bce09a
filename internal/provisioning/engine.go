// Package provisioning keeps the accounts of an application in step with the people of a directory: the cycle and everything a cycle decides and
// remembers. It owns the rules of joining, moving and leaving (spec/entra-provisioning.md section 1): which objects are looked at, what is done with each
// and why, references, retries, the deletion guard, quarantine, and the lease that keeps two cycles of one application apart.
//
// It refuses to know how the directory is stored, how a target is spoken to, and when a cycle should start: those are a Store, a Target and a scheduler.
// It stands apart from them because one code must serve a plan, a cycle, and one person on demand: a plan is the same code over a target that only reads.
//
// Read Decide first: it is the specification as a pure function. Then cycle.run: the order of a cycle.
package provisioning

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// Engine runs cycles. One Engine serves all applications; it keeps no state between calls.
type Engine struct {
	Directory    directory.Reader
	Assignments  application.AssignmentStore
	Applications application.Store
	Store        Store
	// DefaultDomain returns the default domain of an organization, empty where none was given; nil: there are none.
	DefaultDomain func(ctx context.Context, organization string) (string, error)

	// ConcealKey returns the key under which values marked with Redact() are hashed to notice that they change; nil: they are written again in every cycle.
	ConcealKey func() ([]byte, error)

	Now     func() time.Time // nil: time.Now
	NewID   func() string    // ids of cycles and records; nil: random
	Logger  *slog.Logger     // nil: none
	Process Process
	// Patience is how long a cycle waits for another one of the same application to end; 0: 5 seconds.
	Patience time.Duration
	// Trace makes the requests of a context carry a W3C trace context (scimclient.WithTraceparent), so that a change can be followed into the target; nil:
	// they do not.
	Trace func(ctx context.Context, traceparent string) context.Context
	// Notifier says whom to tell what about a cycle that ended. nil: nobody is told. A plan never tells.
	Notifier Notifier
}

// Options are those of one cycle.
type Options struct {
	Foreground bool           // somebody asked for it and waits: everything that failed is tried again, whatever its schedule says
	Progress   func(Progress) // called now and then, from one goroutine at a time; nil: nobody looks
}

func (e *Engine) now() time.Time {
	if e.Now != nil {
		return e.Now().UTC().Truncate(time.Microsecond)
	}
	return time.Now().UTC().Truncate(time.Microsecond)
}

func (e *Engine) newID() string {
	if e.NewID != nil {
		return e.NewID()
	}
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (e *Engine) logger() *slog.Logger {
	if e.Logger != nil {
		return e.Logger
	}
	return slog.New(slog.DiscardHandler)
}

// RunOnce runs one cycle of the application, initial or incremental as the job's state says. A quarantine and held deletions are outcomes, not errors:
// Result tells. Errors: fault.ErrConflict when another cycle of the application is running, or the job was changed meanwhile; fault.ErrUnavailable when
// the target does not answer; the context's. After an error the watermark is where it was, what was done is recorded, and the next cycle goes on from there.
func (e *Engine) RunOnce(ctx context.Context, app application.Application, target Target, o Options) (Result, error) {
	ctx, release, err := e.hold(ctx, app, e.generation(app.ID))
	if err != nil {
		return Result{}, err
	}
	defer release()
	// Whoever waited for the lease may have waited while the application was changed.
	if e.Applications != nil {
		if app, err = e.Applications.ApplicationByID(ctx, app.ID); err != nil {
			return Result{}, fmt.Errorf("read the application: %w", err)
		}
	}
	c, err := e.open(ctx, app, target, o)
	if err != nil {
		return Result{}, err
	}
	if err := c.begin(ctx); err != nil {
		return Result{}, err
	}
	err = c.run(ctx)
	return c.end(ctx, err)
}

func (e *Engine) generation(app string) func(context.Context) (int64, error) {
	return func(ctx context.Context) (int64, error) {
		job, err := e.Store.Job(ctx, app)
		if err != nil {
			return 0, fmt.Errorf("read the job: %w", err)
		}
		return job.Generation, nil
	}
}

// begin notes in the job that a cycle is open, so that a crash is noticed by the next one.
func (c *cycle) begin(ctx context.Context) error {
	job := c.job
	job.Open = c.began
	return c.save(ctx, job)
}

// end judges the cycle and stores the job: the watermark last, and only when every object was looked at.
func (c *cycle) end(ctx context.Context, err error) (Result, error) {
	stopped := ctx.Err() != nil
	ctx = context.WithoutCancel(ctx)
	var stop *stopError
	if err != nil && !errors.As(err, &stop) {
		if stopped {
			return c.result(), err // by us, by somebody's decision, or because the lease is another's: the job is theirs
		}
		return c.result(), c.interrupted(ctx, err)
	}
	job := c.job
	job.Open = time.Time{}
	job.LastEnd = c.engine.now()
	switch {
	case stop != nil:
		job.Quarantine = quarantined(c.job.Quarantine, job.LastEnd, reasonException, stop.target.Code, stop.target.Detail)
		job.Open = c.began // not every object was looked at
	default:
		c.complete(&job)
	}
	c.job.Quarantine, c.job.Held = job.Quarantine, job.Held
	result := c.result()
	raw, marshalErr := json.Marshal(result)
	if marshalErr != nil {
		return result, marshalErr
	}
	job.LastCycle = raw
	c.tell(ctx, &job, "")
	return result, c.save(ctx, job)
}

// complete is the job after a cycle that looked at everything.
func (c *cycle) complete(job *Job) {
	job.Watermark = c.head
	c.judged = c.began
	job.Initial = false
	job.Revision = c.app.Revision
	job.Held = c.held
	job.DeletesOK = false
	reason, message := c.count.health.verdict()
	if reason != "" {
		job.Quarantine = quarantined(c.job.Quarantine, job.LastEnd, reason, codeTooManyFailures, message)
		return
	}
	job.Quarantine = nil
	if job.FirstSteady.IsZero() && c.count.health.failed+c.count.health.reference == 0 && c.held == nil {
		job.FirstSteady = job.LastEnd
	}
}

// interrupted keeps the job as it was, except that a cycle that failed is not begun again at once: what stopped it is likely still there.
func (c *cycle) interrupted(ctx context.Context, err error) error {
	if errors.Is(err, errRestarted) {
		return err
	}
	job := c.job
	job.Open, job.LastEnd = c.began, c.engine.now()
	c.tell(ctx, &job, trouble(err))
	return errors.Join(err, c.save(ctx, job))
}

// save stores the job, unless somebody started it over meanwhile: then their word counts.
func (c *cycle) save(ctx context.Context, job Job) error {
	err := c.engine.Store.SaveJob(ctx, job)
	switch {
	case errors.Is(err, fault.ErrConflict):
		return errRestarted
	case err != nil:
		return fmt.Errorf("save the job: %w", err)
	}
	return nil
}
