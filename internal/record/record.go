// Package record is the provisioning log: what a cycle did with each object and why. The record of an object is also its plan and its on-demand
// answer. It owns the types and their JSON (design/cli.md, "app log --json record"); internal/store keeps them.
package record

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Action is what was done, or would be done.
type Action string

// The actions.
const (
	Create       Action = "create"
	Link         Action = "link"
	Update       Action = "update"
	Disable      Action = "disable"
	Restore      Action = "restore"
	Delete       Action = "delete"
	StageDisable Action = "stage-disable"
	StageDelete  Action = "stage-delete"
	Unlink       Action = "unlink" // somebody broke the link; the account was not touched
	NoAction     Action = "none"
)

// Status is how it ended.
type Status string

// The statuses. NotReached and Held: of a step, and of an object kept out by a rejected deletion.
const (
	Success    Status = "success"
	Failure    Status = "failure"
	Skipped    Status = "skipped"
	Warning    Status = "warning"
	Held       Status = "held"
	NotReached Status = "not-reached"
)

// Identity names an object on one side.
type Identity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Step is one of import, scope, match, action, verify.
type Step struct {
	Name   string          `json:"name"`
	Status Status          `json:"status"`
	Detail string          `json:"detail"`
	Data   json.RawMessage `json:"data,omitempty"`
}

// Property is one changed attribute at the target. nil: no value.
type Property struct {
	Name string `json:"name"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
}

// Record is one line of the provisioning log.
type Record struct {
	ID          string     `json:"id"`
	Time        time.Time  `json:"time"`
	Application string     `json:"-"`
	CycleID     string     `json:"cycleId"`
	Kind        string     `json:"kind"` // user or group
	Action      Action     `json:"action"`
	Status      Status     `json:"status"`
	Source      Identity   `json:"source"`
	Target      Identity   `json:"target"`
	Reason      string     `json:"reason"`
	ErrorCode   string     `json:"errorCode"`
	Steps       []Step     `json:"steps"`
	Modified    []Property `json:"modifiedProperties"`
	DurationMS  int64      `json:"durationMs"`
	Traceparent string     `json:"traceparent"`
	Actor       string     `json:"actor,omitempty"` // who, where a person did it and no cycle
	// ChangeID is the same for all records of one object in one cycle: its account, then its references, then its members.
	ChangeID    string    `json:"changeId"`
	InitiatedBy Initiator `json:"initiatedBy"`
}

// Initiator is who or what had a cycle run.
type Initiator struct {
	Type string `json:"initiatorType"` // system (the schedule) or user (somebody who asked for it)
	Name string `json:"displayName"`
}

// ChangeID derives the id of what a cycle does with one object.
func ChangeID(cycle, kind, source string) string {
	sum := sha256.Sum256([]byte(cycle + "\x00" + kind + "\x00" + source))
	return hex.EncodeToString(sum[:16])
}

// Query selects records of one application, oldest first.
type Query struct {
	Application string
	Status      Status    // empty: any
	User        string    // name of the source or target, without regard to letter case; empty: any
	Kind        string    // user or group; empty: any
	CycleID     string    // empty: any
	Action      Action    // empty: any
	Code        string    // error code; empty: any
	Since       time.Time // zero: from the start
	Until       time.Time // records before this moment; zero: to the end
	After       int64     // position of the last record already seen; 0: from the start
	Newest      bool      // the newest Limit records instead of the oldest, still oldest first
	Limit       int       // at most 1,000
}

// Log reads records. A position is the store's order of writing.
type Log interface {
	Records(ctx context.Context, q Query) (records []Record, position int64, err error)
}
