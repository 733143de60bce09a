package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/notify"
)

var _ notify.Outbox = (*Store)(nil)

const (
	mailColumns = "id, application_id, recipient, state, next, ended, attempts, error, doc"
	// putOff is when a recipient who got many mails is looked at again.
	putOff = 10 * time.Minute
)

func scanMail(rows *sql.Rows) (notify.Queued, error) {
	var q notify.Queued
	var doc string
	var next, ended int64
	if err := rows.Scan(&q.ID, &q.Application, &q.Recipient, &q.State, &next, &ended, &q.Attempts, &q.Error, &doc); err != nil {
		return q, err
	}
	q.Next, q.Ended = fromMicros(next), fromMicros(ended)
	if err := json.Unmarshal([]byte(doc), &q.Mail); err != nil {
		return q, fmt.Errorf("read the mail %s: %w", q.ID, err)
	}
	return q, nil
}

// queueMails puts the mails of an application into the outbox and keeps its newest KeepMails.
func (t *tx) queueMails(ctx context.Context, app string, mails []notify.Mail) error {
	if len(mails) == 0 {
		return nil
	}
	var rows [][]any
	for _, m := range mails {
		doc, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode a mail: %w", err)
		}
		for i, to := range m.To {
			id := fmt.Sprintf("%s-%d-%d", m.Incident, m.Turn, i+1)
			rows = append(rows, []any{
				id, app, to, string(notify.Waiting), micros(m.Created), micros(m.Created), int64(0), 0, "", string(doc),
			})
		}
	}
	_, err := insertRows(ctx, t.q, "insert into mail (id, application_id, recipient, state, created, next, ended, attempts, error, doc)",
		" on conflict (id) do nothing", rows)
	if err != nil {
		return t.d.fail("queue a mail", err)
	}
	_, err = t.q.exec(ctx, `delete from mail where application_id = $1 and id not in
		(select id from mail where application_id = $1 order by created desc, id limit $2)`, app, notify.KeepMails)
	return t.d.fail("bound the outbox", err)
}

// ClaimMails implements notify.Outbox.
func (s *Store) ClaimMails(ctx context.Context, now time.Time, limit int) (claimed []notify.Queued, err error) {
	err = s.write(ctx, func(ctx context.Context, t *tx) error {
		claimed = nil
		// Who comes second waits for the first one's commit, and then finds the rows moved on.
		due, err := collect(ctx, t.q, scanMail, "select "+mailColumns+" from mail where state = $1 and next <= $2 order by next, id limit $3"+t.d.lock,
			string(notify.Waiting), micros(now), limit)
		if err != nil {
			return t.d.fail("read the outbox", err)
		}
		for _, q := range due {
			full, err := t.hadEnough(ctx, q.Recipient, now, claimed)
			if err != nil {
				return err
			}
			q.Next = now.Add(putOff)
			if !full {
				q.Next = now.Add(notify.Lease)
				q.Attempts++
				claimed = append(claimed, q)
			}
			if _, err := t.q.exec(ctx, "update mail set next = $2, attempts = $3 where id = $1", q.ID, micros(q.Next), q.Attempts); err != nil {
				return t.d.fail("claim a mail", err)
			}
		}
		return nil
	})
	return claimed, err
}

// hadEnough reports whether the recipient got PerHour mails within the last hour, those claimed with this one included.
func (t *tx) hadEnough(ctx context.Context, recipient string, now time.Time, claimed []notify.Queued) (bool, error) {
	var n int
	err := t.q.get(ctx, []any{&n}, "select count(*) from mail where recipient = $1 and state = $2 and ended > $3",
		recipient, string(notify.Sent), micros(now.Add(-time.Hour)))
	for _, q := range claimed {
		if q.Recipient == recipient {
			n++
		}
	}
	return n >= notify.PerHour, t.d.fail("count the mails of a recipient", err)
}

// SettleMail implements notify.Outbox. The number of attempts tells whose claim it is.
func (s *Store) SettleMail(ctx context.Context, q notify.Queued) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, "update mail set state = $4, next = $5, ended = $6, error = $7 where id = $1 and attempts = $2 and state = $3",
			q.ID, q.Attempts, string(notify.Waiting), string(q.State), micros(q.Next), micros(q.Ended), q.Error)
		return t.d.fail("settle a mail", err)
	})
}

// PruneMails implements notify.Outbox.
func (s *Store) PruneMails(ctx context.Context, now time.Time) error {
	var due int
	err := s.q.get(ctx, []any{&due}, "select count(*) from mail where (state = $1 and created < $2 and next <= $3) or (state <> $1 and ended < $4)",
		string(notify.Waiting), micros(now.Add(-notify.KeepTries)), micros(now), micros(now.Add(-notify.KeepEnded)))
	if err != nil || due == 0 {
		return s.d.fail("look for old mails", err)
	}
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, `update mail set state = $4, ended = $3, error = case when error = '' then $5 else error end
			where state = $1 and created < $2 and next <= $3`, string(notify.Waiting), micros(now.Add(-notify.KeepTries)), micros(now),
			string(notify.Failed), "nobody sent it in time: mails were not configured, or the server did not run")
		if err != nil {
			return t.d.fail("give up old mails", err)
		}
		_, err = t.q.exec(ctx, "delete from mail where state <> $1 and ended < $2", string(notify.Waiting), micros(now.Add(-notify.KeepEnded)))
		return t.d.fail("remove old mails", err)
	})
}

// Mails lists the outbox, the newest first. Empty app: of all applications.
func (s *Store) Mails(ctx context.Context, app string, limit int) ([]notify.Queued, error) {
	all, err := collect(ctx, s.q, scanMail,
		"select "+mailColumns+" from mail where ($1 = '' or application_id = $1) order by created desc, id limit $2", app, limit)
	return all, s.d.fail("list the outbox", err)
}

// Mail returns one mail of the outbox; fault.ErrNotFound when there is none with the id.
func (s *Store) Mail(ctx context.Context, id string) (notify.Queued, error) {
	all, err := collect(ctx, s.q, scanMail, "select "+mailColumns+" from mail where id = $1", id)
	if err == nil && len(all) == 0 {
		err = fault.Errorf(fault.ErrNotFound, "the outbox has no mail %q; `rollcall mail list --json` shows the ids", id)
		return notify.Queued{}, err
	}
	if err != nil {
		return notify.Queued{}, s.d.fail("read a mail", err)
	}
	return all[0], nil
}
