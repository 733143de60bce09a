package provisioning

import (
	"context"
	"time"
)

var _ Checker = unhurried{}

// grace is how long a request that is under way may go on after the cycle was told to stop.
const grace = 5 * time.Second

// unhurried is a target that takes no new request once the context has ended, but lets the one under way come to its end for a little while: so its
// outcome is known and recorded, and stopping a cycle loses nothing.
type unhurried struct{ Target }

func (u unhurried) Probe(ctx context.Context, typ, attribute string) error {
	return unhurriedly(ctx, func(ctx context.Context) error { return u.Target.Probe(ctx, typ, attribute) })
}

func (u unhurried) Find(ctx context.Context, typ, attribute, value string) (found []Entry, err error) {
	err = unhurriedly(ctx, func(ctx context.Context) error {
		found, err = u.Target.Find(ctx, typ, attribute, value)
		return err
	})
	return found, err
}

func (u unhurried) Read(ctx context.Context, typ, id string) (entry Entry, err error) {
	err = unhurriedly(ctx, func(ctx context.Context) error {
		entry, err = u.Target.Read(ctx, typ, id)
		return err
	})
	return entry, err
}

func (u unhurried) Create(ctx context.Context, typ string, attributes []Assignment) (entry Entry, err error) {
	err = unhurriedly(ctx, func(ctx context.Context) error {
		entry, err = u.Target.Create(ctx, typ, attributes)
		return err
	})
	return entry, err
}

func (u unhurried) Update(ctx context.Context, typ, id string, changes []Assignment) error {
	return unhurriedly(ctx, func(ctx context.Context) error { return u.Target.Update(ctx, typ, id, changes) })
}

func (u unhurried) Delete(ctx context.Context, typ, id string) error {
	return unhurriedly(ctx, func(ctx context.Context) error { return u.Target.Delete(ctx, typ, id) })
}

func (u unhurried) ChangeMembers(ctx context.Context, group string, add, remove []string) error {
	return unhurriedly(ctx, func(ctx context.Context) error { return u.Target.ChangeMembers(ctx, group, add, remove) })
}

// Check implements Checker where the target does; it makes no request but those of discovery.
func (u unhurried) Check(ctx context.Context, typ string, changes []Assignment) error {
	if c, ok := u.Target.(Checker); ok {
		return c.Check(ctx, typ, changes)
	}
	return nil
}

// Survey lists the target where it can be listed.
func (u unhurried) Survey(ctx context.Context, typ string, paths []string, most int, each func(values [][]string)) (complete bool, err error) {
	s, ok := u.Target.(Surveyor)
	if !ok {
		return false, nil
	}
	return s.Survey(ctx, typ, paths, most, each)
}

func unhurriedly(parent context.Context, request func(context.Context) error) error {
	if parent.Err() != nil {
		return context.Cause(parent)
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent))
	defer cancel(nil)
	stop := context.AfterFunc(parent, func() {
		late := time.AfterFunc(grace, func() { cancel(context.Cause(parent)) })
		context.AfterFunc(ctx, func() { late.Stop() })
	})
	defer stop()
	return request(ctx)
}
