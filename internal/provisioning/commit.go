package provisioning

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Outcomes are committed together: when flushCount are waiting, when flushEvery has passed, and at the end of each wave of objects.
const (
	flushCount = 100
	flushEvery = time.Second
	// patience is how many objects in a row may go without any answer of the target before the cycle ends: it is down, and everybody would fail.
	patience = 25
)

// inParallel handles the items with as many workers as the application allows, and commits their outcomes. The first error ends it, after the requests
// under way; what was done until then is committed.
func (c *cycle) inParallel(ctx context.Context, items []*item, handle func(context.Context, *item) error) error {
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	queue := make(chan *item)
	var wg sync.WaitGroup
	for range min(c.workers(), len(items)) {
		wg.Go(func() {
			for it := range queue {
				if work.Err() != nil {
					continue // handed over in the moment that another one ended it all
				}
				if err := handle(c.traced(work, it), it); err != nil {
					stop(err)
				}
				c.progress.add(1)
			}
		})
	}
	for _, it := range items {
		select {
		case queue <- it:
			continue
		case <-work.Done():
		}
		break
	}
	close(queue)
	wg.Wait()
	if err := c.flush(ctx); err != nil {
		return err
	}
	if work.Err() != nil {
		return context.Cause(work)
	}
	return nil
}

// traced makes the object's requests carry its trace.
func (c *cycle) traced(ctx context.Context, it *item) context.Context {
	if c.engine.Trace == nil {
		return ctx
	}
	return c.engine.Trace(ctx, it.trace)
}

// keep adds an outcome to what is committed next.
func (c *cycle) keep(ctx context.Context, o outcome) error {
	c.mu.Lock()
	c.pending = append(c.pending, o)
	if c.seen != nil && o.record != nil {
		*c.seen = append(*c.seen, *o.record)
	}
	full := len(c.pending) >= flushCount || c.engine.now().Sub(c.flushed) >= flushEvery
	c.mu.Unlock()
	if full {
		return c.flush(ctx)
	}
	return nil
}

// flush commits the waiting outcomes. It does so even when the cycle was told to stop: what was done at the target must be known.
func (c *cycle) flush(ctx context.Context) error {
	c.commits.Lock()
	defer c.commits.Unlock()
	c.mu.Lock()
	pending := c.pending
	c.pending, c.flushed = nil, c.engine.now()
	c.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	var b Batch
	for _, o := range pending {
		b.add(o)
	}
	if err := c.store.Commit(context.WithoutCancel(ctx), c.app.ID, b); err != nil {
		return fmt.Errorf("store the outcome of %d objects: %w", len(pending), err)
	}
	return nil
}

// quiet holds back the record of an object that did not differ in the first pass.
func (c *cycle) quiet(k Key, r record.Record) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unchanged = append(c.unchanged, quietRecord{k, r})
}

type quietRecord struct {
	key    Key
	record record.Record
}

// speak records the objects that differed in no pass.
func (c *cycle) speak(ctx context.Context) error {
	for _, q := range c.unchanged {
		if c.count.has(q.key, acted) {
			continue
		}
		if err := c.keep(ctx, outcome{record: &q.record}); err != nil {
			return err
		}
	}
	c.unchanged = nil
	return c.flush(ctx)
}

func (b *Batch) add(o outcome) {
	if o.link != nil {
		b.Links = append(b.Links, *o.link)
	}
	b.Unlink = append(b.Unlink, o.unlink...)
	if o.escrow != nil {
		b.Escrows = append(b.Escrows, *o.escrow)
	}
	if o.unescrow != nil {
		b.Unescrow = append(b.Unescrow, *o.unescrow)
	}
	if o.members != nil {
		b.Members = append(b.Members, *o.members)
	}
	if o.record != nil {
		b.Records = append(b.Records, *o.record)
	}
}

// answered notes that the target works.
func (c *cycle) answered() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.silent = 0
}

// noAnswer counts failures without any answer. After many in a row the target is down: the cycle ends instead of failing everybody.
func (c *cycle) noAnswer(t *TargetError) error {
	if t.Status != 0 || !isTransport(t) {
		c.answered()
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.silent++; c.silent < patience {
		return nil
	}
	return fault.Errorf(fault.ErrUnavailable, "the target of application %s has not answered %d requests in a row (%s); the cycle ended, and the next one goes on",
		c.app.Name, c.silent, t.Detail)
}

// paused ends the cycle when the target wants to be left alone for a while: it would refuse everybody, and nobody has failed.
func (c *cycle) paused(t *TargetError) error {
	return fault.Errorf(fault.ErrUnavailable, "the target of application %s asks to be left alone for %s: %w; the cycle ended, and the next one goes on",
		c.app.Name, t.RetryAfter.Round(time.Second), t)
}

// isTransport tells errors of the connection from those we made ourselves, which have no status either.
func isTransport(t *TargetError) bool { return t.Ambiguous || t.Err != nil }
