package server

import "time"

// refill says how fast a bucket fills and how much it holds. Nothing is limited where perSecond is 0.
type refill struct{ perSecond, burst float64 }

// bucket is a token bucket. Below zero it is in debt, which the time pays off. The zero bucket is full.
type bucket struct {
	level float64
	at    time.Time
}

// rounding forgives what adding up fractions loses, so that a request at exactly the time that it was told is let in.
const rounding = 1e-6

// fill adds what has come in since the last time, up to the burst.
func (b *bucket) fill(r refill, now time.Time) {
	switch {
	case b.at.IsZero():
		b.level = r.burst
	case now.After(b.at):
		b.level = min(r.burst, b.level+now.Sub(b.at).Seconds()*r.perSecond)
	default:
		return // clocks of several goroutines pass one another
	}
	b.at = now
}

// take takes one unit and returns 0, or takes nothing and returns how long to wait for one.
func (b *bucket) take(r refill, now time.Time) time.Duration {
	if r.perSecond <= 0 {
		return 0
	}
	b.fill(r, now)
	if b.level >= 1-rounding {
		b.level--
		return 0
	}
	return time.Duration((1 - b.level) / r.perSecond * float64(time.Second))
}

// charge takes n units whether they are there or not; the debt grows no further than the time given pays off.
func (b *bucket) charge(r refill, n float64, most time.Duration, now time.Time) {
	if r.perSecond <= 0 {
		return
	}
	b.fill(r, now)
	b.level = max(b.level-n, -most.Seconds()*r.perSecond)
}

// full reports whether the bucket is as good as new.
func (b *bucket) full(r refill, now time.Time) bool {
	b.fill(r, now)
	return b.level >= r.burst
}
