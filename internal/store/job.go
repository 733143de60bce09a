package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

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
	doc, err := json.Marshal(j)
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, "insert into job (application_id, doc) values ($1, $2) on conflict (application_id) do update set doc = $2",
			j.Application, string(doc))
		return t.d.fail("save a job", err)
	})
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
