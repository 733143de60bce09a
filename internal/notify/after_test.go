package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/notify"
)

var monday = time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)

// job is an application whose cycles end one after the other.
type job struct {
	told notify.Told
	ids  int
	now  time.Time
	to   []string
}

func newJob() *job { return &job{now: monday, to: []string{"ops@contoso.example"}} }

// after ends a cycle some time after the last one and returns the subjects of what is told.
func (j *job) after(d time.Duration, c notify.Cycle) []notify.Mail {
	j.now = j.now.Add(d)
	c.Organization, c.Slug, c.Application, c.ID, c.Now, c.To = "Contoso", "contoso", "Vault Platform", "cycle-1", j.now, j.to
	var mails []notify.Mail
	j.told, mails = notify.After(j.told, c, func() string { j.ids++; return fmt.Sprintf("incident-%d", j.ids) })
	return mails
}

func subjects(mails []notify.Mail) []string {
	var out []string
	for _, m := range mails {
		out = append(out, m.Subject)
	}
	return out
}

func (j *job) quarantine(code string) notify.Cycle {
	return notify.Cycle{Quarantine: &notify.Quarantine{
		Reason: "EncounteredQuarantineException", Code: code, Message: "GET /Users: refused", Began: monday, Next: j.now.Add(time.Hour),
	}}
}

func want(t *testing.T, got []notify.Mail, want ...string) {
	t.Helper()
	if !slices.Equal(subjects(got), want) {
		t.Fatalf("told %q, want %q", subjects(got), want)
	}
}

const invalid = "[Contoso] Provisioning to Vault Platform is quarantined: invalid credentials"

func TestQuarantineIsToldOncePerReason(t *testing.T) {
	t.Parallel()
	j := newJob()
	want(t, j.after(0, notify.Cycle{}))
	first := j.after(time.Hour, j.quarantine("Unauthorized"))
	want(t, first, invalid)
	want(t, j.after(time.Hour, j.quarantine("Unauthorized")))
	other := j.after(time.Hour, j.quarantine("NotImplemented"))
	want(t, other, "[Contoso] Provisioning to Vault Platform is quarantined: the application does not offer what is needed")
	want(t, j.after(time.Hour, j.quarantine("Unauthorized"))) // told already: no mail each time it goes back and forth
	want(t, j.after(time.Hour, notify.Cycle{Broken: "no answer"}))
	better := j.after(time.Hour, notify.Cycle{})
	want(t, better, "[Contoso] Provisioning to Vault Platform works again")
	for i, m := range []notify.Mail{first[0], other[0], better[0]} {
		if m.Incident != "incident-1" || m.Turn != i+1 {
			t.Errorf("mail %d is turn %d of %s: an incident is one thread", i+1, m.Turn, m.Incident)
		}
	}
	want(t, j.after(time.Hour, notify.Cycle{}))
	again := j.after(time.Hour, j.quarantine("Unauthorized"))
	want(t, again, invalid)
	if again[0].Incident == first[0].Incident {
		t.Error("a new incident goes on in the thread of an old one")
	}
}

func TestQuarantineThatIsGivenUp(t *testing.T) {
	t.Parallel()
	j := newJob()
	j.after(0, j.quarantine("Unauthorized"))
	c := j.quarantine("Unauthorized")
	c.Quarantine.Next = time.Time{}
	want(t, j.after(time.Hour, c), "[Contoso] Provisioning to Vault Platform was given up: four weeks in quarantine (invalid credentials)")
	want(t, j.after(time.Hour, c))
}

func TestHeldDeletionsAreToldAndRemindedOnce(t *testing.T) {
	t.Parallel()
	j := newJob()
	held := notify.Cycle{Held: &notify.HeldBack{Threshold: 3, Count: 12, Names: []string{"user anna (disable)"}}}
	want(t, j.after(0, held), "[Contoso] 12 deletions to Vault Platform wait for your decision")
	want(t, j.after(23*time.Hour, held))
	want(t, j.after(30*time.Minute, notify.Cycle{Broken: "no answer"}))
	want(t, j.after(30*time.Minute, held), "[Contoso] Reminder: 12 deletions to Vault Platform wait for your decision")
	want(t, j.after(72*time.Hour, held))
	want(t, j.after(time.Hour, notify.Cycle{}))
	want(t, j.after(time.Hour, held), "[Contoso] 12 deletions to Vault Platform wait for your decision")
}

func TestFailuresAreToldAtOnceAndThenDaily(t *testing.T) {
	t.Parallel()
	j := newJob()
	failing := notify.Cycle{OnFailure: true, Failing: []notify.Failing{
		{Code: "Conflict", Name: "anna", Message: "taken"}, {Code: "Timeout", Name: "bert", Message: "slow"}, {Code: "Timeout", Name: "carl", Message: "slow"},
	}}
	silent := failing
	silent.OnFailure = false
	want(t, j.after(0, silent))
	const subject = "[Contoso] 3 objects could not be provisioned to Vault Platform"
	first := j.after(time.Hour, failing)
	want(t, first, subject)
	if l := first[0].Lists; len(l) != 2 || l[0].Heading != "Timeout: 2" || l[1].Heading != "Conflict: 1" {
		t.Errorf("grouped as %+v, want the most frequent code first", l)
	}
	if !first[0].Digest() {
		t.Error("a digest does not say that it is one")
	}
	want(t, j.after(23*time.Hour, failing))
	want(t, j.after(time.Hour, failing), subject)
	want(t, j.after(time.Minute, notify.Cycle{OnFailure: true}))
	want(t, j.after(time.Minute, failing)) // well for a moment only: no mail each time
	want(t, j.after(time.Hour, failing), subject)
	want(t, j.after(25*time.Hour, j.quarantine("Unauthorized")), invalid) // and no digest beside it
}

func TestCycleThatDoesNotGetOnIsToldWithTheFailures(t *testing.T) {
	t.Parallel()
	j := newJob()
	broken := notify.Cycle{OnFailure: true, Broken: "the target does not answer"}
	got := j.after(0, broken)
	want(t, got, "[Contoso] Provisioning to Vault Platform does not get on")
	if f := got[0].Facts; f[len(f)-1].Value != "the target does not answer" {
		t.Errorf("the mail does not say why: %+v", f)
	}
	broken.OnFailure = false
	want(t, newJob().after(0, broken))
}

func TestWithNobodyToTellEverythingIsForgotten(t *testing.T) {
	t.Parallel()
	j := newJob()
	want(t, j.after(0, j.quarantine("Unauthorized")), invalid)
	to := j.to
	j.to = nil
	want(t, j.after(time.Hour, j.quarantine("Unauthorized")))
	j.to = to
	want(t, j.after(time.Hour, j.quarantine("Unauthorized")), invalid)
}

// Names come from directories and targets: none of them may become a header, a second line, or a command.
func TestForeignTextIsHarmless(t *testing.T) {
	t.Parallel()
	c := notify.Cycle{
		Organization: "Con\r\nBcc: all@contoso.example\r\n\r\ntoso", Slug: "contoso", Application: "a'; rm -rf ~ #", To: []string{"ops@contoso.example"}, Now: monday,
		Held: &notify.HeldBack{Threshold: 1, Count: 2, Names: []string{"anna\n\u202egpj.exe" + strings.Repeat("x", 500)}},
	}
	_, mails := notify.After(notify.Told{}, c, func() string { return "i" })
	m := mails[0]
	if strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("subject %q has several lines", m.Subject)
	}
	if line := m.Lists[0].Lines[0]; strings.ContainsAny(line, "\n\u202e") || len([]rune(line)) > 60 {
		t.Errorf("the name is %q", line)
	}
	if got, want := m.Steps[1].Command, `rollcall app decide contoso 'a'\''; rm -rf ~ #' --reject-deletes`; got != want {
		t.Errorf("command %s, want %s", got, want)
	}
}

func FuzzAfter(f *testing.F) {
	f.Add("Contoso", "Vault Platform", "Conflict", "anna", "taken")
	f.Add("\r\n", "'", "\u202e", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, organization, app, code, name, message string) {
		_, mails := notify.After(notify.Told{}, notify.Cycle{
			Organization: organization, Application: app, To: []string{"a@b.example"}, OnFailure: true, Now: monday,
			Failing: []notify.Failing{{Code: code, Name: name, Message: message}},
		}, func() string { return "i" })
		for _, m := range mails {
			if strings.ContainsAny(m.Subject+m.Lists[0].Heading+m.Lists[0].Lines[0], "\r\n\x00") || len([]rune(m.Subject)) > 200 {
				t.Errorf("%q, %+v", m.Subject, m.Lists)
			}
		}
	})
}
