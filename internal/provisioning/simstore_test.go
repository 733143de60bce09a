package provisioning_test

import (
	"context"
	"math/rand/v2"

	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// simStore is the store as one node sees it: when the node dies, nothing more is written. It may die at each write, before it or just after it.
type simStore struct {
	provisioning.Store
	net    *simNet
	random *rand.Rand
	chance float64
	trace  func(format string, args ...any)
	forget func(*provisioning.Batch) // a broken engine for the proof of the simulation; nil: none
}

// die writes, unless the node is dead or dies now.
func (s *simStore) die(what string, write func() error) error {
	if !s.net.dead && s.random.Float64() < s.chance {
		s.net.dead = true
		if s.random.IntN(2) == 0 {
			s.trace("    the node dies after: %s", what)
			if err := write(); err != nil {
				return err
			}
			return errNode
		}
		s.trace("    the node dies before: %s", what)
	}
	if s.net.dead {
		return errNode
	}
	return write()
}

func (s *simStore) Commit(ctx context.Context, app string, b provisioning.Batch) error {
	if s.forget != nil {
		s.forget(&b)
	}
	return s.die("commit", func() error { return s.Store.Commit(ctx, app, b) })
}

func (s *simStore) SaveJob(ctx context.Context, j provisioning.Job) error {
	return s.die("save job", func() error { return s.Store.SaveJob(ctx, j) })
}

func (s *simStore) ReleaseLease(ctx context.Context, app string, l provisioning.Lease) error {
	return s.die("release lease", func() error { return s.Store.ReleaseLease(ctx, app, l) })
}
