// Package notify decides who is told what about provisioning, and when: a job in quarantine, why it is there, that it recovered; deletions that wait for
// a decision; a digest of what fails. It owns the words of those mails, what was told already, and when a mail is tried again.
//
// It refuses to know how a mail looks or travels, and where mails wait: those are a Sender and an Outbox. It stands apart from the cycle, so that what
// people are told can be read, and changed, without reading how accounts are kept.
//
// Read After first: it is a pure function of what was told before and what a cycle came to.
package notify

import (
	"context"
	"time"
)

// Kind is what a mail is about.
type Kind string

// The kinds.
const (
	Quarantined Kind = "quarantined" // the job is in quarantine, or is there for another reason now
	Recovered   Kind = "recovered"   // it left quarantine
	Held        Kind = "held"        // deletions wait for a decision
	Failures    Kind = "failures"    // a digest of what fails
	Test        Kind = "test"        // somebody wants to see a mail arrive
)

// Mail is one mail as it is kept until it is sent: what it says, not how it looks.
type Mail struct {
	Kind     Kind      `json:"kind"`
	Incident string    `json:"incident"` // mails of one incident make one thread
	Turn     int       `json:"turn"`     // from 1 within the incident
	Created  time.Time `json:"created"`
	To       []string  `json:"to"`

	Subject string `json:"subject"`
	Impact  string `json:"impact"` // the first line: what it means for people
	Facts   []Fact `json:"facts,omitempty"`
	Lists   []List `json:"lists,omitempty"`
	Steps   []Step `json:"steps,omitempty"`
	Why     string `json:"why"` // why you get this, and how to change it
}

// Fact is one line of a small table.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// List is a heading with lines, and how many lines were left out.
type List struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines"`
	More    int      `json:"more,omitempty"`
}

// Step is something to do: a sentence, and the command for it.
type Step struct {
	Text    string `json:"text"`
	Command string `json:"command,omitempty"`
}

// Digest reports whether the mail comes regularly, so that a reader may want to end it.
func (m Mail) Digest() bool { return m.Kind == Failures }

// Told is what was told about an application: kept with its job, so that nothing is told twice.
type Told struct {
	Quarantine *Thread   `json:"quarantine,omitempty"`
	Held       *Thread   `json:"held,omitempty"`
	Failures   *Thread   `json:"failures,omitempty"`
	Digest     time.Time `json:"digest,omitzero"` // when the last digest was made
}

// Thread is an incident that is not over.
type Thread struct {
	Incident string    `json:"incident"`
	Turn     int       `json:"turn"` // of its last mail
	Since    time.Time `json:"since"`
	Last     time.Time `json:"last"`           // when the last mail was made
	Said     []string  `json:"said,omitempty"` // reasons that were told
}

// Cycle is what a cycle came to, as far as people are told.
type Cycle struct {
	Organization string // its name
	Slug         string
	Application  string
	To           []string
	OnFailure    bool // failures of single objects are told too

	ID         string // of the cycle
	Now        time.Time
	Quarantine *Quarantine
	Held       *HeldBack
	Failing    []Failing // everything that failed and is tried again; read only where OnFailure
	Broken     string    // the cycle could not come to its end: why

	name string // of the application, uncut
}

// Quarantine is why a job is in quarantine.
type Quarantine struct {
	Reason  string // Graph's word
	Code    string
	Message string
	Began   time.Time
	Next    time.Time // the next try; zero: none
}

// HeldBack are disables and deletes that wait for a decision.
type HeldBack struct {
	Threshold int
	Count     int
	Names     []string // some of them
}

// Failing is an object that failed.
type Failing struct {
	Code    string
	Name    string
	Message string
}

// Notifier finds out what the mails need to know.
type Notifier struct {
	// Organization returns the name and the slug of an organization.
	Organization func(ctx context.Context, id string) (name, slug string, err error)
	NewID        func() string
}

// After says what is told about a cycle of an application of the organization with the id.
func (n Notifier) After(ctx context.Context, organization string, told Told, c Cycle) (Told, []Mail, error) {
	if len(c.To) == 0 {
		return Told{}, nil, nil
	}
	var err error
	if c.Organization, c.Slug, err = n.Organization(ctx, organization); err != nil {
		return told, nil, err
	}
	told, mails := After(told, c, n.NewID)
	return told, mails, nil
}
