package provisioning

import (
	"context"
	"errors"

	"github.com/rollcall-id/rollcall/internal/record"
)

// fitting leaves out of an update what the target's attributes cannot take, and says which rows those are: one wrong row must not keep somebody from being
// disabled. Where nothing else is left, and for a new account, it is the object's failure.
func (c *cycle) fitting(ctx context.Context, it *item, d Decision) Decision {
	checker, ok := c.target.(Checker)
	if !ok || d.Action == record.Create || len(d.Changes) == 0 {
		return d
	}
	typ := it.rules.mapping.Target
	if checker.Check(ctx, typ, assignments(d.Changes)) == nil {
		return d
	}
	var kept []Change
	var details []string
	code := ""
	for _, ch := range d.Changes {
		var t *TargetError
		if errors.As(checker.Check(ctx, typ, assignments([]Change{ch})), &t) {
			details, code = append(details, t.Detail), t.Code
			continue
		}
		kept = append(kept, ch)
	}
	if len(kept) == 0 && d.Action != record.Link {
		return d
	}
	d.Changes, d.Warnings = kept, append(d.Warnings, details...)
	d.Status, d.Code = record.Warning, code
	return d
}
