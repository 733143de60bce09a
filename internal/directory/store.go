package directory

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// Store keeps directories. Every method takes the organization's id and sees nothing of other organizations.
type Store interface {
	Reader
	// Write runs fn in one transaction. fn may run more than once (after a serialization failure, or when its group commit is retried), so it must
	// not keep state of a failed run. Write returns only after the commit is durable. An error from fn rolls everything of fn back and is returned
	// as it is; errors.Is(err, fault.ErrConflict) says that a unique name is taken, fault.ErrFull that the disk is full.
	Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
}

// Reader reads the current state. Outside a transaction each call sees the latest committed state.
type Reader interface {
	Types
	Objects
	Memberships
	Feed
}

// Types knows which resource types an organization has.
type Types interface {
	// Registry returns the standard types and those that the organization registered.
	Registry(ctx context.Context, org string) (*scim.Registry, error)
	// Definitions returns what the organization registered.
	Definitions(ctx context.Context, org string) (*scim.Definitions, error)
}

// Objects reads users and groups. A missing object is fault.ErrNotFound.
type Objects interface {
	// Object returns the object with the id, soft-deleted ones included.
	Object(ctx context.Context, org, typ, id string) (Object, error)
	// ObjectByName returns the live object whose unique name equals name without regard to letter case.
	ObjectByName(ctx context.Context, org, typ, name string) (Object, error)
	// ObjectsByID returns those of the objects that exist, in the order of ids, soft-deleted ones included. At most 1,000 ids.
	ObjectsByID(ctx context.Context, org, typ string, ids []string) ([]Object, error)
	// Seen maps those of the ids that name live users and groups which the owner sees to their types. At most 1,000 ids.
	Seen(ctx context.Context, org string, owner Owner, ids []string) (map[string]string, error)
	// Search returns one page of the live objects. It is cut short where its objects become too big to hold; Total still counts all.
	Search(ctx context.Context, org, typ string, q Query) (Page, error)
	// Document returns the live object with the id as it is stored.
	Document(ctx context.Context, org, typ, id string) (Document, error)
	// Documents is Search for documents: Page.Documents instead of Page.Objects.
	Documents(ctx context.Context, org, typ string, q Query) (Page, error)
	// Scan returns up to limit objects with Seq > after in the order of Seq, soft-deleted ones included.
	Scan(ctx context.Context, org, typ string, after int64, limit int) ([]Object, error)
	// CountObjects returns how many live objects of the type there are.
	CountObjects(ctx context.Context, org, typ string) (int, error)
	// Reports returns the ids of the live users whose manager is the given user.
	Reports(ctx context.Context, org, manager string) ([]string, error)
}

// Query selects, orders and pages objects. The zero Query is everything in the order of creation.
type Query struct {
	Owner      Owner        // OwnerSCIM: only what SCIM owns, and nothing else counts as a member or group; OwnerLocal: all
	Filter     *scim.Filter // nil: all
	SortBy     *scim.Path   // nil: Created, then ID, both ascending
	Descending bool         // only with SortBy
	Start      int          // 0-based offset
	Count      int          // most objects to return; 0: only the total

	// Keyset pages by position instead of by Start: the Count objects that follow From, or with Backward the Count ones right before it, in the order of the
	// query both times. A nil From is the beginning, with Backward the end.
	Keyset   bool
	From     *scim.Position
	Backward bool
}

// Page is one page of a Search.
type Page struct {
	Total     int // all matches
	Objects   []Object
	Documents []Document
	Keys      []any // what each of them is sorted by: the Key of its scim.Position
	More      bool  // there are more in the direction of the query
}

// Document is a live object with its attributes as they are stored, for who only hands them on.
type Document struct {
	ID                string
	Owner             Owner
	Version           int64
	Created, Modified time.Time
	Attributes        []byte // canonical JSON, see Object.Attributes
	Member            bool   // a user who is a direct member of at least one group, which may be deleted; always false for other types
}

// Visible is Object.Visible.
func (d Document) Visible(to Owner) bool { return to == OwnerLocal || d.Owner == to }

// Memberships reads membership rows. Soft-deleted members are included.
type Memberships interface {
	// Members returns up to limit direct members of the group with Member > after, ordered by Member.
	Members(ctx context.Context, org, group, after string, limit int) ([]Membership, error)
	// MoreMembers reports whether the group has more than n direct members. What it costs depends on n, not on the group.
	MoreMembers(ctx context.Context, org, group string, n int) (bool, error)
	// GroupsOf returns the groups that the objects are direct members of, ordered by Group. At most 1,000 members.
	GroupsOf(ctx context.Context, org string, members ...string) ([]Membership, error)
	// GroupsAbove returns the groups that the objects belong to directly or through other groups, each once for each object, ordered by Group. Only groups
	// that the owner sees count, those on the way included. Groups may nest in loops. At most 1,000 members.
	GroupsAbove(ctx context.Context, org string, owner Owner, members ...string) ([]Above, error)
}

// Above is one group that an object belongs to.
type Above struct {
	Group  string
	Member string
	Direct bool // by a membership of its own, be it that others lead there too
}

// Feed reads the change feed. Changes become visible in the order of Seq: once a Seq has been returned, no smaller one will ever appear. So a
// consumer needs to keep only the last Seq it handled.
type Feed interface {
	Changes(ctx context.Context, org string, after int64, limit int) ([]Change, error)
	// Head returns the Seq of the newest visible change of the organization, 0 when there is none.
	Head(ctx context.Context, org string) (int64, error)
}

// Tx is a transaction on a directory. It appends nothing to the feed by itself: the rules in this package do.
type Tx interface {
	Reader
	// LockDefinitions is Definitions, and lets nobody else change them before the transaction ends.
	LockDefinitions(ctx context.Context, org string) (*scim.Definitions, error)
	// SaveDefinitions replaces what the organization registered, for this transaction at once. Objects that are stored stay as they are until Update.
	SaveDefinitions(ctx context.Context, org string, d *scim.Definitions) error
	// ForgetUnique forgets who has which values of the attributes, named as in scim.UniqueValue; Update of an object tells them again.
	ForgetUnique(ctx context.Context, org string, attributes []string) error
	// Insert stores a new object; o.Seq is ignored. A live object of the same type with the same unique name is fault.ErrConflict, one with the same value
	// of an attribute that has to be unique is a *TakenError.
	Insert(ctx context.Context, o Object) error
	// Update replaces Attributes, Owner, Version, Modified and Deleted of the object with o's id.
	Update(ctx context.Context, o Object) error
	// Remove deletes the object and every membership row that names it.
	Remove(ctx context.Context, org, typ, id string) error
	// AddMembers adds rows and returns the members that were not there before; a member that does not exist (any more) is fault.ErrInvalid.
	// RemoveMembers returns those that were there.
	AddMembers(ctx context.Context, org, group string, members []Membership) (added []Membership, err error)
	RemoveMembers(ctx context.Context, org, group string, members []string) (removed []string, err error)
	// Touch locks the object for the rest of the transaction and returns it, so that concurrent writers of one object run one after the other.
	Touch(ctx context.Context, org, typ, id string) (Object, error)
	// TouchToRemove is Touch for an object that is going to be removed: it also waits for, and keeps off, transactions that add rows naming the object.
	TouchToRemove(ctx context.Context, org, typ, id string) (Object, error)
	// LocalByEmail returns up to two live users whom SCIM does not own and whose Email is the address, whatever its letter case.
	LocalByEmail(ctx context.Context, org, address string) ([]Object, error)
	// AdministratorEmails returns the folded e-mail addresses of those who administer the organization. With lock, others who ask with lock wait for the end of
	// the transaction.
	AdministratorEmails(ctx context.Context, org string, lock bool) ([]string, error)
	// UsersByAddress returns the users, soft-deleted ones included, whose userName or one of whose e-mail addresses is the folded address. Where an active
	// user has that userName the others may be missing.
	UsersByAddress(ctx context.Context, org, address string) ([]Object, error)
	// Append adds changes to the feed. Seq and Organization's order are the store's business; Time must be set.
	Append(ctx context.Context, changes ...Change) error
}
