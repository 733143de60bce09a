// Package directory is the heart of Rollcall: one directory of users, groups and memberships for each organization, and the change feed that
// records every write. Sources write it, consumers follow the feed; nothing else moves people's data.
//
// The native model is the SCIM resource (RFC 7643): an Object's Attributes are canonical SCIM attributes. Entra's attribute names are a vocabulary
// over those paths (vocabulary.go). The package holds types and rules; it knows no SQL and no HTTP. internal/store implements Store.
package directory

import (
	"cmp"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// The object types every directory has. They are the names of SCIM resource types.
const (
	User  = "User"
	Group = "Group"
)

// Owner is the source that an object belongs to. What SCIM does not own is invisible to it and safe from it (docs/adr/0007-owned-by-scim.md).
type Owner string

// The owners.
const (
	OwnerLocal Owner = "" // imports and people
	OwnerSCIM  Owner = "scim"
)

// Standard reports whether every directory has the type: User and Group. The others an organization registers for itself.
func Standard(typ string) bool { return typ == User || typ == Group }

// Object is one user or group of a directory, or an object of a type that its organization registered.
type Object struct {
	ID           string // opaque, made by us (UUID), never reused; Entra's objectId
	Organization string // organization id
	Type         string // User, Group, or the name of a registered type
	Seq          int64  // storage order, ascending with creation; set by the store
	Owner        Owner

	// Attributes holds the canonical SCIM attributes, without schemas, id and meta, and of users and groups without groups and members: memberships are rows
	// of their own. Treat it as immutable once stored: clone before changing.
	Attributes scim.Resource

	// SwitchedOff keeps somebody out whose active was false when it lost its value: no value alone would mean true. Only an explicit true ends it.
	SwitchedOff bool

	// Encoded is Attributes as the store keeps them (scim.Encode), while a Writer hands the object to it; nil: the store encodes them.
	Encoded []byte

	// NoGroups is set by Touch for what no group had as a member at that moment. False says nothing.
	NoGroups bool

	Version  int64     // starts at 1, grows by one with each real change (membership changes of a group included)
	Created  time.Time // UTC, microseconds
	Modified time.Time // UTC, microseconds; equals Created until the first real change
	Deleted  time.Time // zero: live. Otherwise when it was soft-deleted: invisible to SCIM, kept for 30 days, then purged
}

// Live reports whether the object has not been soft-deleted.
func (o Object) Live() bool { return o.Deleted.IsZero() }

// Name is the object's unique name: userName of a user, displayName of a group. Objects of other types need none: then it is what a person would know the
// object by.
func (o Object) Name() string {
	switch o.Type {
	case Group:
		return o.text("displayName")
	case User:
		return o.text("userName")
	}
	return cmp.Or(o.text("displayName"), o.text("name"), o.Attributes.ExternalID(), o.ID)
}

func (o Object) text(name string) string {
	s, _ := o.Attributes[name].(string)
	return s
}

// Visible reports whether a source that acts for the owner may see the object: it is live, and OwnerSCIM sees only its own.
func (o Object) Visible(to Owner) bool { return o.Live() && (to == OwnerLocal || o.Owner == to) }

// Email is the address that stands for a user: the primary one, else the only one, else "".
func (o Object) Email() string {
	elements, _ := o.Attributes["emails"].([]any)
	only := ""
	for _, e := range elements {
		element, _ := e.(map[string]any)
		value, _ := element["value"].(string)
		if primary, _ := element["primary"].(bool); primary {
			return value
		}
		only = value
	}
	if len(elements) != 1 {
		return ""
	}
	return only
}

// Active is the SCIM attribute active (Entra's accountEnabled); an absent value counts as true, unless a false one was taken away.
func (o Object) Active() bool {
	if active, ok := o.Attributes["active"].(bool); ok {
		return active
	}
	return !o.SwitchedOff
}

// Membership is one row: Member (a user, or a nested group) belongs directly to Group.
type Membership struct {
	Group      string
	Member     string
	MemberType string // User or Group
}

// ChangeKind says what a change did.
type ChangeKind string

// The kinds of change.
const (
	Created       ChangeKind = "create"
	Updated       ChangeKind = "update"  // attributes; Paths names them
	SoftDeleted   ChangeKind = "delete"  // became a leaver; the object still exists with Deleted set
	Restored      ChangeKind = "restore" // came back from soft deletion
	Linked        ChangeKind = "link"    // SCIM took over an object that it had not made
	Purged        ChangeKind = "purge"   // the object no longer exists
	MemberAdded   ChangeKind = "member-add"
	MemberRemoved ChangeKind = "member-remove"
	Assigned      ChangeKind = "assign" // to Application
	Unassigned    ChangeKind = "unassign"
)

// Change is one entry of the feed, written in the same transaction as the write it records.
type Change struct {
	Seq          int64
	Organization string
	Time         time.Time
	Actor        string // who: a token, a person, an import
	Cause        string // what led to it: a request id, an import id, a cycle id
	Traceparent  string // W3C trace context of the cause; travels on to the target
	Kind         ChangeKind
	Type         string   // type of the object ID names: User, Group or a registered one
	ID           string   // the object: of a membership change the group, of an assignment the principal
	Member       string   // of a membership change: the member
	Application  string   // of an assignment: the application
	Paths        []string // of an update: SCIM paths whose value changed, top level or URN:attribute
}

// Origin says where a write comes from. It is copied into every Change that the write appends.
type Origin struct {
	// Owner is whose the objects become that the write creates. A write for OwnerSCIM sees no members but those that SCIM owns.
	Owner       Owner
	Actor       string
	Cause       string
	Traceparent string
}
