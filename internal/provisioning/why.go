package provisioning

import (
	"time"

	"github.com/rollcall-id/rollcall/internal/record"
)

// The answers to "why is this person not there?", each with a sentence of its own. Scripts depend on the words.
const (
	WhyNotInDirectory = "not-in-directory"
	WhyPurged         = "purged"          // deleted from the directory for good
	WhyHeld           = "held"            // the deletion guard holds the disable or delete back
	WhyRejected       = "rejected"        // somebody rejected it
	WhyLeft           = "left"            // soft-deleted
	WhyNotProvisioned = "not-provisioned" // the application has no enabled mapping of the kind
	WhyMisconfigured  = "misconfigured"   // the mapping or a filter cannot be used, so no cycle runs
	WhyIgnored        = "ignored"         // by an input filter
	WhyFilterBroken   = "filter-broken"   // the scoping filter gives no verdict
	WhyRoleDisabled   = "role-disabled"   // assigned, but only by roles that the application has disabled
	WhyNotAssigned    = "not-assigned"
	WhyFiltered       = "filtered"          // no scoping filter passes
	WhyDisabled       = "disabled"          // in the directory
	WhyAmbiguous      = "several-accounts"  // match at the target
	WhyConflict       = "conflict"          // the account, or the matching value, is somebody else's
	WhyMappingFailed  = "mapping-failed"    // a row that matters cannot be computed
	WhyEscrowed       = "failing"           // the target refused; tried again later
	WhyNoMatching     = "no-matching-value" // every matching attribute is empty
	WhyDone           = "done"              // the account is there and nothing differs
	WhyNotConnected   = "not-connected"
	WhyOff            = "off"
	WhyJobDisabled    = "job-disabled" // after four weeks of quarantine
	WhyQuarantine     = "quarantine"
	WhyRunning        = "running"
	WhyGivenUp        = "given-up"   // failed for four weeks
	WhyLeftAlone      = "left-alone" // the last cycle saw it and had a reason to do nothing
	WhyWaiting        = "waiting"    // for the next cycle
)

// WhyFacts is all that an answer depends on. It is data: Explain neither reads a clock nor asks anybody.
type WhyFacts struct {
	Now     time.Time
	Name    string   // as it was asked for, or as the directory spells it
	Found   bool     // in the directory, leavers included
	Nearest []string // names that are like it, where it was not found
	Left    time.Time

	Provisioned bool   // the application has an enabled mapping of the kind
	Broken      string // why the application's mapping or filters cannot be used; empty: they can
	Connected   bool
	On          bool
	Running     bool // a cycle is open at this moment

	Job       Job
	Next      time.Time      // of the scheduled cycle; zero: none
	Everybody string         // why the next cycle looks at everybody; empty: only at what changed
	Pending   *PendingChange // the newest change that no cycle has handled; nil: none

	Situation     Situation // without anything from the target; zero where not Found
	Decision      Decision  // what a cycle would decide of it
	DisabledRoles []string  // by which it is assigned all the same
	Link          *Link
	Escrow        *Escrow

	Last *record.Record // newest in the log; nil: none
	Done *record.Record // newest that did something or failed to
}

// PendingChange is a change of the directory that is newer than the job's watermark.
type PendingChange struct {
	Seq   int64     `json:"seq"`
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"`
	Actor string    `json:"actor"`
	Paths []string  `json:"paths,omitempty"`
}

// Answer is the answer in one word, one sentence, and one piece of advice.
type Answer struct {
	Answer   string   `json:"answer"`
	Sentence string   `json:"sentence"`
	Advice   string   `json:"advice"`
	Also     []string `json:"also"` // what else stands in the way
}

// Explain says why somebody is not at the target, or that they are. The first rule that applies is the answer: what is particular to the person comes before
// what stops everybody, because switching a job on helps nobody who is not assigned. What stops everybody is then in Also.
func Explain(f WhyFacts) Answer {
	for _, rule := range []func(WhyFacts) Answer{
		absent, heldBack, left, unprovisioned, misconfigured, unjudged, outside, inactive, failing, uncomputable, settled, stopped, lookedAt, waits,
	} {
		if a := rule(f); a.Answer != "" {
			a.Also = obstacles(f, a.Answer)
			return a
		}
	}
	return Answer{} // waits always applies
}

func absent(f WhyFacts) Answer {
	switch {
	case f.Found:
		return Answer{}
	case f.Link == nil && f.Last == nil:
		return Answer{
			Answer: WhyNotInDirectory, Sentence: "The directory has nobody called " + f.Name + nearest(f.Nearest),
			Advice: "check the spelling, or import them first (`rollcall directory import`)",
		}
	case f.Link == nil:
		return Answer{Answer: WhyPurged, Sentence: f.Name + " is no longer in the directory; " + lastWords(f), Advice: "import them again if they should be there"}
	}
	return Answer{
		Answer: WhyPurged, Sentence: f.Name + " was deleted from the directory for good; " + account(f) + ", and " + next(f),
		Advice: "import them again if they should be there",
	}
}

func heldBack(f WhyFacts) Answer {
	x, d := f.Escrow, f.Decision
	if x == nil || !deprovisions(d) {
		return Answer{}
	}
	switch {
	case x.Excluded && x.Message == d.Reason:
		return Answer{
			Answer: WhyRejected, Sentence: f.Name + " should lose the account (" + d.Reason + "), but the " + string(d.Action) + " was rejected; " + account(f),
			Advice: "undo the cause, or let it happen with `rollcall app restart --scope escrows`",
		}
	case x.Code == codeStaged && !x.Excluded:
		return Answer{
			Answer: WhyHeld,
			Sentence: f.Name + " should lose the account (" + d.Reason + "), but the " + string(d.Action) + " is held since " + at(x.Since) +
				", because more were to be disabled or deleted than the threshold allows; " + account(f),
			Advice: "decide with `rollcall app decide`, or undo the cause",
		}
	}
	return Answer{}
}

func left(f WhyFacts) Answer {
	if f.Left.IsZero() {
		return Answer{}
	}
	return Answer{
		Answer: WhyLeft, Sentence: f.Name + " left the directory on " + at(f.Left) + " and is purged on " + at(f.Left.Add(retention)) + "; " + consequence(f),
		Advice: "bring them back with the next import, or with `rollcall directory restore`",
	}
}

func unprovisioned(f WhyFacts) Answer {
	if f.Provisioned {
		return Answer{}
	}
	return Answer{
		Answer: WhyNotProvisioned, Sentence: f.Name + " is a " + f.Situation.Source.what() + ", and the application provisions none; " + account(f),
		Advice: "enable the mapping of the kind (`rollcall app mapping`); groups also need `rollcall app set … groups=on`",
	}
}

func misconfigured(f WhyFacts) Answer {
	if f.Broken == "" {
		return Answer{}
	}
	return Answer{
		Answer: WhyMisconfigured, Sentence: "No cycle of the application can run, for " + f.Name + " or anybody: " + trimmed(f.Broken) + "; " + account(f),
		Advice: "mend it with `rollcall app mapping` or `rollcall app scope --filters`, or go back with `rollcall app mapping rollback`",
	}
}

func unjudged(f WhyFacts) Answer {
	switch s := f.Situation.Scope; {
	case s.Ignored:
		return Answer{
			Answer: WhyIgnored, Sentence: f.Name + " is left alone: " + s.Reason + "; " + account(f),
			Advice: "change the input filters (`rollcall app scope --filters`), or the attribute that they ask for",
		}
	case s.Broken:
		return Answer{
			Answer: WhyFilterBroken, Sentence: f.Name + " cannot be judged by the scoping filter: " + s.Reason + "; " + account(f),
			Advice: "mend the filter (`rollcall app scope --filters`)",
		}
	}
	return Answer{}
}

func outside(f WhyFacts) Answer {
	s := f.Situation.Scope
	if s.In {
		return Answer{}
	}
	a := Answer{Answer: WhyFiltered, Advice: "change the attribute in the directory, or the filter (`rollcall app scope --filters`)"}
	switch {
	case s.Unassigned && len(f.DisabledRoles) > 0:
		a.Answer, a.Advice = WhyRoleDisabled, "enable the role (`rollcall app role set --enable`), or assign another one"
	case s.Unassigned:
		a.Answer, a.Advice = WhyNotAssigned, "assign the person or one of their groups (`rollcall app assign`)"
	}
	a.Sentence = f.Name + " is out of scope: " + s.Reason + "; " + consequence(f)
	return a
}

func inactive(f WhyFacts) Answer {
	if f.Situation.Source.Enabled {
		return Answer{}
	}
	return Answer{
		Answer: WhyDisabled, Sentence: f.Name + " is disabled in the directory; " + consequence(f),
		Advice: "set accountEnabled in the source",
	}
}

// lookedAt is what the last cycle that saw it had to say, while nothing changed since.
func lookedAt(f WhyFacts) Answer {
	if f.Link != nil || f.Pending != nil || f.Everybody != "" || f.Last == nil {
		return Answer{}
	}
	switch f.Last.Status {
	case record.Failure:
		return Answer{
			Answer: WhyGivenUp,
			Sentence: f.Name + " is in scope, but was not written on " + at(f.Last.Time) + ", and is not tried again until it changes: " +
				said(f.Last),
			Advice: "mend the cause, then `rollcall app provision --user` tries at once",
		}
	case record.Skipped, record.Warning, record.Held:
		return Answer{
			Answer: WhyLeftAlone, Sentence: f.Name + " is in scope, and the cycle of " + at(f.Last.Time) + " left it alone: " + said(f.Last),
			Advice: "change what the reason names; `rollcall app provision --plan` shows what happens then",
		}
	}
	return Answer{}
}

func waits(f WhyFacts) Answer {
	a := Answer{Answer: WhyWaiting, Advice: "wait for the cycle, or run it now: `rollcall app provision` for one, `rollcall app cycle` for all"}
	a.Sentence = f.Name + " is in scope; " + account(f) + unhandled(f) + ", and " + next(f)
	return a
}
