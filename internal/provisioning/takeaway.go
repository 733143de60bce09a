package provisioning

import (
	"context"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/record"
)

// takeAway disables or deletes the account. One that the target does not know any more may have been made again under another id, and then somebody who
// left would keep it: so it is looked for once by the matching values it had, and the one account found is taken away. The error of isGone says that there
// is none.
func (c *cycle) takeAway(ctx context.Context, it *item, d Decision) error {
	err := c.takeAwayOnce(ctx, it, d)
	if !isGone(err) {
		return err
	}
	entry, findErr := c.findAgain(ctx, it)
	if findErr != nil {
		return findErr
	}
	if entry == nil {
		return err
	}
	before, link := it.Link.Target, *it.Link
	link.Target = entry.ID
	it.Link = &link
	err = c.takeAwayOnce(ctx, it, d)
	if isGone(err) { // it is found, and it is not there: nobody can say that the account is gone
		err = &TargetError{Code: "SystemForCrossDomainIdentityManagementServiceIncompatible",
			Detail: fmt.Sprintf("the target says that account %s does not exist, finds %s by its matching values, and does not know that one either", before, entry.ID)}
	}
	return err
}

func (c *cycle) takeAwayOnce(ctx context.Context, it *item, d Decision) error {
	if d.Action == record.Delete {
		return c.target.Delete(ctx, it.rules.mapping.Target, it.Link.Target)
	}
	return c.target.Update(ctx, it.rules.mapping.Target, it.Link.Target, assignments(d.Changes))
}

// findAgain looks for the account by the matching values that were last written; nil: there is none, or it is somebody else's by now.
func (c *cycle) findAgain(ctx context.Context, it *item) (*Entry, error) {
	for _, m := range it.rules.compiled.Matching() {
		value := text(it.Link.Written[m.Target])
		if value == "" || isConcealed(value) {
			continue
		}
		entries, err := c.target.Find(ctx, it.rules.mapping.Target, m.Target, value)
		switch {
		case err != nil:
			return nil, err
		case len(entries) == 0:
			continue
		case len(entries) > 1:
			return nil, &TargetError{Code: "DuplicateTargetEntries", Detail: fmt.Sprintf("account %s is gone, and %d accounts have %s %q: "+
				"take away by hand the one that was theirs", it.Link.Target, len(entries), m.Target, value)}
		}
		other, err := c.ofOther(ctx, it, entries[0].ID)
		if err != nil || other {
			return nil, err
		}
		return &entries[0], nil
	}
	return nil, nil // nobody is an answer
}

// ofOther reports whether the account belongs to somebody else, since this cycle or before.
func (c *cycle) ofOther(ctx context.Context, it *item, target string) (bool, error) {
	c.mu.Lock()
	owner, taken := c.owners[target]
	c.mu.Unlock()
	if taken && owner.key != it.key && owner.key.Type == it.key.Type {
		return true, nil
	}
	link, err := c.linkedToOther(ctx, it, target)
	return link != nil, err
}
