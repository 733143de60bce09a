// Package schedule runs provisioning cycles when they are due. River (the job queue) decides which node does what; this package only tells River to
// look every few seconds, and starts a cycle where River says so. It owns no state of a job: watermarks, leases and quarantine are the store's, so that
// a lost queue costs nothing but a few seconds.
//
// A River job here is short on purpose: it starts a cycle and ends. River gives the jobs of a killed node to others only late, while our own lease of
// the application expires within seconds.
package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// Config says what to run and where River keeps its queue.
type Config struct {
	DB       *sql.DB // of River's own tables: a SQLite file of its own, or the shared PostgreSQL database
	Postgres bool    // which of the two DB is

	// Due returns the ids of the applications whose cycle should start now.
	Due func(ctx context.Context) ([]string, error)
	// Run runs one cycle of the application to its end. The context ends when the scheduler stops.
	Run func(ctx context.Context, application string) error

	Every  time.Duration // between two looks; initially 2 seconds
	Cycles int           // most cycles at once on this node; initially 4
	Logger *slog.Logger
}

const (
	defaultEvery  = 2 * time.Second
	defaultCycles = 4
	jobTimeout    = 30 * time.Second
	rescueAfter   = time.Minute // a start job takes milliseconds; what runs longer belongs to a dead node
	queueSweep    = "sweep"
	queueCycle    = "cycle"
)

// Scheduler is one node's share of the schedule.
type Scheduler struct {
	client client
	runner *runner
	logger *slog.Logger
}

// client is what the scheduler needs of a river.Client, whatever its transaction type.
type client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// New prepares River's tables and a scheduler that is not running yet.
func New(ctx context.Context, c Config) (*Scheduler, error) {
	if c.Every == 0 {
		c.Every = defaultEvery
	}
	if c.Cycles == 0 {
		c.Cycles = defaultCycles
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	r := newRunner(c)
	cl, err := newClient(ctx, c, r)
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	return &Scheduler{client: cl, runner: r, logger: c.Logger}, nil
}

func newClient(ctx context.Context, c Config, r *runner) (client, error) {
	if c.Postgres {
		return prepare(ctx, c, r, riverdatabasesql.New(c.DB))
	}
	return prepare(ctx, c, r, riversqlite.New(c.DB))
}

func prepare[T any](ctx context.Context, c Config, r *runner, driver riverdriver.Driver[T]) (client, error) {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet(c.Logger)})
	if err != nil {
		return nil, fmt.Errorf("prepare the job queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("migrate the job queue: %w", err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &sweepWorker{due: c.Due, every: c.Every})
	river.AddWorker(workers, &cycleWorker{runner: r})
	return river.NewClient(driver, &river.Config{
		Logger:            quiet(c.Logger),
		PollOnly:          true,
		FetchPollInterval: 500 * time.Millisecond,
		JobTimeout:        jobTimeout,
		MaxAttempts:       1,
		Queues: map[string]river.QueueConfig{
			queueSweep: {MaxWorkers: 1},
			queueCycle: {MaxWorkers: c.Cycles},
		},
		PeriodicJobs: []*river.PeriodicJob{river.NewPeriodicJob(
			river.PeriodicInterval(c.Every),
			func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil },
			&river.PeriodicJobOpts{RunOnStart: true},
		)},
		CompletedJobRetentionPeriod: 10 * time.Minute,
		DiscardedJobRetentionPeriod: time.Hour,
		RescueStuckJobsAfter:        rescueAfter,
		Workers:                     workers,
	})
}

// quiet keeps River's own running commentary out of our log: only what needs a person comes through.
func quiet(l *slog.Logger) *slog.Logger {
	return slog.New(levelFloor{l.Handler()})
}

type levelFloor struct{ slog.Handler }

func (h levelFloor) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelError && h.Handler.Enabled(ctx, level)
}

func (h levelFloor) WithAttrs(attrs []slog.Attr) slog.Handler {
	return levelFloor{h.Handler.WithAttrs(attrs)}
}

func (h levelFloor) WithGroup(name string) slog.Handler { return levelFloor{h.Handler.WithGroup(name)} }

// Start begins to look for due applications. It returns at once.
func (s *Scheduler) Start(ctx context.Context) error {
	if err := s.client.Start(ctx); err != nil {
		return fmt.Errorf("schedule: start: %w", err)
	}
	return nil
}

// Stop takes no new work, tells running cycles to end after their current request, and waits for them or for ctx.
func (s *Scheduler) Stop(ctx context.Context) error {
	err := s.client.Stop(ctx)
	s.runner.stop()
	return errors.Join(err, s.runner.wait(ctx))
}

// runner holds the cycles running on this node.
type runner struct {
	run    func(ctx context.Context, application string) error
	logger *slog.Logger
	slots  chan struct{}
	ctx    context.Context // of all cycles: ends with stop
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu      sync.Mutex
	running map[string]bool
	stopped bool
}

func newRunner(c Config) *runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &runner{
		run: c.Run, logger: c.Logger, slots: make(chan struct{}, c.Cycles), ctx: ctx, cancel: cancel, running: map[string]bool{},
	}
}

// start begins a cycle and reports whether it could: not when the node is full. An application that is already running here counts as started.
func (r *runner) start(application string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running[application] || r.stopped {
		return true
	}
	select {
	case r.slots <- struct{}{}:
	default:
		return false
	}
	r.running[application] = true
	r.wg.Go(func() { r.cycle(application) })
	return true
}

func (r *runner) cycle(application string) {
	defer func() {
		r.mu.Lock()
		delete(r.running, application)
		r.mu.Unlock()
		<-r.slots
	}()
	if err := r.run(r.ctx, application); err != nil && !errors.Is(err, context.Canceled) {
		r.logger.Error("provisioning cycle failed", "application", application, "error", err)
	}
}

func (r *runner) stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	r.cancel()
}

func (r *runner) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { r.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("running cycles did not end in time: %w", ctx.Err())
	}
}
