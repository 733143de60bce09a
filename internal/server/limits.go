package server

import (
	"sync"
	"time"
)

// Guaranteed is how many requests a second an organization may always send, whatever its other tokens, other addresses and other organizations do. Entra
// sends up to that many. Three things keep it:
//
//   - each token has a bucket of its own, which fills at least that fast, and only a valid token reaches a bucket;
//   - no address is ever refused for a token that was valid there within the last hour (addressLimits), so that organizations whose identity provider sends
//     from one address do not answer for one another's wrong tokens;
//   - a token that is new to an address is looked up even when the address has used up what wrong tokens may cost, as long as fewer than that many unknown
//     ones a second came for the same organization.
//
// What is guaranteed is admission. Whether a machine that is busy answers in time is a question of its size.
const Guaranteed = 25

const (
	burstTime  = time.Second      // a full bucket holds what comes in during that time
	debtTime   = time.Minute      // what bulk operations may cost in advance at most
	bucketLife = 10 * time.Minute // between two times when full buckets are let go
)

// tokenLimits is a token bucket for each valid SCIM token; so there are never more than tokens. One that is full again is let go.
type tokenLimits struct {
	rate    refill
	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

// newTokenLimits limits each token to so many requests a second, at least those that are guaranteed. 0: no limit.
func newTokenLimits(perSecond float64) *tokenLimits {
	if perSecond > 0 {
		perSecond = max(perSecond, Guaranteed)
	}
	return &tokenLimits{rate: refill{perSecond, max(1, perSecond*burstTime.Seconds())}, buckets: map[string]*bucket{}}
}

// wait takes one request from the token's bucket and returns 0, or how long the client should wait.
func (l *tokenLimits) wait(token string, now time.Time) time.Duration {
	if l.rate.perSecond <= 0 {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of(token, now).take(l.rate, now)
}

// charge takes the operations of a bulk request, which was let in as one, from the token's bucket: later requests wait for them.
func (l *tokenLimits) charge(token string, operations int, now time.Time) {
	if l.rate.perSecond <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(token, now).charge(l.rate, float64(operations), debtTime, now)
}

func (l *tokenLimits) of(token string, now time.Time) *bucket {
	if now.Sub(l.swept) >= bucketLife {
		l.swept = now
		for id, b := range l.buckets {
			if b.full(l.rate, now) {
				delete(l.buckets, id)
			}
		}
	}
	b := l.buckets[token]
	if b == nil {
		b = &bucket{}
		l.buckets[token] = b
	}
	return b
}

// lastUsed says when the last use of a token should be stored: once a minute is enough for a person to see.
type lastUsed struct {
	mu    sync.Mutex
	seen  map[string]time.Time
	swept time.Time
}

const storeUseEvery = time.Minute

func newLastUsed() *lastUsed { return &lastUsed{seen: map[string]time.Time{}} }

func (l *lastUsed) due(token string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.seen[token]) < storeUseEvery {
		return false
	}
	if now.Sub(l.swept) >= bucketLife {
		l.swept = now
		for id, at := range l.seen {
			if now.Sub(at) >= storeUseEvery {
				delete(l.seen, id)
			}
		}
	}
	l.seen[token] = now
	return true
}
