package store

import (
	"context"
	"sync"

	"github.com/rollcall-id/rollcall/internal/organization"
)

// maxBearers bounds the tokens that are remembered.
const maxBearers = 1000

// bearers remembers what a token is good for, for as long as nobody has committed anything to the database since: neither this process nor another one. So
// a token that is revoked, or an integration that is switched off, is refused by the next request, as if it had been read from the database.
type bearers struct {
	version dataVersion

	mu    sync.RWMutex
	known map[[32]byte]versionedBearer
}

type versionedBearer struct {
	bearer  organization.Bearer
	version int64
	again   *sync.Mutex // held by who reads it again: after a commit, all who waited for it ask at the same moment, and one look-up is enough
}

// dataVersion tells whether a database has changed: its number is another one after each commit.
type dataVersion interface {
	current() (int64, error)
	close() error
}

func newBearers(v dataVersion) *bearers {
	return &bearers{version: v, known: map[[32]byte]versionedBearer{}}
}

// get returns what the token is good for. The version is read before the database, so that what is remembered is never newer than what it was read from.
func (b *bearers) get(ctx context.Context, hash [32]byte, read func(context.Context, [32]byte) (organization.Bearer, error)) (organization.Bearer, error) {
	version, err := b.version.current()
	if err != nil {
		return read(ctx, hash)
	}
	known, ok := b.remembered(hash)
	if ok && known.version == version {
		return known.bearer, nil
	}
	again := known.again
	if ok {
		again.Lock()
		defer again.Unlock()
		if known, ok = b.remembered(hash); ok && known.version == version {
			return known.bearer, nil
		}
	} else {
		again = new(sync.Mutex)
	}
	bearer, err := read(ctx, hash)
	if err != nil {
		return bearer, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) >= maxBearers {
		clear(b.known)
	}
	b.known[hash] = versionedBearer{bearer: bearer, version: version, again: again}
	return bearer, nil
}

func (b *bearers) remembered(hash [32]byte) (versionedBearer, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	v, ok := b.known[hash]
	return v, ok
}
