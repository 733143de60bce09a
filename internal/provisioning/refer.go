package provisioning

import (
	"context"
	"fmt"
	"slices"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// decideReferences compares an object's references with what its account has. No action: they are right. A reference to somebody without an account is a
// warning, never a failure: it is written when the account appears. Until then a reference to somebody else is wrong, and is removed where empty values
// are.
func decideReferences(it *item, resolved map[Key]Link, names map[Key]string) Decision {
	d := Decision{Managed: it.Link.Managed, Status: record.Success}
	for _, m := range it.rules.references {
		old := it.Link.Written[m.Target]
		if (m.Apply == mapping.OnlyOnCreate || m.Apply == mapping.WhenAbsent) && !isEmpty(old) {
			continue
		}
		source := it.reference(m)
		var want any
		if l, ok := resolved[Key{referenced(m), source}]; ok {
			want = l.Target
		} else if source != "" {
			d.Warnings = append(d.Warnings, fmt.Sprintf("%s is %s, who has no account at the target yet", lastName(m.Target), names[Key{referenced(m), source}]))
		}
		switch {
		case isEmpty(want) && (isEmpty(old) || !clears(m, it.Policy)):
		case text(want) == text(old) && !m.FlowAlways:
		default:
			d.Changes = append(d.Changes, Change{Path: m.Target, Old: old, New: want, Same: text(want) == text(old)})
		}
	}
	return d.referring()
}

// referring says what the second pass does.
func (d Decision) referring() Decision {
	d.Action, d.Reason, d.Code, d.Status = "", "", "", record.Success
	if len(d.Warnings) > 0 {
		d.Action, d.Status, d.Code = record.NoAction, record.Warning, codeUnresolved
		d.Reason = "a reference is waiting"
	}
	if len(d.Changes) > 0 {
		d.Action, d.Reason = record.Update, because(d.Changes)
	}
	return d
}

func clears(m *mapping.AttributeMapping, p Policy) bool {
	return emptyRule(m, p) == mapping.Clear && !p.AppendOnly
}

// leaveFilled drops references that are only written where the account has none, when it has one that we do not know of. An account that this cycle read
// or made is known well enough.
func (c *cycle) leaveFilled(ctx context.Context, it *item, d *Decision) error {
	fills := slices.ContainsFunc(d.Changes, func(ch Change) bool { return it.fillsReference(ch.Path) })
	if !fills || c.kind == KindInitial || c.count.has(it.key, created|linked) {
		return nil
	}
	entry, err := c.target.Read(ctx, it.rules.mapping.Target, it.Link.Target)
	if err != nil {
		return err
	}
	have := it.rules.reader.values(entry)
	link := *it.Link
	link.Written = written(link.Written, nil)
	d.Changes = slices.DeleteFunc(d.Changes, func(ch Change) bool {
		if !it.fillsReference(ch.Path) || isEmpty(have[ch.Path]) {
			return false
		}
		link.Written[ch.Path] = have[ch.Path]
		return true
	})
	it.Link = &link
	*d = d.referring()
	return nil
}

// fillsReference reports a reference that is only written where the account has none.
func (it *item) fillsReference(path string) bool {
	return slices.ContainsFunc(it.rules.references, func(m *mapping.AttributeMapping) bool { return m.Target == path && m.Apply == mapping.WhenAbsent })
}

// remember stores what the account turned out to have.
func (c *cycle) remember(ctx context.Context, it *item, d Decision) error {
	link := it.newLink(d)
	link.Updated = c.engine.now()
	return c.keep(ctx, outcome{link: link})
}
