package schedule_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/schedule"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

const soon = 20 * time.Second

// node starts a scheduler on the database and stops it with the test.
func node(t *testing.T, c store.Config, s schedule.Config) *schedule.Scheduler {
	t.Helper()
	db, postgres, err := store.Queue(c)
	if err != nil {
		t.Fatal(err)
	}
	s.DB, s.Postgres = db, postgres
	s.Every = 100 * time.Millisecond
	sched, err := schedule.New(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := sched.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		if err := sched.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return sched
}

func receive[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(soon):
		t.Fatalf("not within %s: %s", soon, what)
		panic("unreachable")
	}
}

func TestDueApplicationsRunOnceAtATime(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		started, release := make(chan string), make(chan struct{})
		var mu sync.Mutex
		running := map[string]int{}
		node(t, c, schedule.Config{
			Due: func(context.Context) ([]string, error) { return []string{"a", "b"}, nil },
			Run: func(ctx context.Context, application string) error {
				mu.Lock()
				running[application]++
				if running[application] > 1 {
					t.Errorf("%s runs twice at once on one node", application)
				}
				mu.Unlock()
				select {
				case started <- application:
				case <-ctx.Done():
				}
				select {
				case <-release:
				case <-ctx.Done():
				}
				mu.Lock()
				running[application]--
				mu.Unlock()
				return nil
			},
		})
		seen := map[string]bool{}
		for range 2 {
			seen[receive(t, started, "a cycle of each due application")] = true
		}
		if !seen["a"] || !seen["b"] {
			t.Fatalf("started %v; want a and b", seen)
		}
		release <- struct{}{}
		receive(t, started, "the application that ended starts again, because it is still due")
	})
}

func TestStopEndsRunningCycles(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		started, ended := make(chan struct{}), make(chan error, 1)
		var once sync.Once
		sched := node(t, c, schedule.Config{
			Due: func(context.Context) ([]string, error) { return []string{"a"}, nil },
			Run: func(ctx context.Context, _ string) error {
				once.Do(func() { close(started) })
				<-ctx.Done()
				select {
				case ended <- ctx.Err():
				default:
				}
				return ctx.Err()
			},
		})
		receive(t, started, "the cycle starts")
		ctx, cancel := context.WithTimeout(context.Background(), soon)
		defer cancel()
		if err := sched.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if err := receive(t, ended, "the cycle's context ends"); err == nil {
			t.Error("the cycle ended although nobody told it to")
		}
	})
}

// A queue that a killed node left behind must not keep the next node from starting cycles.
func TestAnotherNodeGoesOn(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		for round := range 2 {
			started := make(chan string, 1)
			sched := node(t, c, schedule.Config{
				Due: func(context.Context) ([]string, error) { return []string{"a"}, nil },
				Run: func(_ context.Context, application string) error {
					select {
					case started <- application:
					default:
					}
					return nil
				},
			})
			if got := receive(t, started, "a cycle"); got != "a" {
				t.Fatalf("round %d: started %q", round, got)
			}
			ctx, cancel := context.WithTimeout(context.Background(), soon)
			if err := sched.Stop(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
		}
	})
}
