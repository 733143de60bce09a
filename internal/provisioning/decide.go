package provisioning

import (
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Need says what must be looked up at the target before a decision can be made.
type Need int

// The needs.
const (
	NeedNothing Need = iota
	NeedMatch        // look the object up by its matching attributes
	NeedEntry        // read the linked entry
)

// Decision is what to do with one object and why. The same value is the plan, the log record, the on-demand answer and the row of a test.
type Decision struct {
	Need     Need // when set, everything else is empty
	DropLink bool // with NeedMatch: the linked account no longer exists

	Action   record.Action
	Status   record.Status // how it ends if the target does what it is told
	Code     string        // Entra's error code or skip reason (spec/entra-provisioning.md 8.8)
	Reason   string
	Changes  []Change // what is written, in the order of the mapping
	Warnings []string // what a person should know although it succeeds

	TakeOver *Link // this link of an object that is gone is replaced by ours
	Forget   bool  // the link is removed without touching the target
	Managed  bool  // the link's Managed afterwards
}

// Decide is the heart of provisioning: a pure function from a situation to a decision. Rows in the order of precedence:
//
//	in scope?  link?  target            → decision
//	ignored    any    any               → none
//	unknown    any    any               → failure: the filter cannot judge the object
//	any        yes    in doubt          → look at the account first
//	leaving    no     any               → none: nobody to deprovision
//	leaving    yes    any               → disable, delete, or none (deprovision)
//	yes        no     not looked        → look it up; without a matching value: none
//	yes        no     several           → failure DuplicateTargetEntries
//	yes        no     somebody else's   → failure DuplicateSourceEntries, or the account moves here when its owner is gone
//	yes        no     one               → link, with what differs
//	yes        no     none              → create
//	yes        yes    gone              → drop the link and look it up again
//	yes        yes    as last known     → none, update, disable or restore: whatever differs; looked at first where a row fills what is empty
//
// A disabled person who is in scope and has an account is an update whose `active` happens to become false: the mapping says so.
func Decide(s Situation) Decision {
	if s.Scope.Ignored {
		return skip("InputFilter", s.Scope.Reason+"; the object is left alone") // not managed either: when it is purged, nobody can ask the filter any more
	}
	if s.Scope.Broken {
		return fail("InvalidScopingFilter", s.Scope.Reason+"; the account is left as it is").managed(s.Link)
	}
	if s.Doubt && s.Link != nil && s.Target.Known == Unknown {
		return Decision{Need: NeedEntry}
	}
	cause, byScope := s.leaving()
	stays := cause == "" || (s.Scope.In && s.Source.Presence == Live && s.Policy.SoftDelete)
	switch {
	case cause != "" && s.Link == nil:
		return skip(skipCode(byScope), neverProvisioned(s, cause))
	case !stays:
		return deprovision(s, cause, byScope)
	case cause != "" && s.Link != nil && s.Link.State != LinkDisabled && activeProblem(s) != nil:
		return deprovision(s, cause, byScope) // nobody stays in because a row is broken
	case s.Link == nil:
		return matchOrCreate(s)
	}
	return reconcile(s)
}

func skip(code, reason string) Decision {
	return Decision{Action: record.NoAction, Status: record.Skipped, Code: code, Reason: reason}
}

func fail(code, reason string) Decision {
	return Decision{Action: record.NoAction, Status: record.Failure, Code: code, Reason: reason}
}

// managed keeps the link's state in a decision that does nothing.
func (d Decision) managed(l *Link) Decision {
	d.Managed = l != nil && l.Managed
	return d
}

func skipCode(byScope bool) string {
	if byScope {
		return "NotEffectivelyEntitled"
	}
	return "EntrySynchronizationSkipped"
}

func neverProvisioned(s Situation, cause string) string {
	return cause + "; there is no account of this " + s.Source.what()
}

// matchOrCreate decides about an object in scope that has no link.
func matchOrCreate(s Situation) Decision {
	if s.Rival != "" {
		return fail("DuplicateSourceEntries", s.Rival+" has the same matching value, and one account cannot belong to two; give one of them another value")
	}
	switch s.Target.Known {
	case Unknown:
		if len(MatchingValues(s.Creating)) == 0 {
			return skip("ImportSkipped",
				"every matching attribute is empty ("+matchingPaths(s.Creating)+"), so an account can be neither found nor safely created; fill one of them")
		}
		return Decision{Need: NeedMatch}
	case Several:
		return fail("DuplicateTargetEntries",
			fmt.Sprintf("%d accounts have %s; remove the duplicates at the target or match by another attribute", s.Target.Count, s.Target.By))
	case Present:
		return link(s)
	}
	return create(s)
}

func create(s Situation) Decision {
	switch {
	case s.Refused != nil:
		d := fail(s.Refused.Code, "the target refused to create the account, and no account has a matching value: "+s.Refused.Detail)
		d.Action = record.Create
		return d
	case !s.Policy.Create:
		return skip("CreateDisabled", "no account matches, and the mapping does not create accounts")
	case problemOf(s, true) != "":
		return fail("InvalidMapping", problemOf(s, true))
	}
	d := Decision{Action: record.Create, Status: record.Success, Managed: true}
	d.Reason = s.Scope.Reason + "; no account matches"
	if s.Lost != "" {
		d.Reason = fmt.Sprintf("the account %s is gone at the target, and no account matches; it is made again", s.Lost)
	}
	d.Changes = append(creation(s.Creating), s.References...)
	if bad := problemOf(s, false); bad != "" {
		d.Code, d.Warnings = "InvalidMapping", append(d.Warnings, bad)
	}
	return d.warn(s, s.Creating)
}

// link decides about an account that was found by its matching value.
func link(s Situation) Decision {
	if o := s.Target.Owner; o != nil && !s.Target.OwnerGone {
		return fail("DuplicateSourceEntries",
			fmt.Sprintf("the account with %s belongs to %s already; give one of the two another matching value", s.Target.By, o.SourceName))
	}
	d := Decision{Action: record.Link, Status: record.Success, Managed: true}
	d.Reason = fmt.Sprintf("%s; the account with %s is theirs", s.Scope.Reason, s.Target.By)
	if o := s.Target.Owner; o != nil {
		d.TakeOver = o
		d.Reason += fmt.Sprintf("; it was linked to %s, who is gone", o.SourceName)
	}
	if s.Policy.Update {
		d.Changes = difference(s, s.Target.Values)
	}
	if bad := problemOf(s, false); bad != "" {
		d.Code, d.Warnings = "InvalidMapping", append(d.Warnings, bad)
	}
	return d.warn(s, s.Updating)
}

// reconcile decides about an object in scope that has an account.
func reconcile(s Situation) Decision {
	if s.Target.Known == Missing {
		return Decision{Need: NeedMatch, DropLink: true}
	}
	if s.Target.Known == Unknown && (s.Initial || s.Policy.Update && fills(s, s.Link.Written)) {
		return Decision{Need: NeedEntry}
	}
	have, _ := s.have()
	changes := difference(s, have)
	if !s.Policy.Update {
		changes = differing(changes)
	}
	d := Decision{Status: record.Success, Managed: true, Changes: changes}
	bad := problemOf(s, false)
	if len(changes) == 0 {
		d.Action, d.Status, d.Code, d.Reason = record.NoAction, record.Skipped, "RedundantExport", "nothing differs from the account"
		if bad != "" {
			d.Status, d.Code, d.Reason = record.Warning, "InvalidMapping", bad
		}
		return d
	}
	if bad != "" {
		d.Code, d.Warnings = "InvalidMapping", append(d.Warnings, bad)
	}
	if !s.Policy.Update {
		return skip("UpdateDisabled", "the account differs ("+paths(changes)+"), but the mapping does not update accounts").managed(s.Link)
	}
	d.Action, d.Reason = classify(s, changes)
	return d.warn(s, s.Updating)
}

// classify names an update by what it does to `active`.
func classify(s Situation, changes []Change) (record.Action, string) {
	active, changed := activeAfter(changes)
	switch {
	case changed && !active:
		cause, _ := s.leaving()
		if cause == "" {
			cause = "the mapping says so"
		}
		return record.Disable, cause
	case changed && wasDisabled(s):
		return record.Restore, s.Scope.Reason + " again"
	}
	return record.Update, because(changes)
}

// wasDisabled: by us. What somebody did at the target is a difference like others.
func wasDisabled(s Situation) bool {
	_, state := s.have()
	return s.Link.State == LinkDisabled || s.Doubt && state == LinkDisabled
}

// deprovision decides about an account whose object must not have an active one (1.9).
func deprovision(s Situation, cause string, byScope bool) Decision {
	purged := s.Source.Presence == Purged
	_, state := s.have()
	switch {
	case purged && !s.Link.Managed:
		d := skip("EntrySynchronizationSkipped", cause+
			" after it had been unassigned, or left alone by an input filter: the account is no longer managed and stays as it is")
		d.Forget = true
		return d
	case byScope && s.Policy.SkipOutOfScope:
		return skip("SkipOutOfScopeDeletions", cause+"; the application is set to leave such accounts alone").managed(s.Link)
	case s.Policy.AppendOnly:
		d := skip("AppendOnly", cause+"; the application is set to never take anything away").managed(s.Link)
		d.Forget = purged
		return d
	case purged:
		return remove(s, cause)
	case state == LinkDisabled:
		d := skip("EntrySynchronizationSkipped", cause+"; the account is disabled already")
		d.Managed = s.Link.Managed && !byScope
		return d
	case !s.Policy.SoftDelete:
		return remove(s, cause)
	}
	return disable(s, cause, byScope)
}

func disable(s Situation, cause string, byScope bool) Decision {
	have, _ := s.have()
	changes := activeOnly(difference(s, have))
	bad := activeProblem(s)
	if bad != nil {
		changes = []Change{{Path: bad.Path, Old: have[bad.Path], New: false}}
	}
	if active, changed := activeAfter(changes); !changed || active {
		d := skip("EntrySynchronizationSkipped", cause+"; but the mapping of active does not follow [IsSoftDeleted], so nothing is sent").managed(s.Link)
		d.Status = record.Warning
		return d
	}
	if !s.Policy.Update {
		return skip("UpdateDisabled", cause+"; but disabling is an update, and the mapping does not update accounts").managed(s.Link)
	}
	d := Decision{Action: record.Disable, Status: record.Success, Reason: cause, Changes: changes, Managed: s.Link.Managed && !byScope}
	if bad != nil {
		d.Status, d.Code = record.Warning, "InvalidMapping"
		d.Warnings = append(d.Warnings, bad.Path+": "+bad.Detail+" (so it was set to false)")
	}
	return d
}

// activeProblem is why the row of active gave no value; nil: it did.
func activeProblem(s Situation) *Problem {
	for i := range s.Problems {
		if isActive(s.Problems[i].Path) {
			return &s.Problems[i]
		}
	}
	return nil
}

func remove(s Situation, cause string) Decision {
	if !s.Policy.Delete {
		d := skip("DeleteDisabled", cause+"; but the mapping does not delete accounts").managed(s.Link)
		d.Forget = s.Source.Presence == Purged
		return d
	}
	return Decision{Action: record.Delete, Status: record.Success, Reason: cause}
}

// warn turns a success into a warning where a value that the application asks for is empty, or something else was noted.
func (d Decision) warn(s Situation, values []mapping.Value) Decision {
	for i := range values {
		v := &values[i]
		if v.Mapping.Required && isEmpty(v.Value) && v.Mapping.Type != mapping.Reference {
			d.Warnings = append(d.Warnings, "the application asks for "+v.Path+", which is empty for this "+s.Source.what())
		}
	}
	if len(d.Warnings) > 0 {
		d.Status = record.Warning
		if d.Code == "" {
			d.Code = "MissingValues"
		}
	}
	return d
}

// problemOf describes the mapping rows that failed; with matters, only those without which an account must not be made: matching and required rows.
func problemOf(s Situation, matters bool) string {
	var parts []string
	for _, p := range s.Problems {
		if !matters || essential(s.Creating, p.Path) {
			parts = append(parts, p.Path+": "+p.Detail)
		}
	}
	return strings.Join(parts, "; ")
}

func essential(values []mapping.Value, path string) bool {
	for i := range values {
		if values[i].Path == path {
			return values[i].Mapping.Matching > 0 || values[i].Mapping.Required
		}
	}
	return true // a row that yielded no value at all: nobody can say that it does not matter
}

func paths(changes []Change) string {
	names := make([]string, 0, len(changes))
	for _, c := range changes {
		names = append(names, c.Path)
	}
	return strings.Join(names, ", ")
}
