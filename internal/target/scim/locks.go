package scim

import (
	"context"
	"sync"
)

// groupLocks lets one writer at a time to each group.
type groupLocks struct {
	mu   sync.Mutex
	held map[string]*groupLock
}

type groupLock struct {
	turn  chan struct{} // holds one token while the group is free
	users int
}

// lock waits for the group and returns the function that lets it go.
func (l *groupLocks) lock(ctx context.Context, group string) (unlock func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*groupLock{}
	}
	g := l.held[group]
	if g == nil {
		g = &groupLock{turn: make(chan struct{}, 1)}
		g.turn <- struct{}{}
		l.held[group] = g
	}
	g.users++
	l.mu.Unlock()

	select {
	case <-g.turn:
		return func() { g.turn <- struct{}{}; l.leave(group, g) }, nil
	case <-ctx.Done():
		l.leave(group, g)
		return nil, ctx.Err()
	}
}

func (l *groupLocks) leave(group string, g *groupLock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if g.users--; g.users == 0 {
		delete(l.held, group)
	}
}
