package server

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	addressSlots = 1 << 14 // buckets, whatever the number of addresses; some addresses share one, which nobody can choose to do
	addressBurst = 5 * time.Second
	vouchLife    = time.Hour
	maxVouched   = 1 << 16
)

// addressLimits bounds what one address may ask for with no valid token behind it: wrong tokens, expired ones, none at all. Guessing is slow this way, and
// a flood costs no look-up in the database. It never locks out: see Guaranteed.
type addressLimits struct {
	rate      refill                 // of an address
	reserve   refill                 // of an organization at an address, once the address has nothing left
	exists    func(slug string) bool // whether there is such an organization; nil: there is any
	seed      maphash.Seed
	mu        sync.Mutex
	addresses []bucket
	reserves  []bucket
	vouched   map[uint64]time.Time // credentials that were valid, each at its address: when last
}

// newAddressLimits lets so many requests a second through from each address without a valid token. 0: no limit.
func newAddressLimits(perSecond float64) *addressLimits {
	return &addressLimits{
		rate:      refill{perSecond, max(1, perSecond*addressBurst.Seconds())},
		reserve:   refill{Guaranteed, Guaranteed},
		seed:      maphash.MakeSeed(),
		addresses: make([]bucket, addressSlots), reserves: make([]bucket, addressSlots),
		vouched: map[uint64]time.Time{},
	}
}

// attempt is a request whose credentials are not yet known to be valid.
type attempt struct {
	from       netip.Addr
	slug       string   // the organization in the path, whether there is one or not
	credential [32]byte // zero: none
}

// admission is how an attempt was let in.
type admission int

const (
	refused  admission = iota
	known              // its credentials were valid at this address before
	counted            // it costs the address
	reserved           // the address has nothing left; it costs the organization's reserve there
)

// admit lets an attempt in, or says how long to wait.
func (l *addressLimits) admit(a attempt, now time.Time) (admission, time.Duration) {
	if l.rate.perSecond <= 0 {
		return known, 0
	}
	as, wait := l.first(a, now)
	// Made-up organizations have no reserve: there is no end of them.
	if as != refused || a.credential == ([32]byte{}) || l.exists != nil && !l.exists(a.slug) {
		return as, wait
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reserved(a).take(l.reserve, now) == 0 {
		return reserved, wait
	}
	return refused, wait
}

// first lets an attempt in whose credentials are known, or that the address can still pay for.
func (l *addressLimits) first(a attempt, now time.Time) (admission, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if a.credential != ([32]byte{}) && now.Sub(l.vouched[l.key(a)]) < vouchLife {
		return known, 0
	}
	wait := l.address(a).take(l.rate, now)
	if wait == 0 {
		return counted, 0
	}
	return refused, wait
}

// accept notes that the credentials were valid: the attempt costs nothing, and neither do those to come.
func (l *addressLimits) accept(a attempt, as admission, now time.Time) {
	if l.rate.perSecond <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch as {
	case counted:
		l.address(a).charge(l.rate, -1, debtTime, now)
	case reserved:
		l.reserved(a).charge(l.reserve, -1, debtTime, now)
	case known, refused:
	}
	if len(l.vouched) >= maxVouched {
		l.forget(now)
	}
	l.vouched[l.key(a)] = now
}

// reject notes that the credentials were not valid (any more).
func (l *addressLimits) reject(a attempt, as admission, now time.Time) {
	if as != known || l.rate.perSecond <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.vouched, l.key(a))
	l.address(a).charge(l.rate, 1, 0, now)
}

// forget makes room for another credential: what has not been valid lately goes, and half of the rest when that is nothing.
func (l *addressLimits) forget(now time.Time) {
	for key, at := range l.vouched {
		if now.Sub(at) >= vouchLife {
			delete(l.vouched, key)
		}
	}
	for key := range l.vouched {
		if len(l.vouched) < maxVouched/2 {
			break
		}
		delete(l.vouched, key)
	}
}

func (l *addressLimits) address(a attempt) *bucket {
	return &l.addresses[maphash.Comparable(l.seed, a.from)%addressSlots]
}

func (l *addressLimits) reserved(a attempt) *bucket {
	return &l.reserves[maphash.Comparable(l.seed, attempt{from: a.from, slug: a.slug})%addressSlots]
}

func (l *addressLimits) key(a attempt) uint64 {
	return maphash.Comparable(l.seed, attempt{from: a.from, credential: a.credential})
}
