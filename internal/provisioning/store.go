package provisioning

import (
	"context"
	"encoding/json"
	"time"

	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/record"
)

// Store keeps the state of provisioning jobs. internal/store implements it.
type Store interface {
	Jobs
	Links
	Leases
	// Commit writes the outcome of some objects of a cycle in one transaction: links, escrows, members written, and records together.
	Commit(ctx context.Context, app string, b Batch) error
}

// Jobs keeps one row an application. A missing job is the zero Job with Application set.
type Jobs interface {
	Job(ctx context.Context, app string) (Job, error)
	// SaveJob stores a job that was read before; fault.ErrConflict when the stored one has got another generation since.
	SaveJob(ctx context.Context, j Job) error
	// ChangeJob reads the job, alters it and stores it, with nobody else in between. alter may be called more than once, each time with a job just read.
	ChangeJob(ctx context.Context, app string, alter func(*Job)) error
	// Counts are statistics over the links.
	Counts(ctx context.Context, app string) (Counts, error)
}

// Job is the state of an application's provisioning between cycles.
type Job struct {
	Application string
	Watermark   int64 // last Seq of the change feed that has been handled
	Initial     bool  // the next cycle is an initial one; true until one was completed
	Revision    int64 // application.Revision of the last completed initial cycle
	LastCycle   json.RawMessage
	LastEnd     time.Time // when the last cycle ended; zero: never, or the next one is due at once
	FirstSteady time.Time // first time a cycle ended with nothing left to do
	Open        time.Time // when the cycle that has not ended began; zero: none. A crash leaves it set: the next one then looks at every reference

	Quarantine *Quarantine
	Held       *Held
	DeletesOK  bool // the next cycle carries out the deletions that were held when somebody said so

	// Told is what people were told about this job, and Mail what saving it puts into the outbox, in the same transaction. Mail is never read back.
	Told notify.Told   `json:",omitzero"`
	Mail []notify.Mail `json:"-"`

	// Generation grows with each start, restart and decision, so that a cycle that runs meanwhile notices and does not overwrite them.
	Generation int64
}

// Quarantine is the protective state of a job (spec/entra-provisioning.md 1.8).
type Quarantine struct {
	Reason      string    `json:"reason"` // Graph's word: EncounteredQuarantineException, …
	Code        string    `json:"code"`
	Message     string    `json:"message"`
	Began       time.Time `json:"began"`
	SeriesCount int       `json:"seriesCount"`
	NextAttempt time.Time `json:"nextAttempt"`
}

// Held says that deletions wait for a decision.
type Held struct {
	Threshold int `json:"threshold"`
	Count     int `json:"count"`
}

// Counts is part of `app status`.
type Counts struct {
	Users    int `json:"users"`    // user links
	Groups   int `json:"groups"`   // group links
	Linked   int `json:"linked"`   // all links
	Disabled int `json:"disabled"` // links of disabled accounts
	Failed   int `json:"failed"`   // escrowed objects
}

// LinkState is what we last made of the target account.
type LinkState string

// The link states.
const (
	LinkActive   LinkState = "active"
	LinkDisabled LinkState = "disabled"
)

// Link ties a source object to its account at the target.
type Link struct {
	Type       string // source type: User or Group
	Source     string // source object id
	SourceName string // as last seen, so that a purged object still has a name
	Target     string // id at the target
	TargetName string
	State      LinkState
	Managed    bool // false: was unassigned and disabled; a later purge of the source does nothing (1.9)
	// Written maps target paths to the values last written or read, JSON. References hold target ids.
	Written map[string]any
	Updated time.Time
}

// Links reads links, escrows and the members written.
type Links interface {
	// Links returns the links of those sources that have one, by source id. At most 1,000 ids.
	Links(ctx context.Context, app, typ string, sources []string) (map[string]Link, error)
	// ScanLinks returns up to limit links of the type with Source > after, ordered by Source.
	ScanLinks(ctx context.Context, app, typ, after string, limit int) ([]Link, error)
	// LinkByTarget finds a link by the target's id; fault.ErrNotFound when there is none.
	LinkByTarget(ctx context.Context, app, typ, target string) (Link, error)
	// Escrows returns all escrowed objects of the application, ordered by type and source.
	Escrows(ctx context.Context, app string) ([]Escrow, error)
	// MemberDelta compares the members of a group in the directory that have a link (of an account that exists) with the members written for the group's
	// link, and returns up to limit differences each way. Soft-deleted people stay members; nested groups count only where they have a link.
	// With expand, the members of groups below it count as members, and nested groups do not. A member whose link has got another target id since counts
	// both ways: its old account is to be removed, its new one to be added. The group itself needs no link.
	MemberDelta(ctx context.Context, org, app, group string, expand bool, limit int) (add, remove []MemberLink, err error)
	// WrittenMembers returns how many members are recorded as written for the group.
	WrittenMembers(ctx context.Context, app, group string) (int, error)
}

// MemberLink is one member of a group: the source object and its account at the target.
type MemberLink struct {
	Type   string
	Source string
	Target string
}

// Escrow is a failed object waiting for its next try (1.7), or one kept out by a rejected deletion.
type Escrow struct {
	Type     string
	Source   string
	Name     string
	Since    time.Time // first failure
	Attempts int
	Next     time.Time // do not try before
	Code     string
	Message  string
	Excluded bool          // a rejected deletion: left alone until the object changes or escrows are reset
	Action   record.Action // of a deletion that is held or was rejected: disable or delete; empty otherwise
}

// Batch is what Commit writes. Order within a batch does not matter: an object appears once in each list.
type Batch struct {
	Links         []Link // insert or replace, by (Type, Source)
	Unlink        []Key  // remove with the members written
	Escrows       []Escrow
	Unescrow      []Key
	Members       []GroupMembers
	Records       []record.Record
	ClearLinks    bool // first remove all links (restart with links or full)
	ClearEscrows  bool
	ClearExcluded bool
}

// Key names a source object.
type Key struct{ Type, Source string }

// GroupMembers records members written to, or removed from, a group at the target.
type GroupMembers struct {
	Group   string // source id of the group
	Added   []MemberLink
	Removed []MemberLink
	Reset   bool // forget all members written before
}

// Leases keep two cycles of one application from running at once.
type Leases interface {
	// LeaseOf returns the application's lease, expired or not; fault.ErrNotFound when there is none.
	LeaseOf(ctx context.Context, app string) (Lease, error)
	// AcquireLease takes the application's lease for holder until expires. A lease that is expired at now, or whose holder is in dead, is taken over.
	// When somebody else holds it, it returns that lease and fault.ErrConflict.
	AcquireLease(ctx context.Context, app string, l Lease, now time.Time, dead func(Lease) bool) (Lease, error)
	// RenewLease extends it; fault.ErrConflict when it is no longer ours.
	RenewLease(ctx context.Context, app string, l Lease) error
	ReleaseLease(ctx context.Context, app string, l Lease) error
}

// Lease names the process that runs a cycle.
type Lease struct {
	Holder  string // random, one for each run
	Host    string // machine id
	PID     int
	Started string // start time of the process as the system tells it, so that a reused PID is not taken for alive
	Expires time.Time
}
