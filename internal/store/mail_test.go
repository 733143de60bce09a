package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
)

func sampleMail(incident string, created time.Time) notify.Mail {
	return notify.Mail{
		Kind: notify.Held, Incident: incident, Turn: 1, Created: created, To: []string{"a@contoso.example", "B@contoso.example"}, Subject: "s", Impact: "i",
		Facts: []notify.Fact{{Name: "n", Value: "v"}}, Lists: []notify.List{{Heading: "h", Lines: []string{"l"}, More: 2}}, Steps: []notify.Step{{Text: "t", Command: "c"}},
		Why: "w",
	}
}

// Mails are queued with the job that they are about: both or neither.
func TestMailsAreSavedWithTheJob(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		m := sampleMail("i1", noon)
		told := notify.Told{Held: &notify.Thread{Incident: "i1", Turn: 1, Since: noon, Last: noon}}
		job := provisioning.Job{Application: "app1", Mail: []notify.Mail{m}, Told: told}
		for range 2 { // the same mail again is the same mail
			if err := s.SaveJob(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Mails(t.Context(), "app1", 10)
		want := []notify.Queued{
			{ID: "i1-1-1", Application: "app1", Recipient: "a@contoso.example", State: notify.Waiting, Next: noon, Mail: m},
			{ID: "i1-1-2", Application: "app1", Recipient: "B@contoso.example", State: notify.Waiting, Next: noon, Mail: m},
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
		stored, err := s.Job(t.Context(), "app1")
		if d := cmp.Diff(told, stored.Told); d != "" || err != nil || stored.Mail != nil {
			t.Errorf("what was told: %v, mails %v (-want +got):\n%s", err, stored.Mail, d)
		}
		job.Generation, job.Mail = 9, []notify.Mail{sampleMail("i2", noon)}
		wantError(t, s.SaveJob(t.Context(), job), fault.ErrConflict)
		if _, err := s.Mail(t.Context(), "i2-1-1"); err == nil {
			t.Error("a job that was not saved told somebody")
		}
		if one, err := s.Mail(t.Context(), "i1-1-2"); err != nil || one.Recipient != "B@contoso.example" {
			t.Errorf("%+v, %v", one, err)
		}
		if err := s.DeleteApplication(t.Context(), "app1"); err != nil {
			t.Fatal(err)
		}
		if left, err := s.Mails(t.Context(), "", 10); err != nil || len(left) != 0 {
			t.Errorf("%d mails of an application that is gone, %v", len(left), err)
		}
	})
}

func TestOutboxIsBounded(t *testing.T) {
	withApplication(t, func(t *testing.T, s *store.Store, _ string) {
		job := provisioning.Job{Application: "app1"}
		for i := range notify.KeepMails {
			job.Mail = append(job.Mail, sampleMail(fmt.Sprintf("i%d", i), noon.Add(time.Duration(i)*time.Minute)))
		}
		if err := s.SaveJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
		got, err := s.Mails(t.Context(), "app1", 2*notify.KeepMails)
		if err != nil || len(got) != notify.KeepMails || got[0].Mail.Incident != fmt.Sprintf("i%d", notify.KeepMails-1) {
			t.Errorf("%d mails are kept, %v; want the newest %d", len(got), err, notify.KeepMails)
		}
	})
}
