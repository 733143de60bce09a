package scimserver

import (
	"context"
	"errors"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// mediaType is the only content type that is ever sent. There is no charset parameter: RFC 7644 registers none, and validators compare the text.
const mediaType = "application/scim+json"

// keepBuffer is the largest buffer that goes back to the pool; bigger ones, from pages of big groups, are left to the garbage collector.
const keepBuffer = 1 << 20

// send encodes v and answers with it.
func (c *call) send(status int, v any) {
	c.sendWith(status, func(b []byte) []byte { return scim.AppendJSON(b, v) })
}

// sendWith answers with what encode appends. The whole body is built first, so that it goes out with its length and an encoder that panics still
// leads to a clean error.
func (c *call) sendWith(status int, encode func([]byte) []byte) {
	p, _ := c.h.buffers.Get().(*[]byte)
	body := encode((*p)[:0])
	c.header(status, len(body))
	c.event.Response = c.seen(body)
	if c.r.Method != http.MethodHead {
		c.event.BytesOut, _ = c.w.Write(body) // an error means that the client is gone: there is nobody to tell, and nothing to mend
	}
	if cap(body) <= keepBuffer {
		*p = body
		c.h.buffers.Put(p)
	}
}

func (c *call) header(status, length int) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(length))
	h.Set("Cache-Control", "no-store") // personal data does not belong into caches on the way
	h.Set("X-Content-Type-Options", "nosniff")
	c.status(status)
}

// empty answers without a body.
func (c *call) empty(status int) {
	c.w.Header().Set("Cache-Control", "no-store")
	c.status(status)
}

func (c *call) status(status int) {
	c.event.Status = status
	c.sent = true
	c.w.WriteHeader(status)
}

// fail answers with the SCIM message of an error.
func (c *call) fail(err error) {
	var throttled *Throttled
	if errors.As(err, &throttled) {
		seconds := int64((max(throttled.After, time.Second) + time.Second - 1) / time.Second)
		c.w.Header().Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	c.sendError(c.explain(&c.event, err))
}

// explain turns an error into what the client is told of it. Causes that it is not told go into the event and the log.
func (c *call) explain(event *Event, err error) *scim.Error {
	var e *scim.Error
	var throttled *Throttled
	switch {
	case errors.As(err, &e):
		if e.Cause != nil {
			c.blame(event, e.Cause)
		}
		return e
	case errors.As(err, &throttled):
		return scim.Errorf(http.StatusTooManyRequests, "", "%s", throttled.Error())
	}
	c.blame(event, err)
	return internalError()
}

// blame records the cause of a failure that the client is not told. A client that hung up is no failure of ours.
func (c *call) blame(event *Event, cause error) {
	if errors.Is(cause, context.Canceled) && c.context().Err() != nil {
		c.h.cfg.Logger.DebugContext(c.context(), "SCIM client went away", "method", event.Method, "endpoint", event.Endpoint)
		return
	}
	event.Err = cause
	c.h.cfg.Logger.ErrorContext(c.context(), "SCIM request failed", "method", event.Method, "endpoint", event.Endpoint, "error", cause)
}

func internalError() *scim.Error {
	return scim.Errorf(http.StatusInternalServerError, "", "a fault in this service kept the request from being answered; a write may have been stored or not. "+
		"Try again later; if it fails again, ask its operator to look at the log")
}

func (c *call) sendError(e *scim.Error) {
	if e.Status == http.StatusUnauthorized {
		c.w.Header().Set("WWW-Authenticate", challenge(c.r))
	}
	c.event.ScimType, c.event.Detail = e.Type, e.Detail
	c.sendWith(e.Status, e.AppendJSON)
}

// challenge is the WWW-Authenticate header of a 401; it says when a token was presented and refused (RFC 6750, 3).
func challenge(r *http.Request) string {
	if r.Header.Get("Authorization") == "" {
		return `Bearer realm="scim"`
	}
	return `Bearer realm="scim", error="invalid_token"`
}

// crash answers after a panic. When the answer had begun, the connection is cut so that the client does not take half of it for the whole.
func (c *call) crash(p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // the value itself is the convention of net/http
		panic(p)
	}
	c.h.cfg.Logger.ErrorContext(c.context(), "SCIM handler panicked", "method", c.r.Method, "endpoint", c.route.name(), "panic", p, "stack", string(debug.Stack()))
	if c.sent {
		panic(http.ErrAbortHandler)
	}
	c.event.Err = errors.New("panic, see the log")
	c.sendError(internalError())
}
