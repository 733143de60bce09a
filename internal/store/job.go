package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// Job implements provisioning.Jobs.
func (s *Store) Job(ctx context.Context, app string) (provisioning.Job, error) {
	j := provisioning.Job{Application: app}
	var doc string
	err := s.q.get(ctx, []any{&doc}, "select doc from job where application_id = $1", app)
	if errors.Is(err, sql.ErrNoRows) {
		return j, nil
	}
	if err != nil {
		return j, s.d.fail("read a job", err)
	}
	if err := json.Unmarshal([]byte(doc), &j); err != nil {
		return j, fmt.Errorf("read the job of application %s: %w", app, err)
	}
	j.Application = app
	return j, nil
}

// SaveJob implements provisioning.Jobs.
func (s *Store) SaveJob(ctx context.Context, j provisioning.Job) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		stored, err := t.lockJob(ctx, j.Application)
		if err != nil {
			return err
		}
		if stored != nil && stored.Generation != j.Generation {
			return fault.Errorf(fault.ErrConflict, "the job of application %s was changed meanwhile: it has generation %d instead of %d",
				j.Application, stored.Generation, j.Generation)
		}
		if err := t.putJob(ctx, j); err != nil {
			return err
		}
		return t.queueMails(ctx, j.Application, j.Mail)
	})
}

// ChangeJob implements provisioning.Jobs.
func (s *Store) ChangeJob(ctx context.Context, app string, alter func(*provisioning.Job)) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		stored, err := t.lockJob(ctx, app)
		if err != nil {
			return err
		}
		if stored == nil {
			stored = &provisioning.Job{}
		}
		alter(stored)
		stored.Application = app
		return t.putJob(ctx, *stored)
	})
}

// lockJob reads the job for a change: until the transaction ends nobody else can write it. nil: there was none.
func (t *tx) lockJob(ctx context.Context, app string) (*provisioning.Job, error) {
	var doc string
	err := t.q.get(ctx, []any{&doc},
		"insert into job (application_id, doc) values ($1, '') on conflict (application_id) do update set doc = job.doc returning doc", app)
	if err != nil {
		return nil, t.d.fail("read a job", err)
	}
	if doc == "" {
		return nil, nil // no job is an answer
	}
	var j provisioning.Job
	if err := json.Unmarshal([]byte(doc), &j); err != nil {
		return nil, fmt.Errorf("read the job of application %s: %w", app, err)
	}
	return &j, nil
}

func (t *tx) putJob(ctx context.Context, j provisioning.Job) error {
	doc, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	_, err = t.q.exec(ctx, "update job set doc = $2 where application_id = $1", j.Application, string(doc))
	return t.d.fail("save a job", err)
}

// Counts implements provisioning.Jobs. Failed counts the escrowed objects that a cycle will try again.
func (s *Store) Counts(ctx context.Context, app string) (provisioning.Counts, error) {
	var c provisioning.Counts
	err := s.q.get(ctx, []any{&c.Users, &c.Groups, &c.Linked, &c.Disabled, &c.Failed}, `select
		coalesce(sum(case when type = 'User' then 1 else 0 end), 0), coalesce(sum(case when type = 'Group' then 1 else 0 end), 0), count(*),
		coalesce(sum(case when state = 'disabled' then 1 else 0 end), 0),
		(select count(*) from escrow e where e.application_id = $1 and not e.excluded)
		from link where application_id = $1`, app)
	return c, s.d.fail("count links", err)
}
