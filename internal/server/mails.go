package server

import (
	"context"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/notify"
)

// mailEvery is the time between two looks into the outbox.
const mailEvery = 10 * time.Second

func (s *System) organizationName(ctx context.Context, id string) (name, slug string, err error) {
	o, err := s.Store.OrganizationByID(ctx, id)
	return o.Name, o.Slug, err
}

// deliverMails sends what is in the outbox until the server ends, and returns how to stop it. Every node does it: a mail that one has claimed is no other's.
func (s *System) deliverMails(ctx context.Context, sender notify.Sender) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	d := notify.Delivery{Outbox: s.Store, Sender: sender, Now: s.now, Logger: s.logger}
	go func() {
		defer close(done)
		for {
			if _, err := d.Once(ctx); err != nil && ctx.Err() == nil {
				s.logger.Error("the outbox could not be read; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(mailEvery):
			}
		}
	}()
	return func() { cancel(); <-done }
}

// Told counts the applications that have notification addresses.
func (s *System) Told(ctx context.Context) (applications int, err error) {
	apps, err := s.Store.Applications(ctx, "")
	for _, app := range apps {
		if len(app.Settings.NotificationEmail) > 0 {
			applications++
		}
	}
	return applications, err
}

// SendTestMail sends one mail to the address, at once and past the outbox.
func SendTestMail(ctx context.Context, sender notify.Sender, to string) error {
	id, now := directory.NewID(), time.Now()
	return sender.Send(ctx, notify.Queued{ID: id, Recipient: to, Attempts: 1, State: notify.Waiting, Mail: notify.Trial(to, id, now)})
}
