package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// The limits of delivery.
const (
	PerHour   = 20                  // mails to one recipient within an hour; what is more waits
	KeepTries = 3 * 24 * time.Hour  // a mail that could not be sent for so long is old news
	KeepEnded = 30 * 24 * time.Hour // how long sent and failed mails are listed
	KeepMails = 500                 // mails of one application that are kept at all, the newest
	Lease     = 10 * time.Minute    // how long a node may take over the mails it claimed
	batch     = 10
)

// Queued is one mail to one recipient.
type Queued struct {
	ID          string    `json:"id"`
	Application string    `json:"applicationId"`
	Recipient   string    `json:"recipient"`
	State       State     `json:"state"`
	Attempts    int       `json:"attempts"`
	Next        time.Time `json:"next,omitzero"`  // not before
	Ended       time.Time `json:"ended,omitzero"` // when it was sent or given up
	Error       string    `json:"error"`          // of the last try
	Mail        Mail      `json:"mail"`
}

// State is how far a mail is.
type State string

// The states.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Failed  State = "failed" // given up
)

// Outbox keeps mails until they are sent. Mails come into it with the job that they are about, in one transaction.
type Outbox interface {
	// ClaimMails takes mails that are due, for Lease: nobody else gets them meanwhile. Each claim counts as an attempt. Mails beyond PerHour for their
	// recipient are put off instead.
	ClaimMails(ctx context.Context, now time.Time, limit int) ([]Queued, error)
	// SettleMail stores State, Next, Ended and Error of a claimed mail, unless somebody else claimed it since.
	SettleMail(ctx context.Context, q Queued) error
	// PruneMails gives up what waited for KeepTries and removes what ended KeepEnded ago.
	PruneMails(ctx context.Context, now time.Time) error
}

// Sender delivers one mail. ErrRefused: the recipient is refused for good.
type Sender interface {
	Send(ctx context.Context, q Queued) error
}

// ErrRefused says that another try is in vain.
var ErrRefused = errors.New("the recipient is refused")

// Delivery sends what waits in the outbox. Any number of nodes may run it.
type Delivery struct {
	Outbox Outbox
	Sender Sender // nil: mails are not configured; what waits is only pruned
	Now    func() time.Time
	Logger *slog.Logger
}

// Once prunes the outbox and sends what is due. An error is of the outbox; a mail that cannot be sent is tried again later.
func (d Delivery) Once(ctx context.Context) (sent int, err error) {
	if err := d.Outbox.PruneMails(ctx, d.Now()); err != nil {
		return 0, err
	}
	if d.Sender == nil {
		return 0, nil
	}
	for ctx.Err() == nil {
		claimed, err := d.Outbox.ClaimMails(ctx, d.Now(), batch)
		if err != nil || len(claimed) == 0 {
			return sent, err
		}
		for _, q := range claimed {
			if ctx.Err() != nil {
				break // the lease ends by itself, and another node goes on
			}
			ok, err := d.send(ctx, q)
			if err != nil {
				return sent, err
			}
			if ok {
				sent++
			}
		}
	}
	return sent, nil
}

func (d Delivery) send(ctx context.Context, q Queued) (bool, error) {
	err := d.Sender.Send(ctx, q)
	now := d.Now()
	switch {
	case err == nil:
		q.State, q.Ended, q.Error = Sent, now, ""
	case ctx.Err() != nil:
		q.Next, q.Error = now, "the server was stopped while it sent this mail"
	case errors.Is(err, ErrRefused) || q.Attempts > len(retries()):
		q.State, q.Ended, q.Error = Failed, now, clean(err.Error(), maxError)
		d.Logger.Error("a mail was given up", "recipient", q.Recipient, "subject", q.Mail.Subject, "attempts", q.Attempts, "error", err)
	default:
		q.Next, q.Error = now.Add(retries()[q.Attempts-1]), clean(err.Error(), maxError)
		d.Logger.Warn("a mail could not be sent; it is tried again", "recipient", q.Recipient, "next", q.Next, "error", err)
	}
	return err == nil, d.Outbox.SettleMail(context.WithoutCancel(ctx), q)
}

const maxError = 500

// retries are the waits after the first, second, … try in vain.
func retries() []time.Duration {
	return []time.Duration{
		time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	}
}
