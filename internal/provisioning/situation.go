package provisioning

import (
	"encoding/json"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Situation is all that a decision depends on: the source object, whether it is in scope, its link, what was found at the target, and the policy.
// It is data: Decide neither reads a clock nor asks anybody.
type Situation struct {
	Source Source
	Scope  Scope
	Link   *Link // nil: never linked, or the link was dropped
	// Lost is the target id of a link that was dropped a moment ago because its account no longer exists; empty: none.
	Lost string
	// Rival names another source object of this cycle that asks for the same account by the same matching value; empty: none.
	Rival  string
	Target Found
	// Refused is why the target did not create the account although none was found; nil: creation was not tried.
	Refused *TargetError

	Updating []mapping.Value // values for an account that exists
	Creating []mapping.Value // values for a new account; only needed when there is no link
	Problems []Problem       // mapping rows that could not be evaluated
	// References are those of a new account to accounts that are known already; the others are written in the second pass.
	References []Change

	Policy Policy
	// Doubt: what was last sent to the account may have been done or not, so what was last written says nothing. The account is looked at first.
	Doubt   bool
	Initial bool // an initial cycle compares with the target's entry, an incremental one with what was last written
}

// Presence says where the source object is in its life.
type Presence int

// The presences.
const (
	Live        Presence = iota
	SoftDeleted          // a leaver; can be restored
	Purged               // gone for good
)

// Source is the source object as a decision sees it.
type Source struct {
	Type     string // User or Group
	ID       string
	Name     string
	Presence Presence
	Enabled  bool // Entra's accountEnabled; true for groups
}

// Scope is the outcome of assignments and scoping filters.
type Scope struct {
	In      bool
	Ignored bool            // by an input filter: the object is as if it did not exist, and nothing is deprovisioned (spec/entra-provisioning.md 3.8)
	Broken  bool            // the filter cannot judge this object: it is neither provisioned nor deprovisioned
	Reason  string          // in words, for every outcome
	Data    json.RawMessage // the filter's verdict clause by clause; nil: there is no filter
	// Unassigned: the object is out of scope already because nobody assigned it, and the scoping filter was not asked.
	Unassigned bool
}

// Known says how much is known about the target.
type Known int

// What is known.
const (
	Unknown Known = iota // nobody looked yet
	Missing              // looked, and there is no such account
	Present              // exactly one account
	Several              // more than one account has the matching value
)

// Found is what was found at the target.
type Found struct {
	Known  Known
	Entry  Entry          // when Present
	Values map[string]any // of the mapped paths, when Present
	By     string         // the matching attribute and value it was looked up with, in words; empty: by id
	Count  int            // accounts found

	// Owner is the link of another source object to the same account; nil: nobody's. OwnerGone: that object is soft-deleted, purged, or was unassigned
	// and is no longer managed, so the account may move.
	Owner     *Link
	OwnerGone bool
}

// Problem is a mapping row whose value could not be computed.
type Problem struct {
	Path   string
	Detail string
}

// Policy is what the application allows, from its mapping and settings.
type Policy struct {
	Create, Update, Delete bool // target object actions (3.3)
	// SoftDelete: the target can be told that somebody left (`active` is mapped) and the application does not prefer deletion. Without it, leaving means
	// deletion (1.9, third column).
	SoftDelete     bool
	AppendOnly     bool // nothing is ever taken away: no disable, no delete, no value removed
	SkipOutOfScope bool // SkipOutOfScopeDeletions: leaving the scope is not leaving
	WhenEmpty      mapping.WhenEmpty
}

// have is what the account has, as far as is known, and whether it is disabled.
func (s Situation) have() (values map[string]any, state LinkState) {
	if s.Target.Known == Present {
		return s.Target.Values, stateOf(s.Target.Values, s.Link.State == LinkActive)
	}
	return s.Link.Written, s.Link.State
}

// activePath is the SCIM attribute that disables an account (RFC 7643 section 4.1.1).
const activePath = "active"

// leaving says why the object must not have an active account; empty: it may. byScope: only because it is out of scope.
func (s Situation) leaving() (cause string, byScope bool) {
	switch {
	case s.Source.Presence == Purged:
		return "deleted from the directory for good", false
	case s.Source.Presence == SoftDeleted:
		return "deleted from the directory", false
	case !s.Scope.In && s.Source.Enabled:
		return s.Scope.Reason, true
	case !s.Scope.In:
		return "disabled in the directory and out of scope (" + s.Scope.Reason + ")", !s.Policy.SkipOutOfScope
	case !s.Source.Enabled:
		return "disabled in the directory", false
	}
	return "", false
}

// what is the object in words.
func (s Source) what() string {
	if s.Type == directory.Group {
		return "group"
	}
	return "user"
}
