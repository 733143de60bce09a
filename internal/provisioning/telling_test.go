package provisioning_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
)

// tell gives the world somebody to tell.
func (w *world) tell() {
	w.app.Settings.NotificationEmail, w.app.Settings.NotifyOnFailure = []string{"ops@contoso.example"}, true
	w.save()
	w.app.Version = 0
	w.engine.Notifier = notify.Notifier{
		Organization: func(context.Context, string) (string, string, error) { return "Contoso", "contoso", nil },
		NewID:        func() string { return w.id("incident") },
	}
}

// told are the subjects of the mails in the outbox, the oldest first.
func (w *world) told(t *testing.T, want ...string) []notify.Queued {
	t.Helper()
	mails, err := w.store.Mails(t.Context(), w.app.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(mails)
	var got []string
	for _, m := range mails {
		got = append(got, strings.TrimPrefix(m.Mail.Subject, "[Contoso] "))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("told %q, want %q", got, want)
	}
	return mails
}

func (w *world) later(t *testing.T, o provisioning.Options) provisioning.Result {
	t.Helper()
	w.wait(time.Hour)
	r, err := w.cycle(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestQuarantineIsTold is spec/entra-provisioning.md 1.8 and 8.7: one mail when the job enters quarantine, none while the reason is the same, and here one
// when it is over. A plan tells nobody.
func TestQuarantineIsTold(t *testing.T) {
	t.Parallel()
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		w.tell()
		w.user("anna", nil)
		w.assign("anna", "", true)
		w.proxy.Rules(scimfake.Rule{Fault: scimfake.Unauthorized})
		if p, err := w.engine.Plan(t.Context(), w.app, w.target(), provisioning.Options{}); err != nil || p.Quarantine == nil {
			t.Fatalf("the plan: %+v, %v; want a quarantine", p.Result, err)
		}
		w.told(t)
		w.later(t, provisioning.Options{})
		const invalid = "Provisioning to App is quarantined: invalid credentials"
		w.told(t, invalid)
		w.later(t, provisioning.Options{})
		w.told(t, invalid)
		w.proxy.Rules()
		w.later(t, provisioning.Options{})
		mails := w.told(t, invalid, "Provisioning to App works again")
		if a, b := mails[0].Mail, mails[1].Mail; a.Incident != b.Incident || b.Turn != 2 {
			t.Errorf("turn %d of %s after %s: want one thread", b.Turn, b.Incident, a.Incident)
		}
	})
}

// TestHeldDeletionsAreTold is spec/entra-provisioning.md 1.10: a mail when the threshold is exceeded, with the numbers and some names.
func TestHeldDeletionsAreTold(t *testing.T) {
	t.Parallel()
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		w.app.Settings.DeletionThreshold = 1
		w.tell()
		for _, name := range []string{"anna", "bert"} {
			w.user(name, nil)
			w.assign(name, "", true)
		}
		w.later(t, provisioning.Options{})
		w.assign("anna", "", false)
		w.assign("bert", "", false)
		w.later(t, provisioning.Options{})
		w.later(t, provisioning.Options{})
		const subject = "2 deletions to App wait for your decision"
		m := w.told(t, subject)[0].Mail
		if got := m.Lists[0].Lines; !slices.Equal(got, []string{"user anna (disable)", "user bert (disable)"}) {
			t.Errorf("examples %q", got)
		}
		w.must(w.engine.Decide(t.Context(), w.app, true))
		w.later(t, provisioning.Options{})
		w.told(t, subject)
	})
}

func TestFailuresAreTold(t *testing.T) {
	t.Parallel()
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "vault-platform")
		w.tell()
		w.user("anna", nil)
		w.assign("anna", "", true)
		w.proxy.Rules(scimfake.Rule{Fault: scimfake.Refuse, Method: http.MethodPost, Status: http.StatusConflict, Detail: "no"})
		w.later(t, provisioning.Options{})
		const subject = "1 object could not be provisioned to App"
		m := w.told(t, subject)[0].Mail
		if len(m.Lists) != 1 || m.Lists[0].Heading != "Conflict: 1" || !strings.HasPrefix(m.Lists[0].Lines[0], "anna: ") {
			t.Errorf("the digest has %+v", m.Lists)
		}
		w.later(t, provisioning.Options{})
		w.told(t, subject)
		w.wait(24 * time.Hour)
		w.later(t, provisioning.Options{})
		w.told(t, subject, subject)
	})
}
