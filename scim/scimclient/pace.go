package scimclient

import (
	"container/list"
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pacing says how hard a service may be pushed.
type Pacing struct {
	Rate        float64 // requests per second, evenly spread; 0: no limit
	Concurrency int     // requests in flight; 0: adaptive, growing while the service is healthy and halved when it is not
	Most        int     // the most that adaptive concurrency grows to; 0: 32
}

const (
	firstConcurrency = 4
	mostConcurrency  = 32
)

// outcome is what one request says about the health of the service.
type outcome int

const (
	neutral   outcome = iota // says nothing: cancelled, or never sent
	healthy                  // answered, with whatever status
	congested                // 429, 503, a timeout, a broken connection
)

// pacer admits requests: so many at once, so many a second, none during a pause. It is shared by all calls of a client.
type pacer struct {
	now     func() time.Time
	sleep   func(context.Context, time.Duration) error
	jitter  func() float64
	maxWait time.Duration
	bucket  *rate.Limiter // nil: no limit

	mu       sync.Mutex
	adaptive bool
	limit    float64 // requests in flight allowed now; at least 1
	most     float64
	steady   bool // congestion was met once: grow by one a round from now on instead of doubling
	epoch    int  // grows with each halving, so that requests already under way at a halving do not halve again
	inFlight int
	waiting  list.List // of chan struct{}, first come first served
	until    time.Time // paused until then
}

func newPacer(p Pacing, cfg *Config) *pacer {
	pc := &pacer{now: cfg.Now, sleep: cfg.Sleep, jitter: cfg.Jitter, maxWait: cfg.Retry.MaxWait}
	pc.adaptive = p.Concurrency <= 0
	pc.limit, pc.most = float64(p.Concurrency), float64(p.Concurrency)
	if pc.adaptive {
		pc.most = mostConcurrency
		if p.Most > 0 {
			pc.most = float64(p.Most)
		}
		pc.limit = min(firstConcurrency, pc.most)
	}
	if p.Rate > 0 {
		// One token at a time: a burst is what rate limits of services punish.
		pc.bucket = rate.NewLimiter(rate.Limit(p.Rate), 1)
	}
	return pc
}

// pauseError says that the service wants to be left alone for longer than we are willing to wait.
type pauseError struct{ remaining time.Duration }

func (e *pauseError) Error() string { return "paused for " + e.remaining.Round(time.Second).String() }

// acquire waits until a request may be sent and returns the epoch to be handed to release. It returns the context's error or *pauseError.
func (p *pacer) acquire(ctx context.Context) (int, error) {
	for {
		if err := p.waitPause(ctx); err != nil {
			return 0, err
		}
		epoch, err := p.enter(ctx)
		if err != nil {
			return 0, err
		}
		if err := p.waitRate(ctx); err != nil {
			p.release(epoch, neutral)
			return 0, err
		}
		if p.paused() <= 0 {
			return epoch, nil
		}
		// A pause began while this one stood in line. Its place is given back, because the pause may have made the line shorter.
		p.release(epoch, neutral)
	}
}

func (p *pacer) paused() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until.Sub(p.now())
}

func (p *pacer) waitPause(ctx context.Context) error {
	for {
		d := p.paused()
		if d <= 0 {
			return ctx.Err()
		}
		if d > p.maxWait {
			return &pauseError{remaining: d}
		}
		// Spread the end of the pause, or all that waited would knock at the same instant.
		if err := p.sleep(ctx, d+time.Duration(p.jitter()*float64(min(d/8, time.Second)))); err != nil {
			return err
		}
	}
}

func (p *pacer) waitRate(ctx context.Context) error {
	if p.bucket == nil {
		return ctx.Err()
	}
	now := p.now()
	r := p.bucket.ReserveN(now, 1)
	if d := r.DelayFrom(now); d > 0 {
		if err := p.sleep(ctx, d); err != nil {
			r.CancelAt(p.now())
			return err
		}
	}
	return ctx.Err()
}

// enter waits for a place among the requests in flight.
func (p *pacer) enter(ctx context.Context) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err // before a place is taken: nobody would give it back
	}
	p.mu.Lock()
	if p.waiting.Len() == 0 && p.inFlight < int(p.limit) {
		p.inFlight++
		defer p.mu.Unlock()
		return p.epoch, nil
	}
	turn := make(chan struct{})
	place := p.waiting.PushBack(turn)
	p.mu.Unlock()

	select {
	case <-turn:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.epoch, nil
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		select {
		case <-turn: // the place was given in the same moment: hand it on
			p.inFlight--
			p.admit()
		default:
			p.waiting.Remove(place)
		}
		return 0, ctx.Err()
	}
}

// release gives the place back and learns from what happened.
func (p *pacer) release(epoch int, o outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.adaptive {
		p.learn(epoch, o)
	}
	p.inFlight--
	p.admit()
}

func (p *pacer) learn(epoch int, o outcome) {
	switch {
	case o == congested && epoch == p.epoch:
		p.limit, p.steady = max(1, p.limit/2), true
		p.epoch++
	case o == healthy && 2*p.inFlight < int(p.limit):
		// Half of what is allowed was not even used: success says nothing about more.
	case o == healthy && p.steady:
		p.limit = min(p.most, p.limit+1/p.limit)
	case o == healthy:
		p.limit = min(p.most, p.limit+1)
	}
}

func (p *pacer) admit() {
	for p.inFlight < int(p.limit) && p.waiting.Len() > 0 {
		turn, ok := p.waiting.Remove(p.waiting.Front()).(chan struct{})
		if !ok {
			continue
		}
		p.inFlight++
		close(turn)
	}
}

// pause stops everything that has not been sent yet for d from now; a shorter pause does not end a longer one.
func (p *pacer) pause(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.now().Add(d); until.After(p.until) {
		p.until = until
	}
}

// concurrency is the number of requests allowed in flight now.
func (p *pacer) concurrency() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.limit)
}
