package provisioning

import (
	"context"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// handle takes one object through decide, apply and record. An error ends the cycle; what a target says about one object is no error but its outcome.
func (c *cycle) handle(ctx context.Context, it *item) error {
	d, err := c.decideAndApply(ctx, it, true)
	if err == nil && deprovisions(d) {
		c.gather(it, d)
		return nil
	}
	return c.finish(ctx, it, d, err)
}

func deprovisions(d Decision) bool { return d.Action == record.Disable || d.Action == record.Delete }

// decideAndApply decides, looks up what the decision needs, and carries it out. A target that turns out to be otherwise than we thought (the account is
// gone, or exists already, or may have been made by a request whose answer was lost) is looked at once more, not more often. With gather, deprovisioning is
// decided but not carried out.
func (c *cycle) decideAndApply(ctx context.Context, it *item, gather bool) (Decision, error) {
	for again := false; ; again = true {
		d, err := c.settle(ctx, it)
		if err != nil {
			return d, err
		}
		if d = c.fitting(ctx, it, d); d.Status == record.Failure || (gather && deprovisions(d)) {
			return d, nil
		}
		err = c.write(ctx, it, d)
		if err == nil || again || !lookAgain(it, d, err) {
			return d, err
		}
	}
}

// settle decides until nothing more has to be looked up.
func (c *cycle) settle(ctx context.Context, it *item) (Decision, error) {
	for {
		it.References = c.known(it)
		d := Decide(it.Situation)
		if d.Need == NeedNothing {
			return it.rejected(d), nil
		}
		if err := c.look(ctx, it, d); err != nil {
			return d, err
		}
	}
}

// rejected turns deprovisioning that a person refused into nothing, as long as its cause is the same.
func (it *item) rejected(d Decision) Decision {
	if !deprovisions(d) || it.escrow == nil || !it.escrow.Excluded || it.escrow.Message != d.Reason {
		return d
	}
	return Decision{Action: record.NoAction, Status: record.Held, Code: codeStaged, Managed: it.Link.Managed,
		Reason: fmt.Sprintf("%s; but the %s was rejected, until its cause changes or the escrows are reset", d.Reason, d.Action)}
}

// look finds out at the target what a decision needs.
func (c *cycle) look(ctx context.Context, it *item, d Decision) error {
	if d.DropLink {
		it.Lost, it.Link = it.Link.Target, nil
		it.Target = Found{}
		return c.evaluateLost(ctx, it)
	}
	if d.Need == NeedMatch {
		return c.match(ctx, it)
	}
	entry, err := c.target.Read(ctx, it.rules.mapping.Target, it.Link.Target)
	if isGone(err) {
		it.Target = Found{Known: Missing}
		return nil
	}
	if err != nil {
		return err
	}
	it.Target = Found{Known: Present, Entry: entry, Values: it.rules.reader.values(entry)}
	it.hushEntry()
	it.completeActive()
	return nil
}

// completeActive takes `active` from what was last written where the target's answer does not say.
func (it *item) completeActive() {
	for path := range it.Link.Written {
		if _, ok := it.Target.Values[path]; !ok && isActive(path) {
			it.Target.Values[path] = it.Link.Written[path]
		}
	}
}

// evaluateLost computes the values of a new account for an object whose account is gone, and claims them.
func (c *cycle) evaluateLost(ctx context.Context, it *item) error {
	if err := c.evaluate(ctx, it); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.claim(it)
	return nil
}

// match looks an object up by its matching attributes in the order of precedence. The first that finds anything decides (3.2).
func (c *cycle) match(ctx context.Context, it *item) error {
	matching := MatchingValues(it.Creating)
	if c.excluded(it, matching) {
		matching = nil
	}
	for _, v := range matching {
		value := text(v.Value)
		entries, err := c.target.Find(ctx, it.rules.mapping.Target, v.Path, value)
		if err != nil {
			return err
		}
		by := described(v)
		switch len(entries) {
		case 0:
			continue
		case 1:
			it.matched = "the account with " + by
			return c.found(ctx, it, entries[0], by)
		}
		it.matched = fmt.Sprintf("%d accounts with %s", len(entries), by)
		it.Target = Found{Known: Several, By: by, Count: len(entries)}
		return nil
	}
	it.matched = "no account has a matching value"
	it.Target = Found{Known: Missing}
	return nil
}

// described names a matching value as records may show it.
func described(v mapping.Value) string {
	if v.Redacted {
		return v.Path + " " + redacted
	}
	return fmt.Sprintf("%s %q", v.Path, text(v.Value))
}

// excluded asks the survey.
func (c *cycle) excluded(it *item, matching []mapping.Value) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.survey.excludes(it, matching)
}

// found notes the account and who owns it.
func (c *cycle) found(ctx context.Context, it *item, entry Entry, by string) error {
	it.Target = Found{Known: Present, Entry: entry, Values: it.rules.reader.values(entry), By: by, Count: 1}
	it.hushEntry()
	c.mu.Lock()
	owner, taken := c.owners[entry.ID]
	c.mu.Unlock()
	if taken && owner.key != it.key && owner.key.Type == it.key.Type {
		it.Target.Owner = &Link{Type: owner.key.Type, Source: owner.key.Source, SourceName: owner.name, Target: entry.ID, Managed: true}
		return nil
	}
	link, err := c.linkedToOther(ctx, it, entry.ID)
	if link == nil || err != nil {
		return err
	}
	it.Target.Owner = link
	it.Target.OwnerGone, err = c.ownerGone(ctx, *link)
	return err
}

// linkedToOther is the stored link of somebody else to the account; nil: there is none.
func (c *cycle) linkedToOther(ctx context.Context, it *item, target string) (*Link, error) {
	link, err := c.store.LinkByTarget(ctx, c.app.ID, it.key.Type, target)
	switch {
	case errors.Is(err, fault.ErrNotFound) || (err == nil && link.Source == it.key.Source):
		return nil, nil // nobody is an answer
	case err != nil:
		return nil, fmt.Errorf("look up the owner of account %s: %w", target, err)
	}
	return &link, nil
}

// ownerGone reports whether an account may move to somebody else: its owner left the directory, or was unassigned and is no longer managed. Whom an input
// filter spares keeps the account.
func (c *cycle) ownerGone(ctx context.Context, l Link) (bool, error) {
	owner, err := c.engine.Directory.Object(ctx, c.app.Organization, l.Type, l.Source)
	if errors.Is(err, fault.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up the owner of account %s: %w", l.Target, err)
	}
	r := c.rules[l.Type]
	around, err := r.kinOf(ctx, c.engine.Directory, c.app, []directory.Object{owner}, c.began)
	if err != nil {
		return false, err
	}
	entitled, err := c.entitlements(ctx, l.Type, []string{l.Source})
	if err != nil {
		return false, err
	}
	o := r.object(owner, entitled[l.Source], around)
	switch {
	case r.spared(o).Ignored:
		return false, nil
	case !owner.Live():
		return true, nil
	}
	s := r.scopeOf(c.app, o, entitled[l.Source])
	return !l.Managed && !s.In && !s.Broken, nil
}

// write carries a decision out at the target.
func (c *cycle) write(ctx context.Context, it *item, d Decision) error {
	typ := it.rules.mapping.Target
	c.mu.Lock()
	c.survey.note(it.key.Type, d.Changes)
	c.mu.Unlock()
	switch d.Action {
	case record.Create:
		entry, err := c.target.Create(ctx, typ, assignments(d.Changes))
		if err != nil {
			return err
		}
		it.Target.Entry = entry
		return c.ownNew(ctx, it, entry.ID)
	case record.Link:
		if err := c.own(it, it.Target.Entry.ID); err != nil {
			return err
		}
		if len(d.Changes) > 0 {
			return c.target.Update(ctx, typ, it.Target.Entry.ID, assignments(d.Changes))
		}
	case record.Update, record.Restore:
		return c.target.Update(ctx, typ, it.Link.Target, assignments(d.Changes))
	case record.Disable, record.Delete:
		return c.takeAway(ctx, it, d)
	}
	return nil
}

// own notes whose the account is, so that nobody else of this cycle takes it for theirs before the link is stored. It fails when somebody else was faster.
func (c *cycle) own(it *item, target string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if owner, taken := c.owners[target]; taken && owner.key != it.key && owner.key.Type == it.key.Type {
		return belongsToOther(target, owner.name)
	}
	c.owners[target] = claimant{it.key, it.Source.Name}
	c.accounts[it.key] = target
	return nil
}

// ownNew is own for the answer to a creation. There are targets that take a creation for an update of an account that looks alike, and answer with its id:
// the account of somebody else stays theirs.
func (c *cycle) ownNew(ctx context.Context, it *item, target string) error {
	if err := c.own(it, target); err != nil {
		return err
	}
	link, err := c.linkedToOther(context.WithoutCancel(ctx), it, target) // the account is made: a cycle that stops now must still know whose it is
	if link != nil {
		err = belongsToOther(target, link.SourceName)
	}
	if err != nil {
		c.disown(it, target)
	}
	return err
}

func (c *cycle) disown(it *item, target string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.owners, target)
	delete(c.accounts, it.key)
}

func belongsToOther(target, owner string) error {
	return &TargetError{Code: "DuplicateSourceEntries", Detail: fmt.Sprintf("the target answered with account %s, which belongs to %s already, and may have "+
		"written these values to it; give one of the two other values, so that the target can tell them apart", target, owner)}
}

// lookAgain prepares a second look after a write that failed because the target is not as we thought, and reports whether there should be one.
func lookAgain(it *item, d Decision, err error) bool {
	var t *TargetError
	if !errors.As(err, &t) {
		return false
	}
	switch {
	case d.Action == record.Create && t.Ambiguous:
		it.Target, it.unsure = Found{}, true // it may have been made: look before making it again
	case d.Action == record.Create && isConflict(t):
		it.Target, it.Refused = Found{}, t // somebody made it since we looked, or another attribute is taken
	case d.Action == record.Create && !it.bare && len(it.References) > 0 && isBadRequest(t):
		it.bare = true // a reference that the target does not take must not cost somebody the account
	case d.Action == record.Link && isGone(err):
		it.Target = Found{}
	case it.Link != nil && isGone(err) && d.Action != record.Delete && d.Action != record.Disable:
		it.Target = Found{Known: Missing}
	default:
		return false
	}
	return true
}

// isBadRequest reports that the target did not like what was sent.
func isBadRequest(t *TargetError) bool {
	return t.Status == 400 || t.Status == 422 || t.Status == 404 || t.Status == 501
}

func isConflict(t *TargetError) bool {
	return t.Status == 409 || t.Code == "Conflict" || t.Code == "EntryConflict"
}

// isGone reports that a known account no longer exists.
func isGone(err error) bool {
	var t *TargetError
	return errors.As(err, &t) && (t.Status == 404 || t.Code == "InvalidAnchor") && !t.Fatal
}

func (it *item) targetIdentity() record.Identity {
	switch {
	case it.Target.Entry.ID != "" && it.rules.secretName():
		return record.Identity{ID: it.Target.Entry.ID, Name: redacted}
	case it.Target.Entry.ID != "":
		return record.Identity{ID: it.Target.Entry.ID, Name: it.Target.Entry.Name}
	case it.Link != nil:
		return record.Identity{ID: it.Link.Target, Name: it.Link.TargetName}
	}
	return record.Identity{}
}

func kindOf(typ string) string {
	if typ == directory.Group {
		return "group"
	}
	return "user"
}
