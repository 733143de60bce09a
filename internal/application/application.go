// Package application holds enterprise applications: the connection to a SCIM target, who is assigned, the scope mode, the mapping and the settings
// of the provisioning job. It decides nothing about people; internal/provisioning does.
package application

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// Application is an enterprise application of an organization.
type Application struct {
	ID           string
	Organization string // id
	Name         string // unique within the organization without regard to letter case
	Template     string // gallery template it was made from
	Created      time.Time

	TenantURL string // base URL of the SCIM service, a query string allowed; empty: not connected
	Secret    []byte // sealed (internal/store seals and opens it); nil: none
	// SecretError says why a stored secret could not be opened (its key is not on this node); Secret is then nil. Saving the application without a new
	// secret keeps the stored one.
	SecretError string `json:"-"`
	// Change says who changes the mapping and why, for the version that saving it makes. It is never read back.
	Change Change `json:"-"`

	On       bool   // Provisioning Status
	Scope    string // ScopeAssigned or ScopeAll
	Mapping  mapping.Set
	Roles    []Role // that the application offers, ordered by value; empty: assignments may name any role
	Settings Settings
	Revision int64 // grows with every change of mapping, filters or scope; the job compares it and starts over with an initial cycle
	Version  int64 // of the stored row; grows with every save. 0: not read from the store
}

// Scope modes.
const (
	ScopeAssigned = "assigned"
	ScopeAll      = "all"
)

// Settings are the keys of `rollcall app set`.
type Settings struct {
	Interval                time.Duration `json:"interval"`          // between cycles; 1 minute to 24 hours, initially 40 minutes
	DeletionThreshold       int           `json:"deletionThreshold"` // more disables and deletes than this in one cycle are held; -1: off; initially 500
	SkipOutOfScopeDeletions bool          `json:"skipOutOfScopeDeletions"`
	Deprovision             string        `json:"deprovision"` // disable or delete
	WhenEmpty               string        `json:"whenEmpty"`   // leave, clear or default; initially clear
	Groups                  bool          `json:"groups"`
	NestedGroups            bool          `json:"nestedGroups"`
	AppendOnly              bool          `json:"appendOnly"`
	NotificationEmail       []string      `json:"notificationEmail"`
	NotifyOnFailure         bool          `json:"notifyOnFailure"`
	RateLimit               float64       `json:"rateLimit"`   // requests per second to the target; 0: off
	Concurrency             int           `json:"concurrency"` // requests in flight; 0: automatic
}

// Assignment puts a user or a group in an application's scope.
type Assignment struct {
	Application   string
	Principal     string // id of the user or group
	PrincipalType string // directory.User or directory.Group
	Role          string // role value; empty: Default Access
	Created       time.Time
}

// Entitlement says why an object is assigned to an application. The zero value is: not assigned.
type Entitlement struct {
	Direct bool     // assigned itself
	Groups []string // ids of assigned groups it is a member of (directly, or nested where the application expands nested groups), ordered
	Roles  []string // distinct role values, ordered; "" for Default Access is left out
	// Disabled are the roles that it is assigned and that the application has disabled: they count for nothing above.
	Disabled []string
}

// Assigned reports whether any assignment applies.
func (e Entitlement) Assigned() bool { return e.Direct || len(e.Groups) > 0 }

// Store keeps applications and assignments. Missing things are fault.ErrNotFound, taken names fault.ErrConflict.
type Store interface {
	CreateApplication(ctx context.Context, a Application) error
	Application(ctx context.Context, org, name string) (Application, error)
	ApplicationByID(ctx context.Context, id string) (Application, error)
	Applications(ctx context.Context, org string) ([]Application, error) // org "": of all organizations
	// SaveApplication stores the application as it was read and changed. When somebody saved it meanwhile the error is fault.ErrPrecondition. Version 0
	// stores it whatever is there. A mapping that is another one than before becomes a new Version in the same transaction, with a.Change.
	SaveApplication(ctx context.Context, a Application) error
	DeleteApplication(ctx context.Context, id string) error
}

// AssignmentStore keeps assignments; each real change is appended to the organization's feed in the same transaction.
type AssignmentStore interface {
	// Assign adds or changes an assignment and reports whether anything changed. Unassign reports whether there was one.
	Assign(ctx context.Context, org string, a Assignment, origin directory.Origin) (bool, error)
	Unassign(ctx context.Context, org string, a Assignment, origin directory.Origin) (bool, error)
	Assignments(ctx context.Context, app string) ([]Assignment, error)
	// Entitlements returns the entitlement of each of the objects that has one. typ is the type of the ids. At most 1,000 ids.
	Entitlements(ctx context.Context, org, app, typ string, ids []string, nested bool) (map[string]Entitlement, error)
	// GroupUsers returns the users that the group brings into scope: its direct members, with nested also those of groups below it (loops are fine).
	// Ordered by id, at most limit with id > after.
	GroupUsers(ctx context.Context, org, group string, nested bool, after string, limit int) ([]string, error)
}
