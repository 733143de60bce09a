package scimserver

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// job is one operation of a bulk. It holds what the answer needs and nothing of the resource, since there may be many.
type job struct {
	op     *scim.BulkOperation
	method string // in capital letters
	rt     *scim.ResourceType
	id     string // of the resource: from the path, or of what a POST created
	named  bool   // the path has a bulkId in the place of the id
	target string // this bulkId
	after  []int  // operations that have to be tried before, itself if it refers to itself
	wrong  error  // why it cannot be carried out, known beforehand

	event   Event
	status  int // 0: not tried
	version string
	failure *scim.Error
}

// shown keeps what a Backend reads for its answer as little as possible: it is not sent.
func shown() scim.Projection {
	p, _ := scim.ParseProjection([]string{"meta.version"}, nil) // a constant: it is never wrong
	return p
}

func (j *job) write() Write {
	w := Write{Projection: shown()}
	if j.op.Version != "" {
		w.If = IfMatch(j.op.Version)
	}
	return w
}

// attempt runs a part of an operation and keeps what comes of it. A panic is a fault of this operation only.
func (b *bulkRequest) attempt(j *job, part func() (outcome, error)) {
	began := time.Now()
	defer func() { j.event.Duration += time.Since(began) }()
	o, err := guard(part)
	if err != nil {
		var panicked *panicError
		if errors.As(err, &panicked) {
			b.c.h.cfg.Logger.ErrorContext(b.c.context(), "SCIM handler panicked",
				"method", j.event.Method, "endpoint", j.event.Endpoint, "panic", panicked.value, "stack", panicked.stack)
			err = errors.New("panic, see the log")
		}
		j.failure = b.c.explain(&j.event, err)
		return
	}
	j.status, j.version = o.status, o.version
	if o.id != "" {
		j.id = o.id
	}
}

// panicError is a panic on its way to the log.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprint("panic: ", e.value) }

func guard(part func() (outcome, error)) (o outcome, err error) {
	defer func() {
		p := recover()
		if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is the convention of net/http
			panic(p)
		}
		if p != nil {
			o, err = outcome{}, &panicError{value: p, stack: string(debug.Stack())}
		}
	}()
	return part()
}

// settle ends an operation: its status is known, and the observer is told.
func (b *bulkRequest) settle(j *job) {
	e := &j.event
	e.ID = j.id // also of what was created and taken back: others may have seen it
	if j.failure != nil {
		b.errors++
		j.status, j.version = j.failure.Status, ""
		if j.method == http.MethodPost {
			j.id = "" // there is nothing to refer to
		}
		e.ScimType, e.Detail = j.failure.Type, j.failure.Detail
	}
	e.Status = j.status
	if b.c.h.cfg.Observe != nil {
		b.c.h.cfg.Observe(b.c.r, *e)
	}
}
