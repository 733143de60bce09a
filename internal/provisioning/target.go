package provisioning

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// Target is an application's SCIM service as the cycle sees it. internal/target/scim implements it; a plan uses a Target that reads and never writes.
// Every method returns *TargetError for what the target answered or failed to answer.
type Target interface {
	// Probe checks credentials and compatibility as Entra's test connection does: a filtered query for a random GUID must answer 200 and an empty list.
	// attribute is the matching attribute of the type.
	Probe(ctx context.Context, typ, attribute string) error
	// Find returns the entries whose attribute (a target path) equals value. It checks that each entry really has the value.
	Find(ctx context.Context, typ, attribute, value string) ([]Entry, error)
	// Read returns one entry. Members of a group are not read.
	Read(ctx context.Context, typ, id string) (Entry, error)
	// Create makes an account. An error with Ambiguous set may or may not have made it: look before trying again.
	Create(ctx context.Context, typ string, attributes []Assignment) (Entry, error)
	// Update changes the named attributes of an entry. A nil Value removes the attribute's value.
	Update(ctx context.Context, typ, id string, changes []Assignment) error
	// Delete removes the entry. An entry that is gone already is an error with the code InvalidAnchor.
	Delete(ctx context.Context, typ, id string) error
	// ChangeMembers adds and removes members of a group by their target ids. Adding a member that is there and removing one that is not are success. An
	// error with Refused names the members that the target does not take; all others were written.
	ChangeMembers(ctx context.Context, group string, add, remove []string) error
	// Requests is how many HTTP requests were made so far, retries and discovery included.
	Requests() int64
}

// Surveyor is a Target that can list everybody at once, which is cheaper than a question about each person.
type Surveyor interface {
	// Survey calls each for every entry of the type, with all values that Find would compare at each of the paths; they are good until each returns. It
	// reports false when it cannot promise to have called for all entries: there are more than most, or the target's answers do not add up.
	Survey(ctx context.Context, typ string, paths []string, most int, each func(values [][]string)) (complete bool, err error)
}

// Checker is a Target that knows without a request what it refuses to send, so that a plan can say it.
type Checker interface {
	// Check returns the error that Create and Update end with because of a value that its attribute cannot take; nil: none.
	Check(ctx context.Context, typ string, changes []Assignment) error
}

// Assignment gives one target path a value: string, bool, int64, or nil for none; []any with these or map[string]any for a multi-valued attribute. A
// reference is the target's id as a string.
type Assignment struct {
	Path  string // userName, emails[type eq "work"].value, urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager
	Value any
	Add   bool // the values of the list are added to those that are there; otherwise the list becomes Value
}

// Entry is an account or group as the target returned it.
type Entry struct {
	Type     string // User or Group
	ID       string
	Name     string // userName or displayName
	Resource scim.Resource
}

// TargetError is what went wrong with the target.
type TargetError struct {
	Code       string        // Entra's error code (spec/entra-provisioning.md 8.8): Conflict, TooManyRequests, InvalidAnchor, …
	Status     int           // HTTP status; 0: no answer
	Detail     string        // for a person: what came, what was expected, what to do
	RetryAfter time.Duration // the target's wish; 0: none
	Ambiguous  bool          // a write may have happened
	Paused     bool          // the target wants to be left alone for longer than its client waits: nothing was done, and nobody else would be served now
	Fatal      bool          // no object can succeed (credentials, not SCIM): the cycle must stop and the job is quarantined
	Refused    []string      // of ChangeMembers: the members that were refused, while the others were written; empty: nothing is known of any
	Err        error         // cause, may be nil
}

func (e *TargetError) Error() string { return e.Code + ": " + e.Detail }

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }
