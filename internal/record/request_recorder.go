package record

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what waits to be written.
const (
	recorderQueue  = 8192                   // requests
	recorderBatch  = 512                    // requests in one write
	recorderPause  = 200 * time.Millisecond // for a batch to fill; what a killed server loses at most
	recorderWait   = 100 * time.Millisecond // how long a request waits for room
	recorderRetry  = time.Second            // after a write that failed
	recorderBodies = 32 << 20               // bytes of bodies that wait
	recorderWrite  = 5 * time.Second        // for one write
)

// Recorder writes requests to the log beside the answers: many in one transaction, a moment later. When the log cannot keep up, requests wait a little for
// it; what is lost all the same is counted, and the log says so. Make it with NewRecorder, end it with Close.
type Recorder struct {
	log    RequestLog
	logger *slog.Logger
	now    func() time.Time
	queue  chan Request
	done   chan struct{}

	closing chan struct{} // closed by Close

	mu     sync.RWMutex // held for reading while a request is queued, for writing to close the queue
	closed bool
	lost   counters
	left   counters     // left out on purpose
	bodies atomic.Int64 // bytes of bodies that wait
	behind atomic.Bool  // something was lost and the queue is still full: waiting again would only make clients wait too
}

// NewRecorder starts a recorder.
func NewRecorder(log RequestLog, logger *slog.Logger, now func() time.Time) *Recorder {
	r := &Recorder{log: log, logger: logger, now: now, queue: make(chan Request, recorderQueue), done: make(chan struct{}), closing: make(chan struct{})}
	go r.run()
	return r
}

// bodySize is what the bodies of a request take.
func bodySize(q Request) int64 {
	if q.Bodies == nil {
		return 0
	}
	return int64(len(q.Bodies.Request) + len(q.Bodies.Response))
}

// budget leaves the bodies away while too many of them wait.
func (r *Recorder) budget(q Request) Request {
	size := bodySize(q)
	if r.bodies.Add(size) > recorderBodies {
		r.bodies.Add(-size)
		q.Bodies = &RequestBodies{Request: "‹not kept: too many bodies are waiting to be written›"}
		r.bodies.Add(bodySize(q))
	}
	return q
}

// Add hands a request over. It returns at once unless the log is far behind.
func (r *Recorder) Add(q Request) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return
	}
	q = r.budget(q)
	select {
	case r.queue <- q:
		r.behind.Store(false)
		return
	default:
	}
	if r.behind.Load() {
		r.lose(q)
		return
	}
	t := time.NewTimer(recorderWait)
	defer t.Stop()
	select {
	case r.queue <- q:
	case <-t.C:
		r.behind.Store(true)
		r.lose(q)
	}
}

func (r *Recorder) lose(q Request) {
	r.bodies.Add(-bodySize(q))
	r.lost.add(q.Organization)
}

// Omit counts a request that is not worth a record of its own, such as one of a flood of wrong tokens. The log says how many there were.
func (r *Recorder) Omit(org string) { r.left.add(org) }

// Close writes what waits and ends the recorder. Requests that are added later are not recorded.
func (r *Recorder) Close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.closing)
		close(r.queue)
	}
	r.mu.Unlock()
	<-r.done
}

func (r *Recorder) run() {
	defer close(r.done)
	for open := true; open; {
		var batch []Request
		batch, open = r.gather()
		batch = append(batch, r.remarks()...)
		if len(batch) > 0 {
			r.write(batch)
			for _, q := range batch {
				r.bodies.Add(-bodySize(q))
			}
		}
	}
}

// gather waits for a request and takes what comes in the moment after it; open is false when no more will come.
func (r *Recorder) gather() (batch []Request, open bool) {
	q, open := <-r.queue
	if !open {
		return nil, false
	}
	batch = append(batch, q)
	pause := time.NewTimer(recorderPause)
	defer pause.Stop()
	for len(batch) < recorderBatch {
		select {
		case q, open = <-r.queue:
			if !open {
				return batch, false
			}
			batch = append(batch, q)
		case <-pause.C:
			return batch, true
		}
	}
	return batch, true
}

// write repeats until the log takes the batch: requests wait in the queue meanwhile. Once the recorder is being closed there is one more try, so that a log
// that fails keeps no server from ending.
func (r *Recorder) write(batch []Request) {
	for last := false; ; {
		ctx, cancel := context.WithTimeout(context.Background(), recorderWrite)
		err := r.log.AppendRequests(ctx, batch)
		cancel()
		if err == nil {
			return
		}
		r.logger.Error("the request log could not be written", "requests", len(batch), "error", err)
		if last {
			return
		}
		select {
		case <-time.After(recorderRetry):
		case <-r.closing:
			last = true
		}
	}
}

// remarks tell how many requests of each organization have no record, and why.
func (r *Recorder) remarks() (out []Request) {
	remark := func(text string) func(org string, n int64) {
		return func(org string, n int64) {
			out = append(out, Request{Organization: org, Time: r.now().UTC(), Detail: fmt.Sprintf(text, n)})
			r.logger.Warn("requests have no record in the request log", "organization", org, "detail", out[len(out)-1].Detail)
		}
	}
	r.lost.take(remark("%d requests before this are not in the log: it could not be written fast enough"))
	r.left.take(remark("%d requests before this, refused or without a token, have no record of their own: there were too many"))
	return out
}

// counters count by organization.
type counters struct{ m sync.Map } // organization → *atomic.Int64

func (c *counters) add(org string) {
	n, _ := c.m.LoadOrStore(org, new(atomic.Int64))
	if n, ok := n.(*atomic.Int64); ok {
		n.Add(1)
	}
}

// take hands out what was counted, and begins anew.
func (c *counters) take(each func(org string, n int64)) {
	c.m.Range(func(org, n any) bool {
		name, _ := org.(string)
		if count, ok := n.(*atomic.Int64); ok {
			if n := count.Swap(0); n > 0 {
				each(name, n)
			}
		}
		return true
	})
}
