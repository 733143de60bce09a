package provisioning

import (
	"fmt"

	"github.com/rollcall-id/rollcall/internal/record"
)

// failing is an object on the list of failures.
func failing(f WhyFacts) Answer {
	x := f.Escrow
	if x == nil || !x.failing() {
		return Answer{}
	}
	a := Answer{Answer: WhyEscrowed, Advice: "mend the cause, then `rollcall app provision` tries at once; `rollcall app log --status failure` has the requests"}
	switch x.Code {
	case "DuplicateTargetEntries":
		a.Answer, a.Advice = WhyAmbiguous, "remove the duplicates at the target, or match by another attribute"
	case "DuplicateSourceEntries":
		a.Answer, a.Advice = WhyConflict, "give one of the two another matching value, or break the wrong link (`rollcall app link`)"
	case "InvalidMapping":
		a.Answer, a.Advice = WhyMappingFailed, "try the row with `rollcall app mapping try`, and mend it or the attribute it reads"
	}
	a.Sentence = fmt.Sprintf("%s is in scope, but writing failed (%s: %s) %s since %s; %s, and it is tried again %s",
		f.Name, x.Code, trimmed(x.Message), times(x.Attempts), at(x.Since), account(f), retry(f))
	return a
}

// uncomputable is an object whose mapping gives no values with which an account could be made.
func uncomputable(f WhyFacts) Answer {
	s := f.Situation
	switch bad := problemOf(s, true); {
	case f.Link != nil:
		return Answer{}
	case f.Decision.Code == "ImportSkipped":
		return Answer{
			Answer: WhyNoMatching, Sentence: f.Name + " is in scope, but " + f.Decision.Reason,
			Advice: "fill one of the attributes in the source, or match by another one (`rollcall app mapping`)",
		}
	case bad != "":
		return Answer{
			Answer: WhyMappingFailed, Sentence: f.Name + " is in scope, but an account cannot be made, because of a mapping row: " + trimmed(bad),
			Advice: "try the row with `rollcall app mapping try`, and mend it or the attribute it reads",
		}
	}
	return Answer{}
}

// settled is an account that has what it should have, as far as we know.
func settled(f WhyFacts) Answer {
	if f.Link == nil || f.Decision.Need == NeedMatch || f.Decision.Action != record.NoAction && f.Decision.Need == NeedNothing {
		return Answer{}
	}
	a := Answer{
		Answer: WhyDone, Sentence: f.Name + " is there: " + account(f) + lastWrite(f),
		Advice: "ask the target itself with --verify; if the account is somebody else's, see `rollcall app link rematch`",
	}
	if f.Pending != nil {
		a.Sentence += "; a newer change (" + f.Pending.words() + ") has not been handled yet, and " + next(f)
	}
	if bad := problemOf(f.Situation, false); bad != "" {
		a.Sentence += "; but a mapping row fails (" + trimmed(bad) + ")"
	}
	return a
}

// stopped is what keeps everybody from being written.
func stopped(f WhyFacts) Answer {
	a := Answer{}
	switch q := f.Job.Quarantine; {
	case !f.Connected:
		a = Answer{Answer: WhyNotConnected, Advice: "connect it: `rollcall app connect`"}
	case !f.On:
		a = Answer{Answer: WhyOff, Advice: "switch it on (`rollcall app start`), or run one cycle (`rollcall app cycle`)"}
	case q != nil && q.Over(f.Now):
		a = Answer{Answer: WhyJobDisabled, Advice: "mend the cause, then `rollcall app start`"}
	case q != nil:
		a = Answer{Answer: WhyQuarantine, Advice: "mend the cause; `rollcall app cycle` tries at once, and `rollcall app test` shows what the target says"}
	case f.Running:
		a = Answer{Answer: WhyRunning, Advice: "wait for the cycle; `rollcall app provision` does one person at once"}
	default:
		return a
	}
	a.Sentence = f.Name + " is in scope; " + account(f) + unhandled(f) + ", and " + next(f)
	return a
}

// obstacles are what would stand in the way if the answer did not.
func obstacles(f WhyFacts, answer string) []string {
	out := []string{}
	if answer == WhyNotInDirectory || answer == WhyDone && f.Pending == nil {
		return out
	}
	if s := stopped(f); s.Answer != "" && s.Answer != answer && s.Answer != WhyRunning {
		out = append(out, next(f))
	}
	if f.Pending != nil && answer != WhyWaiting && answer != WhyDone && !saysPending(answer) {
		out = append(out, "a newer change ("+f.Pending.words()+") has not been handled yet")
	}
	return out
}

// saysPending reports whether the sentence of the answer names an unhandled change itself.
func saysPending(answer string) bool {
	switch answer {
	case WhyNotConnected, WhyOff, WhyJobDisabled, WhyQuarantine, WhyRunning:
		return true
	}
	return false
}
