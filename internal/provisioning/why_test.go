package provisioning

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/record"
)

var whyNoon = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

type fact = func(*WhyFacts)

// maria is in the directory, in scope, without an account; provisioning is on and a cycle has run. Facts change it.
func maria(facts ...fact) WhyFacts {
	f := WhyFacts{
		Now: whyNoon, Name: "mary@x.example", Found: true, Provisioned: true, Connected: true, On: true, Next: whyNoon.Add(40 * time.Minute),
		Situation: person(),
	}
	for _, change := range facts {
		change(&f)
	}
	if f.Situation.Link = f.Link; f.Found && f.Provisioned {
		f.Decision = Decide(f.Situation)
	}
	return f
}

func withAccount(state LinkState) fact {
	return func(f *WhyFacts) {
		f.Link = &Link{Type: "User", Source: "u1", SourceName: "mary@x.example", Target: "17", TargetName: "mary", State: state, Managed: true,
			Written: has(state == LinkActive)}
	}
}

func notAssigned(f *WhyFacts) {
	f.Situation.Scope = Scope{Unassigned: true, Reason: "not assigned to the application"}
	f.Situation.Updating = mapped(false)
}

func waiting(code, message string) fact {
	return func(f *WhyFacts) {
		f.Escrow = &Escrow{Since: whyNoon.Add(-time.Hour), Attempts: 2, Next: whyNoon.Add(6 * time.Hour), Code: code, Message: message}
	}
}

func logged(a record.Action, s record.Status, reason string) fact {
	return func(f *WhyFacts) {
		f.Last = &record.Record{Time: whyNoon.Add(-time.Hour), Action: a, Status: s, Reason: reason}
		if a != record.NoAction {
			f.Done = f.Last
		}
	}
}

func in(words ...string) []string { return words }

func TestExplain(t *testing.T) {
	quarantine := func(since time.Duration) fact {
		return func(f *WhyFacts) {
			f.Job.Quarantine = &Quarantine{Message: "the token is wrong.", Began: whyNoon.Add(-since), NextAttempt: whyNoon.Add(time.Hour)}
		}
	}
	change := func(f *WhyFacts) {
		f.Pending = &PendingChange{Seq: 7, Time: whyNoon.Add(-time.Minute), Kind: "update", Actor: "csv import", Paths: []string{"title"}}
	}
	off := func(f *WhyFacts) { f.On = false }
	gone := func(f *WhyFacts) { f.Found = false }
	leaver := func(f *WhyFacts) {
		f.Left, f.Situation.Source.Presence, f.Situation.Updating = whyNoon.Add(-24*time.Hour), SoftDeleted, mapped(false)
	}
	rejected := func(f *WhyFacts) { f.Escrow.Excluded = true }
	covered := map[string]bool{}
	for _, c := range []struct {
		name  string
		facts []fact
		want  string
		says  []string // in the sentence
		also  []string
	}{
		{"unknown", []fact{gone, func(f *WhyFacts) { f.Nearest = in("mari@x.example") }}, WhyNotInDirectory, in("nobody called mary@x.example; the nearest name is mari@x.example"), nil},
		{"unknown, and the job is off", []fact{gone, off}, WhyNotInDirectory, in("nobody called"), nil},
		{"purged", []fact{gone, logged(record.Delete, record.Success, "deleted from the directory for good")}, WhyPurged, in("no longer in the directory", "delete on 2026-01-05 11:00 UTC"), nil},
		{"purged, the account waits", []fact{gone, withAccount(LinkDisabled)}, WhyPurged, in("for good; the account mary (17) is disabled", "next cycle is at 2026-01-05 12:40 UTC"), nil},
		{"held", []fact{withAccount(LinkActive), notAssigned, waiting(codeStaged, "not assigned to the application")}, WhyHeld, in("the disable is held since 2026-01-05 11:00 UTC", "(17) is active"), nil},
		{"held leaver", []fact{withAccount(LinkActive), leaver, waiting(codeStaged, "deleted from the directory")}, WhyHeld, in("deleted from the directory"), nil},
		{"held, and the cause is undone", []fact{withAccount(LinkActive), waiting(codeStaged, "not assigned to the application")}, WhyDone, nil, nil},
		{"rejected", []fact{withAccount(LinkActive), notAssigned, waiting(codeStaged, "not assigned to the application"), rejected}, WhyRejected, in("was rejected"), nil},
		{"rejected for another cause", []fact{withAccount(LinkActive), notAssigned, waiting(codeStaged, "no scoping filter passes"), rejected}, WhyNotAssigned, in("the disable waits"), nil},
		{"left", []fact{leaver}, WhyLeft, in("left the directory on 2026-01-04 12:00 UTC and is purged on 2026-02-03 12:00 UTC; no account is linked"), nil},
		{"left, still active, job off", []fact{leaver, withAccount(LinkActive), off}, WhyLeft, in("still active, the disable waits, and provisioning is off"), in("provisioning is off")},
		{"left and disabled", []fact{leaver, withAccount(LinkDisabled)}, WhyLeft, in("; the account mary (17) is disabled"), nil},
		{"kind not provisioned", []fact{func(f *WhyFacts) { f.Provisioned = false }}, WhyNotProvisioned, in("is a user, and the application provisions none"), nil},
		{"misconfigured", []fact{func(f *WhyFacts) { f.Broken = "clause 1 names no attribute." }}, WhyMisconfigured, in("No cycle", "names no attribute; no account"), nil},
		{"ignored", []fact{func(f *WhyFacts) { f.Situation.Scope = Scope{Ignored: true, Reason: "no input filter lets it in"} }}, WhyIgnored, in("no input filter lets it in"), nil},
		{"broken filter", []fact{func(f *WhyFacts) { f.Situation.Scope = Scope{Broken: true, Reason: "level is x"} }}, WhyFilterBroken, in("level is x"), nil},
		{"not assigned", []fact{notAssigned}, WhyNotAssigned, in("out of scope: not assigned to the application; no account is linked"), nil},
		{"not assigned, off, a change waits", []fact{notAssigned, off, change}, WhyNotAssigned, nil,
			in("provisioning is off", "a newer change (update of title on 2026-01-05 11:59 UTC by csv import) has not been handled yet")},
		{"not assigned, left alone", []fact{notAssigned, withAccount(LinkActive), func(f *WhyFacts) { f.Situation.Policy.SkipOutOfScope = true }}, WhyNotAssigned, in("stays so (not assigned to the application; the application is set to leave such accounts alone)"), nil},
		{"disabled role", []fact{notAssigned, func(f *WhyFacts) { f.DisabledRoles = in("admin") }}, WhyRoleDisabled, nil, nil},
		{"filtered", []fact{func(f *WhyFacts) {
			f.Situation.Scope = Scope{Reason: "no scoping filter passes (nurses country EQUALS SE: false)"}
		}}, WhyFiltered, in("nurses country EQUALS SE: false"), nil},
		{"disabled", []fact{func(f *WhyFacts) { f.Situation.Source.Enabled = false }}, WhyDisabled, in("disabled in the directory; no account is linked"), nil},
		{"several accounts", []fact{waiting("DuplicateTargetEntries", "2 accounts have userName mary.")}, WhyAmbiguous, in("2 times since 2026-01-05 11:00 UTC", "first cycle after 2026-01-05 18:00 UTC"), nil},
		{"conflict", []fact{waiting("DuplicateSourceEntries", "it belongs to bert already")}, WhyConflict, in("belongs to bert"), nil},
		{"mapping row failed in a cycle", []fact{waiting("InvalidMapping", "title: no")}, WhyMappingFailed, in("title: no"), nil},
		{"refused", []fact{waiting("Forbidden", "no licence."), off}, WhyEscrowed, in("(Forbidden: no licence)", "provisioning is off"), in("provisioning is off")},
		{"no matching value", []fact{func(f *WhyFacts) {
			f.Situation.Creating = append(mapped(true)[2:], val(rowUserName, nil), val(rowExternal, nil))
		}}, WhyNoMatching, in("every matching attribute is empty"), nil},
		{"mapping row fails", []fact{func(f *WhyFacts) { f.Situation.Problems = []Problem{{Path: "userName", Detail: "no such function"}} }}, WhyMappingFailed, in("userName: no such function"), nil},
		{"done", []fact{withAccount(LinkActive), logged(record.Create, record.Success, "")}, WhyDone, in("is there: the account mary (17) is active; the last action was create on 2026-01-05 11:00 UTC (success)"), nil},
		{"done though off", []fact{withAccount(LinkActive), off}, WhyDone, nil, nil},
		{"done, a row fails", []fact{withAccount(LinkActive), func(f *WhyFacts) { f.Situation.Problems = []Problem{{Path: "city", Detail: "no"}} }}, WhyDone, in("a mapping row fails (city: no)"), nil},
		{"not connected", []fact{func(f *WhyFacts) { f.Connected = false }}, WhyNotConnected, in("not connected to a target"), nil},
		{"off", []fact{off, change}, WhyOff, in("a change (update of title", "provisioning is off"), nil},
		{"quarantine", []fact{quarantine(time.Hour)}, WhyQuarantine, in("(the token is wrong) and tries again at 2026-01-05 13:00 UTC"), nil},
		{"quarantine for too long", []fact{quarantine(29 * 24 * time.Hour)}, WhyJobDisabled, in("disabled after four weeks"), nil},
		{"running", []fact{func(f *WhyFacts) { f.Running = true }}, WhyRunning, in("a cycle is running now"), nil},
		{"given up", []fact{logged(record.Create, record.Failure, "no licence")}, WhyGivenUp, in("not tried again until it changes: no licence"), nil},
		{"left alone", []fact{logged(record.NoAction, record.Skipped, "the mapping does not create accounts")}, WhyLeftAlone, in("does not create accounts"), nil},
		{"left alone before a change", []fact{logged(record.NoAction, record.Skipped, "not assigned"), change}, WhyWaiting, in("title"), nil},
		{"waiting", nil, WhyWaiting, in("in scope; no account is linked, and the next cycle is at 2026-01-05 12:40 UTC"), nil},
		{"waiting for an initial cycle", []fact{func(f *WhyFacts) { f.Everybody, f.Next = "no cycle has run yet", whyNoon }}, WhyWaiting, in("no cycle has run yet, and the next cycle is due now"), nil},
		{"link broken", []fact{waiting(codeUnlinked, ""), logged(record.Unlink, record.Success, "")}, WhyWaiting, in("its link was broken on 2026-01-05 11:00 UTC"), nil},
		{"an account that differs", []fact{withAccount(LinkDisabled)}, WhyWaiting, in("it differs from what the mapping says in active"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Explain(maria(c.facts...))
			covered[got.Answer] = true
			if got.Answer != c.want {
				t.Errorf("answer %q, want %q: %s", got.Answer, c.want, got.Sentence)
			}
			for _, words := range c.says {
				if !strings.Contains(got.Sentence, words) {
					t.Errorf("sentence %q does not say %q", got.Sentence, words)
				}
			}
			if strings.Join(got.Also, "|") != strings.Join(c.also, "|") {
				t.Errorf("also %q, want %q", got.Also, c.also)
			}
			if got.Advice == "" || strings.HasSuffix(got.Sentence, ".") {
				t.Errorf("advice %q, sentence %q: want advice, and a sentence without a full stop", got.Advice, got.Sentence)
			}
		})
	}
	if len(covered) != 27 {
		t.Errorf("%d answers have a row, want all 27", len(covered))
	}
	guide, err := os.ReadFile("../../docs/guides/troubleshooting.md")
	for answer := range covered {
		if err != nil || !strings.Contains(string(guide), "`"+answer+"`") {
			t.Errorf("the guide does not explain %q (%v)", answer, err)
		}
	}
}
