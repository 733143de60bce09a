package provisioning

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/record"
)

// leave decides what becomes of the account of somebody who goes out of scope, as the cycle will. It asks the target nothing.
func (r *rules) leave(ctx context.Context, e *Engine, seen sight, link Link) (Decision, error) {
	o := seen.object
	s := Situation{
		Source: Source{Type: o.Type, ID: o.ID, Name: o.Name(), Enabled: o.Type != directory.User || o.Active()},
		Scope:  seen.scope, Link: &link, Policy: r.policy,
	}
	o.softDeleted = true
	s.Updating, _ = r.compiled.Evaluate(ctx, e.preview(o, r.domain), false) // a row that fails is not the one that disables, or nothing is disabled
	if ctx.Err() != nil {
		return Decision{}, context.Cause(ctx)
	}
	return Decide(s), nil
}

// consequence counts what becomes of an account.
func (i *ImpactCounts) consequence(d Decision) {
	switch d.Action {
	case record.Disable:
		i.Disabled++
	case record.Delete:
		i.Deleted++
	default:
		i.Kept++
	}
}
