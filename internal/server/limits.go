package server

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// tokenLimits is a token bucket for each SCIM token. A bucket that is not used falls out, so that it holds only tokens in use.
type tokenLimits struct {
	perSecond float64
	mu        sync.Mutex
	buckets   map[string]*bucket
	swept     time.Time
}

type bucket struct {
	limiter *rate.Limiter
	used    time.Time
}

const bucketLife = 10 * time.Minute

func newTokenLimits(perSecond float64) *tokenLimits {
	return &tokenLimits{perSecond: perSecond, buckets: map[string]*bucket{}}
}

// wait takes one request from the token's bucket and returns 0, or how long the client should wait.
func (l *tokenLimits) wait(token string, now time.Time) time.Duration {
	if l.perSecond <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sweep(now)
	b := l.buckets[token]
	if b == nil {
		b = &bucket{limiter: rate.NewLimiter(rate.Limit(l.perSecond), max(1, int(l.perSecond)))}
		l.buckets[token] = b
	}
	b.used = now
	reservation := b.limiter.ReserveN(now, 1)
	if delay := reservation.DelayFrom(now); delay > 0 {
		reservation.CancelAt(now)
		return delay
	}
	return 0
}

func (l *tokenLimits) sweep(now time.Time) {
	if now.Sub(l.swept) < bucketLife {
		return
	}
	l.swept = now
	for id, b := range l.buckets {
		if now.Sub(b.used) > bucketLife {
			delete(l.buckets, id)
		}
	}
}

// lastUsed says when the last use of a token should be stored: once a minute is enough for a person to see.
type lastUsed struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

const storeUseEvery = time.Minute

func newLastUsed() *lastUsed { return &lastUsed{seen: map[string]time.Time{}} }

func (l *lastUsed) due(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.seen[token]) < storeUseEvery {
		return false
	}
	l.seen[token] = now
	return true
}
