package scimfake

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Target is the hostile service: an http.Handler. It is safe for concurrent use.
type Target struct {
	honest http.Handler

	mu       sync.Mutex
	random   *rand.Rand
	rules    []*ruleState
	requests []Request
}

type ruleState struct {
	Rule
	fitting int
	struck  int
}

// New returns a hostile service in front of an honest one.
func New(honest http.Handler, seed uint64, rules ...Rule) *Target {
	t := &Target{honest: honest, random: rand.New(rand.NewPCG(seed, 0))}
	t.Rules(rules...)
	return t
}

// Rules replaces the rules; their counting starts anew.
func (t *Target) Rules(rules ...Rule) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rules = nil
	for _, r := range rules {
		t.rules = append(t.rules, &ruleState{Rule: r})
	}
}

// Requests returns what came so far, in the order in which the answers were complete.
func (t *Target) Requests() []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.requests)
}

// Lines returns the recorded requests as method, path and query.
func (t *Target) Lines() []string {
	var out []string
	for _, r := range t.Requests() {
		out = append(out, r.Line())
	}
	return out
}

// Forget empties the record.
func (t *Target) Forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = nil
}

// Struck is how often a fault was done so far.
func (t *Target) Struck(f Fault) int {
	n := 0
	for _, r := range t.Requests() {
		if r.Fault == f {
			n++
		}
	}
	return n
}

// choose picks the first rule that fits and strikes.
func (t *Target) choose(q Request) (Rule, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.rules {
		if !r.fits(q) {
			continue
		}
		r.fitting++
		switch {
		case r.fitting <= r.Skip, r.Times > 0 && r.struck >= r.Times, r.Probability > 0 && t.random.Float64() >= r.Probability:
			continue
		}
		r.struck++
		return r.Rule, true
	}
	return Rule{}, false
}

// ServeHTTP answers as the rules say.
func (t *Target) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := Request{Method: req.Method, Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Header: req.Header.Clone(), Body: string(body)}
	answer := func() *httptest.ResponseRecorder { return t.ask(req, body) }
	rule, strike := t.choose(q)
	if strike {
		q.Fault = rule.Fault
		answer = func() *httptest.ResponseRecorder { return t.strike(rule, req, body) }
	}
	res := answer()
	if res != nil {
		q.Status = res.Code
	}
	t.mu.Lock()
	t.requests = append(t.requests, q)
	t.mu.Unlock()
	if res == nil {
		abort(w)
		return
	}
	send(w, res)
}

// ask puts the request to the honest service.
func (t *Target) ask(req *http.Request, body []byte) *httptest.ResponseRecorder {
	r := req.Clone(req.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	res := httptest.NewRecorder()
	t.honest.ServeHTTP(res, r)
	return res
}

// strike returns the answer of a fault; nil: the connection is to be broken.
func (t *Target) strike(rule Rule, req *http.Request, body []byte) *httptest.ResponseRecorder {
	switch rule.Fault {
	case ResetBefore:
		return nil
	case ResetAfterWrite:
		t.ask(req, body)
		return nil
	case ErrorAfterWrite:
		t.ask(req, body)
		return scimError(http.StatusBadGateway, "", "the upstream service did not answer")
	case Slow:
		wait(req, rule.Delay)
		return t.ask(req, body)
	case IgnoreFilter:
		return t.ask(withoutFilter(req), body)
	case NotFoundForEmpty, HideMembers, OddJSON:
		return rewrite(rule.Fault, t.ask(req, body))
	case StrictElements:
		return t.strictly(req, body)
	}
	return canned(rule)
}

// canned are the answers that need no honest service.
func canned(rule Rule) *httptest.ResponseRecorder {
	var res *httptest.ResponseRecorder
	switch rule.Fault {
	case LoginPage:
		return page("<!DOCTYPE html><html><head><title>Sign in</title></head><body><form></form></body></html>")
	case DropMembers:
		res = httptest.NewRecorder()
		res.Code = http.StatusNoContent
		return res
	case Throttle:
		res = scimError(http.StatusTooManyRequests, "", "too many requests")
	case Unavailable:
		res = scimError(http.StatusServiceUnavailable, "", "down for maintenance")
	case Refuse:
		return scimError(rule.Status, rule.ScimType, rule.Detail)
	case Unauthorized:
		return scimError(http.StatusUnauthorized, "", "the token is not valid")
	case PutOnly:
		return scimError(http.StatusNotImplemented, "", "PATCH is not implemented")
	case NoDiscovery:
		return scimError(http.StatusNotFound, "", "no such endpoint")
	default:
		return scimError(http.StatusInternalServerError, "", "internal error")
	}
	if s := int(rule.RetryAfter / time.Second); s > 0 {
		res.Header().Set("Retry-After", strconv.Itoa(s))
	}
	return res
}

func wait(req *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-req.Context().Done():
	}
}

func withoutFilter(req *http.Request) *http.Request {
	r := req.Clone(req.Context())
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err == nil {
		q.Del("filter")
		r.URL.RawQuery = q.Encode()
	}
	return r
}

func send(w http.ResponseWriter, res *httptest.ResponseRecorder) {
	for k, v := range res.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(res.Code)
	_, _ = w.Write(res.Body.Bytes()) // a client that is gone is no fault of this service
}

// abort breaks the connection so that the client sees a reset, not an orderly end.
func abort(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 and recorders: the server itself knows how to break off.
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
