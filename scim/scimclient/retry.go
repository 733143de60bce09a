package scimclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Retry bounds how often and how long a call tries. The zero value means the defaults.
type Retry struct {
	Attempts  int           // tries of a call that fails with 408, 5xx or without an answer; 0: 4
	Throttled int           // tries of a call that is answered 429; 0: 10
	Base      time.Duration // first wait, doubled each time, drawn between half and whole; 0: 250 ms
	Max       time.Duration // longest wait of that kind; 0: 20 s
	MaxWait   time.Duration // longest Retry-After waited for; a longer one is returned as an error at once; 0: 2 min
}

func (r Retry) withDefaults() Retry {
	if r.Attempts <= 0 {
		r.Attempts = 4
	}
	if r.Throttled <= 0 {
		r.Throttled = 10
	}
	if r.Base <= 0 {
		r.Base = 250 * time.Millisecond
	}
	if r.Max <= 0 {
		r.Max = 20 * time.Second
	}
	if r.MaxWait <= 0 {
		r.MaxWait = 2 * time.Minute
	}
	return r
}

// backoff is the wait before try n+1 (n counts from 1). random is in [0,1).
func (r Retry) backoff(n int, random float64) time.Duration {
	d := r.Max
	if n < 16 {
		d = min(r.Max, r.Base<<(n-1))
	}
	return d/2 + time.Duration(random*float64(d/2))
}

const longestRetryAfter = 24 * time.Hour

// retryAfter reads the header Retry-After (RFC 9110 section 10.2.3): seconds, or a date. Nonsense is 0; more than a day is a day.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseFloat(v, 64); err == nil { // fractions are not in the RFC, but on the wire
		if !(n > 0) {
			return 0
		}
		return time.Duration(min(n, longestRetryAfter.Seconds()) * float64(time.Second))
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	// The service's own clock is the better reference, if it tells it.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return min(max(0, t.Sub(now)), longestRetryAfter)
}

// tries counts the failures of one call.
type tries struct {
	failed    int
	throttled int
}

// again decides whether a call that failed with e may be repeated, and after how long a wait. A pause that the service asked for is not part of the
// wait: the pacer keeps it for the whole client.
func (t *tries) again(r Retry, method string, e *Error, random float64) (time.Duration, bool) {
	switch {
	case e.Status == http.StatusTooManyRequests:
		// Refused unread: even a POST can be repeated.
		t.throttled++
		if t.throttled >= r.Throttled || e.RetryAfter > r.MaxWait {
			return 0, false
		}
		if e.RetryAfter > 0 {
			return 0, true
		}
		return r.backoff(t.throttled, random), true
	case !transient(e), e.RetryAfter > r.MaxWait, method == http.MethodPost && e.Ambiguous:
		return 0, false
	}
	t.failed++
	if t.failed >= r.Attempts {
		return 0, false
	}
	return r.backoff(t.failed, random), true
}

// transient reports failures that may pass by themselves.
func transient(e *Error) bool {
	switch e.Kind {
	case KindNetwork, KindTimeout, KindDNS:
		return true
	case KindCancelled, KindAddress, KindRequest, KindPaused, KindRedirect, KindTooLarge:
		return false
	}
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable,
		http.StatusGatewayTimeout, 520, 521, 522, 523, 524, 529:
		return true
	}
	return false
}

// health is what a failure says about the load of the service.
func health(e *Error) outcome {
	switch {
	case e == nil:
		return healthy
	case e.Kind == KindCancelled, e.Kind == KindRequest, e.Kind == KindAddress, e.Kind == KindPaused:
		return neutral
	case e.Kind == KindNetwork, e.Kind == KindTimeout, e.Status == http.StatusTooManyRequests, e.Status == http.StatusServiceUnavailable,
		e.Status == http.StatusGatewayTimeout:
		return congested
	}
	return healthy
}
