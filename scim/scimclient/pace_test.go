package scimclient

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// gauge is a service that takes a second for each request, answers 429 above a number of requests at once, and knows its highest load.
type gauge struct {
	limit   int64
	busy    atomic.Int64
	highest atomic.Int64
	refused atomic.Int64
}

func (g *gauge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := g.busy.Add(1)
	defer g.busy.Add(-1)
	for h := g.highest.Load(); n > h; h = g.highest.Load() {
		if g.highest.CompareAndSwap(h, n) {
			break
		}
	}
	if g.limit > 0 && n > g.limit {
		g.refused.Add(1)
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
	}
	_, _ = w.Write([]byte(`{"id":"7"}`))
}

// hammer makes n calls with 64 goroutines and returns how many failed.
func hammer(ctx context.Context, c *Client, n int) int64 {
	var wg sync.WaitGroup
	var failed atomic.Int64
	work := make(chan int)
	for range 64 {
		wg.Go(func() {
			for range work {
				if _, _, err := c.Get(ctx, "User", "7"); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
	return failed.Load()
}

func TestFixedConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{}
		c := newClient(t, g, func(cfg *Config) { cfg.Pacing.Concurrency = 3 })
		start := time.Now()
		if failed := hammer(t.Context(), c, 30); failed != 0 || g.highest.Load() != 3 || time.Since(start) != 10*time.Second {
			t.Errorf("failed %d, at most %d at once in %v; want 0, 3, 10 s", failed, g.highest.Load(), time.Since(start))
		}
	})
}

func TestAdaptiveConcurrencyGrowsWhileHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{}
		c := newClient(t, g, func(cfg *Config) { cfg.Pacing.Most = 24 })
		if got := c.Concurrency(); got != 4 {
			t.Errorf("starts with %d; want 4", got)
		}
		start := time.Now()
		hammer(t.Context(), c, 300)
		if got := g.highest.Load(); got != 24 || c.Concurrency() != 24 {
			t.Errorf("at most %d at once, now %d; want 24", got, c.Concurrency())
		}
		if d := time.Since(start); d > 18*time.Second {
			t.Errorf("took %v; want it to grow fast enough for 18 s", d)
		}
	})
}

func TestAdaptiveConcurrencySettlesBelowTheLimitOfTheService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gauge{limit: 10}
		c := newClient(t, g, nil)
		if failed := hammer(t.Context(), c, 1000); failed != 0 {
			t.Errorf("%d calls failed; want none", failed)
		}
		if got := c.Concurrency(); got < 4 || got > 12 {
			t.Errorf("settled at %d; want about the service's limit of 10", got)
		}
		if got := g.refused.Load(); got > 100 {
			t.Errorf("was refused %d of 1000 times; want the limit to be learnt", got)
		}
	})
}

func TestOneBurstHalvesOnce(t *testing.T) {
	cfg := Config{}.withDefaults()
	p := newPacer(Pacing{}, &cfg)
	p.limit = 16
	var epochs []int
	for range 16 {
		e, err := p.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		epochs = append(epochs, e)
	}
	for _, e := range epochs {
		p.release(e, congested)
	}
	if got := p.concurrency(); got != 8 {
		t.Errorf("16 refusals of one burst lead to %d; want 8", got)
	}
	for range 10 {
		e, err := p.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p.release(e, congested)
	}
	if got := p.concurrency(); got != 1 {
		t.Errorf("refusals one after the other lead to %d; want 1, never 0", got)
	}
}

func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: []reply{{status: 200, body: `{"id":"7"}`}}}
		c := newClient(t, s, func(cfg *Config) { cfg.Pacing = Pacing{Rate: 25, Concurrency: 8} })
		start := time.Now()
		hammer(t.Context(), c, 101)
		if got := time.Since(start); got < 4*time.Second || got > 4100*time.Millisecond {
			t.Errorf("101 requests at 25/s took %v; want 4 s", got)
		}
		slices.SortFunc(s.times, time.Time.Compare)
		for i := range s.times[1:] {
			if gap := s.times[i+1].Sub(s.times[i]); gap < 39*time.Millisecond {
				t.Fatalf("requests %d and %d are %v apart; want 40 ms: no bursts", i, i+1, gap)
			}
		}
	})
}

func TestWaitingForATurnCanBeGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{}.withDefaults()
		p := newPacer(Pacing{Concurrency: 1}, &cfg)
		epoch, err := p.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp := make(chan error)
		go func() { _, err := p.acquire(ctx); gaveUp <- err }()
		got := make(chan error)
		synctest.Wait()
		go func() { _, err := p.acquire(t.Context()); got <- err }()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v; want context.Canceled", err)
		}
		p.release(epoch, healthy)
		if err := <-got; err != nil {
			t.Errorf("the next in line got %v; want its turn", err)
		}
		if p.waiting.Len() != 0 || p.inFlight != 1 {
			t.Errorf("%d waiting, %d in flight; want 0 and 1", p.waiting.Len(), p.inFlight)
		}
	})
}

func TestAPlaceIsNotTakenByOneWhoGaveUp(t *testing.T) {
	cfg := Config{}.withDefaults()
	p := newPacer(Pacing{Concurrency: 1}, &cfg)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.enter(ctx); !errors.Is(err, context.Canceled) || p.inFlight != 0 {
		t.Errorf("got %v with %d in flight; want context.Canceled and 0", err, p.inFlight)
	}
}
