package record

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// memoryLog keeps what is appended; it can be held up and can fail.
type memoryLog struct {
	RequestLog
	mu       sync.Mutex
	requests []Request
	writes   int
	fail     int           // so many writes fail
	gate     chan struct{} // nil: open
}

func (l *memoryLog) AppendRequests(_ context.Context, requests []Request) error {
	if l.gate != nil {
		<-l.gate
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.writes++
	if l.fail > 0 {
		l.fail--
		return errors.New("no room")
	}
	l.requests = append(l.requests, requests...)
	return nil
}

func newRecorder(l *memoryLog) *Recorder {
	return NewRecorder(l, slog.New(slog.DiscardHandler), func() time.Time { return time.Unix(0, 0) })
}

func TestRecorderWritesManyAtOnceAndAllBeforeItCloses(t *testing.T) {
	l := &memoryLog{}
	r := newRecorder(l)
	var wg sync.WaitGroup
	const clients, each = 8, 200
	for range clients {
		wg.Go(func() {
			for range each {
				r.Add(Request{Organization: "o", Status: 200})
			}
		})
	}
	wg.Wait()
	r.Close()
	r.Close()
	r.Add(Request{Status: 500})
	if len(l.requests) != clients*each {
		t.Errorf("%d requests were written; expected %d", len(l.requests), clients*each)
	}
	if l.writes > 20 {
		t.Errorf("%d writes for %d requests: they were not put together", l.writes, clients*each)
	}
}

func TestRecorderTriesAgain(t *testing.T) {
	l := &memoryLog{fail: 1}
	r := newRecorder(l)
	r.Add(Request{Organization: "o", Status: 201})
	r.Close()
	if len(l.requests) != 1 || l.writes != 2 {
		t.Errorf("after a write that failed, %d requests are written in %d writes; expected 1 in 2", len(l.requests), l.writes)
	}
}

// TestRecorderEndsThoughTheLogFails: a full disk must not keep a server from ending.
func TestRecorderEndsThoughTheLogFails(t *testing.T) {
	l := &memoryLog{fail: 1 << 30}
	r := newRecorder(l)
	r.Add(Request{Organization: "o", Status: 200})
	for tries := 0; tries < 3; { // until it has failed several times
		l.mu.Lock()
		tries = l.writes
		l.mu.Unlock()
		runtime.Gosched()
	}
	r.Close() // comes back
	if len(l.requests) != 0 {
		t.Error("a log that fails has requests")
	}
}

// TestBodiesThatWaitAreBounded: while the log is held up, requests go on being kept, and their bodies do not take all memory.
func TestBodiesThatWaitAreBounded(t *testing.T) {
	l := &memoryLog{gate: make(chan struct{})}
	r := newRecorder(l)
	body := strings.Repeat("x", 1<<20)
	const sent = 2 * recorderBodies >> 20
	for range sent {
		r.Add(Request{Organization: "o", Status: 200, Bodies: &RequestBodies{Request: body}})
	}
	if waiting := r.bodies.Load(); waiting > recorderBodies+sent*100 {
		t.Errorf("%d bytes of bodies wait; want at most about %d", waiting, recorderBodies)
	}
	close(l.gate)
	r.Close()
	whole := 0
	for _, q := range l.requests {
		if q.Bodies.Request == body {
			whole++
		}
	}
	if len(l.requests) != sent || whole == 0 || whole == sent || r.bodies.Load() != 0 {
		t.Errorf("%d of %d requests are kept, %d with their body, and %d bytes are still counted", len(l.requests), sent, whole, r.bodies.Load())
	}
}

func TestRecorderSaysWhatItLost(t *testing.T) {
	l := &memoryLog{gate: make(chan struct{})}
	r := newRecorder(l)
	const sent = recorderQueue + 2*recorderBatch
	for range sent {
		r.Add(Request{Organization: "o", Status: 200})
	}
	for range 3 {
		r.Omit("o")
	}
	close(l.gate)
	r.Close()
	kept, missing, left := 0, 0, 0
	for _, q := range l.requests {
		switch n, err := strconv.Atoi(strings.SplitN(q.Detail, " ", 2)[0]); {
		case q.Status != 0:
			kept++
		case err != nil:
			t.Errorf("a remark is %q", q.Detail)
		case strings.Contains(q.Detail, "fast enough"):
			missing += n
		default:
			left += n
		}
	}
	if missing == 0 || kept+missing != sent || left != 3 {
		t.Errorf("%d of %d requests are kept, %d are said to be missing, %d left out; every one must be kept or missing, and 3 left out", kept, sent, missing, left)
	}
}
