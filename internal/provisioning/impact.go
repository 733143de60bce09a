package provisioning

import (
	"context"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
)

// Impact is what a change of scope, filters or mapping does to who is in scope. It counts people, before anything is changed.
type Impact struct {
	Before        int      `json:"before"` // in scope now
	After         int      `json:"after"`  // in scope after the change
	In            int      `json:"in"`
	Out           int      `json:"out"`
	Deprovisioned int      `json:"deprovisioned"` // of those going out: who has an account that would be disabled or deleted
	Examples      []string `json:"examples"`      // names of some who go out
}

const impactExamples = 10

// Impact compares who is in scope of the application as it is and as it would be. It reads the whole directory and writes nothing.
func (e *Engine) Impact(ctx context.Context, is, would application.Application) (Impact, error) {
	var out Impact
	old, err := e.judge(ctx, is)
	if err != nil {
		return out, err
	}
	next, err := e.judge(ctx, would)
	if err != nil {
		return out, err
	}
	for after := int64(0); ; {
		people, err := e.Directory.Scan(ctx, is.Organization, directory.User, after, pageSize)
		if err != nil {
			return out, fmt.Errorf("scan the directory: %w", err)
		}
		if len(people) == 0 {
			return out, nil
		}
		after = people[len(people)-1].Seq
		if err := e.compare(ctx, is.ID, &out, old, next, people); err != nil {
			return out, err
		}
	}
}

// judge tells which of some people are in scope.
type judge func(ctx context.Context, people []directory.Object) (map[string]bool, error)

func (e *Engine) judge(ctx context.Context, app application.Application) (judge, error) {
	all, err := e.compileRules(ctx, app)
	if err != nil {
		return nil, err
	}
	r := all[directory.User]
	if r == nil {
		return func(context.Context, []directory.Object) (map[string]bool, error) { return map[string]bool{}, nil }, nil
	}
	return func(ctx context.Context, people []directory.Object) (map[string]bool, error) {
		entitled, err := e.Assignments.Entitlements(ctx, app.Organization, app.ID, directory.User, identifiers(people), app.Settings.NestedGroups)
		if err != nil {
			return nil, fmt.Errorf("read the assignments: %w", err)
		}
		around, err := r.kinOf(ctx, e.Directory, app, people, e.now())
		if err != nil {
			return nil, err
		}
		in := map[string]bool{}
		for _, p := range people {
			if p.Live() && p.Active() {
				in[p.ID] = r.scopeOf(app, r.object(p, entitled[p.ID], around), entitled[p.ID]).In
			}
		}
		return in, nil
	}, nil
}

func identifiers(objects []directory.Object) []string {
	ids := make([]string, 0, len(objects))
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	return ids
}

// compare adds some people to the impact.
func (e *Engine) compare(ctx context.Context, app string, out *Impact, old, next judge, people []directory.Object) error {
	was, err := old(ctx, people)
	if err != nil {
		return err
	}
	will, err := next(ctx, people)
	if err != nil {
		return err
	}
	links, err := e.Store.Links(ctx, app, directory.User, identifiers(people))
	if err != nil {
		return fmt.Errorf("read the links: %w", err)
	}
	for _, p := range people {
		out.count(p, was[p.ID], will[p.ID], links[p.ID].State == LinkActive)
	}
	return nil
}

func (i *Impact) count(p directory.Object, was, will, account bool) {
	if was {
		i.Before++
	}
	if will {
		i.After++
	}
	switch {
	case !was && will:
		i.In++
	case was && !will:
		i.Out++
		if account {
			i.Deprovisioned++
		}
		if len(i.Examples) < impactExamples {
			i.Examples = append(i.Examples, p.Name())
		}
	}
}
