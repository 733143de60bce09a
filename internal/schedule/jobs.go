package schedule

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// sweepArgs is the periodic job that looks for due applications. River inserts it on one node only.
type sweepArgs struct{}

func (sweepArgs) Kind() string { return "rollcall_sweep" }

func (sweepArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueSweep} }

// cycleArgs is the job that starts a cycle of one application.
type cycleArgs struct {
	Application string `json:"application"`
}

func (cycleArgs) Kind() string { return "rollcall_cycle" }

// InsertOpts makes the job unique while it waits or runs, so that looking every two seconds does not pile up starts.
func (cycleArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{
		Queue: queueCycle,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateScheduled,
			rivertype.JobStateRetryable,
		}},
	}
}

type sweepWorker struct {
	river.WorkerDefaults[sweepArgs]
	due   func(ctx context.Context) ([]string, error)
	every time.Duration
}

// Work inserts a start for each due application. A sweep that waited too long (the node was down) is dropped: a newer one follows.
func (w *sweepWorker) Work(ctx context.Context, job *river.Job[sweepArgs]) error {
	if time.Since(job.CreatedAt) > 10*w.every {
		return nil
	}
	ids, err := w.due(ctx)
	if err != nil {
		return fmt.Errorf("find due applications: %w", err)
	}
	for _, id := range ids {
		if err := insert(ctx, cycleArgs{Application: id}); err != nil {
			return fmt.Errorf("queue a cycle of %s: %w", id, err)
		}
	}
	return nil
}

// insert adds a job through the client that runs the calling worker. River keeps the client in the context under its transaction type; both of our
// drivers use database/sql transactions.
func insert(ctx context.Context, args river.JobArgs) error {
	c, err := river.ClientFromContextSafely[*sql.Tx](ctx)
	if err != nil {
		return errors.Join(errors.New("no queue in the context of a worker"), err)
	}
	_, err = c.Insert(ctx, args, nil)
	return err
}

type cycleWorker struct {
	river.WorkerDefaults[cycleArgs]
	runner *runner
}

// Work starts the cycle and ends. A full node leaves the job for later, or for another node.
func (w *cycleWorker) Work(_ context.Context, job *river.Job[cycleArgs]) error {
	if !w.runner.start(job.Args.Application) {
		return river.JobSnooze(time.Second)
	}
	return nil
}
