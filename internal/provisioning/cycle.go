package provisioning

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// pageSize is how many objects are loaded at once.
const pageSize = 500

// defaultWorkers is how many objects are handled at once where the application leaves it to us. The target's client limits what is really in flight.
const defaultWorkers = 16

// cycle is one run over the objects of one application.
type cycle struct {
	engine *Engine
	store  Store // the engine's, or a plan's
	target Target
	app    application.Application
	rules  map[string]*rules // by source type; only the types that are provisioned

	id       string
	kind     string
	plan     bool
	by       record.Initiator
	began    time.Time
	job      Job
	head     int64     // the feed's newest change when the cycle began: the next watermark
	judged   time.Time // the moment that scoping filters were last asked for of everybody
	requests int64     // the target's counter when the cycle began

	due     due            // what an incremental cycle looks at
	escrows map[Key]Escrow // as they were when the cycle began

	claims   map[claim]claimant  // matching values of objects that ask for an account in this cycle
	owners   map[string]claimant // accounts that objects of this cycle got, by the target's id
	accounts map[Key]string      // the same the other way round: the target's id by object
	survey   *survey             // who has an account, where the target was listed; nil: it was not
	leaving  []*item             // deprovisioning, gathered until all of it is known
	held     *Held
	examples []string // of who is held back
	count    *counter
	progress *meter

	mu        sync.Mutex // guards claims, owners, accounts, leaving, silent, pending, unchanged and flushed
	silent    int        // failures in a row without any answer of the target
	pending   []outcome
	unchanged []quietRecord    // records of objects that did not differ in the first pass of an incremental cycle
	seen      *[]record.Record // of one person on demand: the records as they come
	flushed   time.Time
	commits   sync.Mutex // one commit at a time, in order
}

// open reads what a cycle needs to know before it begins. The head of the feed is read first: a change that comes later belongs to the next cycle.
func (e *Engine) open(ctx context.Context, app application.Application, target Target, o Options) (*cycle, error) {
	head, err := e.Directory.Head(ctx, app.Organization)
	if err != nil {
		return nil, fmt.Errorf("read the head of the change feed: %w", err)
	}
	job, err := e.Store.Job(ctx, app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the job: %w", err)
	}
	job.Application = app.ID
	rules, err := e.compileRules(ctx, app)
	if err != nil {
		return nil, err
	}
	list, err := e.Store.Escrows(ctx, app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the escrows: %w", err)
	}
	c := &cycle{
		engine: e, store: e.Store, target: unhurried{target}, app: app, rules: rules, judged: judgedAt(job),
		id: e.newID(), kind: KindIncremental, by: initiator(o.Foreground), began: e.now(), job: job, head: head, requests: target.Requests(),
		escrows: map[Key]Escrow{}, claims: map[claim]claimant{}, owners: map[string]claimant{}, accounts: map[Key]string{}, count: newCounter(),
		progress: newMeter(o.Progress), flushed: e.now(),
	}
	if job.Initial || job.Watermark == 0 || job.Revision != app.Revision {
		c.kind = KindInitial
	}
	for _, x := range list {
		c.escrows[Key{x.Type, x.Source}] = x
	}
	c.due = newDue(list, c.began, o.Foreground)
	return c, nil
}

// initiator is who had a cycle run: somebody who waits for it, or the schedule.
func initiator(foreground bool) record.Initiator {
	if foreground {
		return record.Initiator{Type: "user", Name: "administrator"}
	}
	return record.Initiator{Type: "system", Name: "schedule"}
}

// run is a cycle, top to bottom.
func (c *cycle) run(ctx context.Context) error {
	if err := c.probe(ctx); err != nil {
		return err
	}
	if c.kind == KindIncremental {
		if err := c.follow(ctx); err != nil {
			return err
		}
	}
	for _, typ := range []string{directory.User, directory.Group} {
		if err := c.pass(ctx, typ); err != nil {
			return err
		}
	}
	if err := c.deprovision(ctx); err != nil {
		return err
	}
	if err := c.references(ctx); err != nil {
		return err
	}
	if err := c.members(ctx); err != nil {
		return err
	}
	return c.speak(ctx)
}

// probe asks the target what a test connection asks, so that a cycle with bad credentials fails before it touches anybody.
func (c *cycle) probe(ctx context.Context) error {
	for _, typ := range []string{directory.User, directory.Group} {
		r := c.rules[typ]
		if r == nil {
			continue
		}
		if err := c.target.Probe(ctx, r.mapping.Target, r.probe); err != nil {
			return c.judge(ctx, err)
		}
	}
	return nil
}

// stopError ends a cycle that cannot succeed with anybody: the job goes to quarantine.
type stopError struct{ target *TargetError }

func (s *stopError) Error() string { return s.target.Error() }
func (s *stopError) Unwrap() error { return s.target }

// judge turns an error of the probe into what the cycle ends with.
func (c *cycle) judge(ctx context.Context, err error) error {
	var t *TargetError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &t):
		return err
	case t.Fatal:
		return &stopError{t}
	}
	return fault.Errorf(fault.ErrUnavailable, "the target of application %s does not work at the moment: %w; nobody was touched, and the next cycle tries again",
		c.app.Name, t)
}

// pass handles every object of one type: decide, apply, record. Deprovisioning is only gathered.
func (c *cycle) pass(ctx context.Context, typ string) error {
	if c.rules[typ] == nil {
		return nil
	}
	total := c.total(ctx, typ)
	if err := c.lookAround(ctx, typ, total); err != nil {
		return err
	}
	c.progress.phase(typ, total)
	for page, err := range c.pages(ctx, typ) {
		if err != nil {
			return err
		}
		items, err := c.load(ctx, typ, page)
		if err != nil {
			return err
		}
		// Who has an account comes before who needs one: a name that a colleague gives up is free before somebody new asks for it.
		for _, wave := range split(items) {
			if err := c.inParallel(ctx, wave, c.handle); err != nil {
				return err
			}
		}
	}
	return nil
}

func split(items []*item) [2][]*item {
	var waves [2][]*item
	for _, it := range items {
		n := 0
		if it.Link == nil {
			n = 1
		}
		waves[n] = append(waves[n], it)
	}
	return waves
}

// total is how many objects the pass will look at, for the progress. A wrong number harms nobody.
func (c *cycle) total(ctx context.Context, typ string) int {
	if c.kind == KindIncremental {
		return len(c.due.objects[typ])
	}
	n, err := c.engine.Directory.CountObjects(ctx, c.app.Organization, typ)
	if err != nil {
		return 0
	}
	return n
}

func (c *cycle) workers() int {
	if c.app.Settings.Concurrency > 0 {
		return c.app.Settings.Concurrency
	}
	return defaultWorkers
}

// result is what the cycle did so far.
func (c *cycle) result() Result {
	users, groups := c.count.tallies()
	r := Result{
		CycleID: c.id, Kind: c.kind, Plan: c.plan, Tally: users.plus(groups), Users: users, Groups: groups,
		Requests: c.target.Requests() - c.requests, DurationMS: c.engine.now().Sub(c.began).Milliseconds(),
		Held: c.job.Held, Began: c.began, Judged: c.judged, Warnings: c.count.warned,
	}
	if q := c.job.Quarantine; q != nil {
		r.Quarantine = &QuarantineOutcome{Reason: q.Reason, Code: q.Code, Message: q.Message}
	}
	return r
}
