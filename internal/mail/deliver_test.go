package mail_test

import (
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/rollcall-id/rollcall/internal/application"
	ourmail "github.com/rollcall-id/rollcall/internal/mail"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/notify"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// post is an outbox with mails of one application, a mail server, and a clock.
type post struct {
	t     *testing.T
	store *store.Store
	smtp  *mailServer
	now   time.Time
}

func withPost(t *testing.T, fn func(t *testing.T, p *post)) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		app, err := application.New("app1", storetest.Organization(t, s, "acme"), "App", "scim", mapping.Set{}, monday)
		if err == nil {
			err = s.CreateApplication(t.Context(), app)
		}
		if err != nil {
			t.Fatal(err)
		}
		fn(t, &post{t: t, store: s, smtp: newMailServer(t, false, false, false), now: monday})
	})
}

// queue puts n mails for each of the recipients into the outbox.
func (p *post) queue(n int, to ...string) {
	p.t.Helper()
	job := provisioning.Job{Application: "app1"}
	for i := range n {
		job.Mail = append(job.Mail, notify.Mail{Incident: fmt.Sprintf("i%d", p.now.Unix()+int64(i)), Turn: 1, Created: p.now, To: to, Subject: "s", Impact: "i"})
	}
	if err := p.store.SaveJob(p.t.Context(), job); err != nil {
		p.t.Fatal(err)
	}
}

// deliver lets time pass and a node look into the outbox.
func (p *post) deliver(after time.Duration) int {
	p.t.Helper()
	p.now = p.now.Add(after)
	d := p.node()
	sent, err := d.Once(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return sent
}

func (p *post) node() notify.Delivery {
	now := p.now
	return notify.Delivery{
		Outbox: p.store, Sender: newSender(p.t, ourmail.Config{URL: "smtp://" + p.smtp.address}), Now: func() time.Time { return now },
		Logger: slog.New(slog.DiscardHandler),
	}
}

func (p *post) only() notify.Queued {
	p.t.Helper()
	all, err := p.store.Mails(p.t.Context(), "app1", 10)
	if err != nil || len(all) != 1 {
		p.t.Fatalf("the outbox has %d mails, %v; want one", len(all), err)
	}
	return all[0]
}

func TestDeliverySendsEachMailOnce(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example", "b@contoso.example")
		if n := p.deliver(0); n != 2 || len(p.smtp.mails()) != 2 {
			t.Fatalf("sent %d, %d arrived, want one for each recipient", n, len(p.smtp.mails()))
		}
		if n := p.deliver(time.Hour); n != 0 {
			t.Errorf("sent %d again", n)
		}
	})
}

func TestDeliveryTriesAgainWithGrowingWaits(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example")
		p.smtp.failing(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back later"})
		p.deliver(0)
		for i, wait := range []time.Duration{
			time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
		} {
			q := p.only()
			if got := q.Next.Sub(p.now); got != wait || q.State != notify.Waiting || q.Attempts != i+1 || q.Error == "" {
				t.Fatalf("after try %d: %+v; want the next one after %s", i+1, q, wait)
			}
			p.deliver(wait - time.Second)
			if p.only().Attempts != i+1 {
				t.Fatalf("tried before %s were over", wait)
			}
			p.deliver(time.Second)
		}
		if q := p.only(); q.State != notify.Failed || q.Attempts != 9 || !q.Ended.Equal(p.now) {
			t.Errorf("after the last try: %+v, want that it was given up", q)
		}
		p.smtp.failing(nil)
		if n := p.deliver(24 * time.Hour); n != 0 {
			t.Error("sent what was given up")
		}
	})
}

func TestDeliveryRecovers(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example")
		p.smtp.failing(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "come back later"})
		p.deliver(0)
		p.smtp.failing(nil)
		if n, q := p.deliver(time.Minute), p.only(); n != 1 || q.State != notify.Sent || q.Error != "" || q.Attempts != 2 {
			t.Errorf("sent %d: %+v", n, q)
		}
	})
}

func TestDeliveryGivesUpARefusedRecipientAtOnce(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example")
		p.smtp.failing(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"})
		p.deliver(0)
		if q := p.only(); q.State != notify.Failed || q.Attempts != 1 {
			t.Errorf("%+v, want that it was given up after one try", q)
		}
	})
}

func TestDeliveryHasACapForEachRecipient(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(notify.PerHour+5, "a@contoso.example", "b@contoso.example")
		if n := p.deliver(0); n != 2*notify.PerHour {
			t.Fatalf("sent %d at once, want %d for each of two", n, notify.PerHour)
		}
		if n := p.deliver(30 * time.Minute); n != 0 {
			t.Errorf("sent %d more within the hour", n)
		}
		if n := p.deliver(31 * time.Minute); n != 10 {
			t.Errorf("sent %d after the hour, want the other 10", n)
		}
	})
}

func TestDeliveryByManyNodesSendsEachMailOnce(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(15, "a@contoso.example", "b@contoso.example")
		var wg sync.WaitGroup
		for range 4 {
			node := p.node()
			wg.Go(func() {
				if _, err := node.Once(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := len(p.smtp.mails()); n != 30 {
			t.Errorf("%d mails arrived, want 30", n)
		}
	})
}

func TestMailOfADeadNodeIsTakenOver(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example")
		claimed, err := p.store.ClaimMails(t.Context(), p.now, 10)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("claimed %d, %v", len(claimed), err)
		}
		if n := p.deliver(notify.Lease - time.Second); n != 0 {
			t.Fatal("sent what another node has claimed")
		}
		if n := p.deliver(time.Second); n != 1 {
			t.Fatal("the mail of a dead node was not sent")
		}
		claimed[0].State = notify.Failed // the node wakes up: it is too late
		if err := p.store.SettleMail(t.Context(), claimed[0]); err != nil {
			t.Fatal(err)
		}
		if q := p.only(); q.State != notify.Sent {
			t.Errorf("a node that lost its claim changed the mail to %s", q.State)
		}
	})
}

func TestWithoutAMailServerNothingWaitsForever(t *testing.T) {
	t.Parallel()
	withPost(t, func(t *testing.T, p *post) {
		p.queue(1, "a@contoso.example")
		d := p.node()
		d.Sender = nil
		for _, c := range []struct {
			after time.Duration
			left  int
			state notify.State
		}{
			{0, 1, notify.Waiting},
			{notify.KeepTries + time.Second, 1, notify.Failed},
			{notify.KeepTries + notify.KeepEnded + time.Minute, 0, ""},
		} {
			now := monday.Add(c.after)
			d.Now = func() time.Time { return now }
			if _, err := d.Once(t.Context()); err != nil {
				t.Fatal(err)
			}
			all, err := p.store.Mails(t.Context(), "", 10)
			if err != nil || len(all) != c.left || c.left == 1 && all[0].State != c.state {
				t.Errorf("after %s: %+v, %v; want %d %s", c.after, all, err, c.left, c.state)
			}
		}
	})
}
