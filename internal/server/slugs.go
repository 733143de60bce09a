package server

import (
	"context"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
)

// slugSet knows which organizations there are. It reads them all at most every few seconds, so that asking about a made-up one costs nothing.
type slugSet struct {
	store organization.Store
	now   func() time.Time

	mu    sync.Mutex
	slugs map[string]bool
	read  time.Time
}

const (
	slugsLife    = 10 * time.Second
	slugsTimeout = 2 * time.Second
)

// has reports whether there is an organization with the slug. One that is new may not be known for some seconds. While the database does not answer, every slug
// counts as one: the look-up that follows will say so.
func (s *slugSet) has(slug string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if s.slugs == nil || now.Sub(s.read) >= slugsLife {
		ctx, cancel := context.WithTimeout(context.Background(), slugsTimeout)
		defer cancel()
		all, err := s.store.Organizations(ctx)
		if err != nil {
			return true
		}
		s.slugs, s.read = make(map[string]bool, len(all)), now
		for _, o := range all {
			s.slugs[o.Slug] = true
		}
	}
	return s.slugs[slug]
}
