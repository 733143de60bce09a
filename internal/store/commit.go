package store

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// Commit implements provisioning.Store. Things happen in the order of the fields' dependence: what is cleared, then what is removed, then what is
// written, so that a link may take over the account of a link removed in the same batch.
//
// Batches of one application follow each other: the application's row is locked, so that records become visible in the order of their positions and
// whoever follows the log misses none.
func (s *Store) Commit(ctx context.Context, app string, b provisioning.Batch) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		var one int
		err := t.q.get(ctx, []any{&one}, "select 1 from application where id = $1"+t.d.lock, app)
		if err != nil {
			return t.d.absent("commit a batch", err, "the application with id %q does not exist any more", app)
		}
		for _, step := range []func(context.Context, string, provisioning.Batch) error{t.clear, t.unlink, t.link, t.escrow} {
			if err := step(ctx, app, b); err != nil {
				return err
			}
		}
		if err := t.writeMembers(ctx, app, b.Members); err != nil {
			return err
		}
		return t.record(ctx, app, b.Records)
	})
}

func (t *tx) clear(ctx context.Context, app string, b provisioning.Batch) error {
	var statements []string
	if b.ClearLinks {
		statements = append(statements, "delete from link where application_id = $1", "delete from link_member where application_id = $1")
	}
	if b.ClearEscrows {
		statements = append(statements, "delete from escrow where application_id = $1 and not excluded")
	}
	if b.ClearExcluded {
		statements = append(statements, "delete from escrow where application_id = $1 and excluded")
	}
	for _, text := range statements {
		if _, err := t.q.exec(ctx, text, app); err != nil {
			return t.d.fail("clear the state of an application", err)
		}
	}
	return nil
}

func (t *tx) unlink(ctx context.Context, app string, b provisioning.Batch) error {
	for _, k := range b.Unlink {
		_, err := t.q.exec(ctx, "delete from link where application_id = $1 and type = $2 and source_id = $3", app, k.Type, k.Source)
		if err == nil {
			_, err = t.q.exec(ctx, "delete from link_member where application_id = $1 and group_id = $2", app, k.Source)
		}
		if err != nil {
			return t.d.fail("remove a link", err)
		}
	}
	return nil
}

func (t *tx) link(ctx context.Context, app string, b provisioning.Batch) error {
	rows := make([][]any, len(b.Links))
	for i, l := range b.Links {
		written, err := json.Marshal(l.Written)
		if err != nil {
			return fmt.Errorf("encode the values written for %s %s: %w", l.Type, l.Source, err)
		}
		rows[i] = []any{app, l.Type, l.Source, l.SourceName, l.Target, l.TargetName, string(l.State), l.Managed, string(written), micros(l.Updated)}
	}
	_, err := insertRows(ctx, t.q, "insert into link (application_id, "+linkColumns+")", ` on conflict (application_id, type, source_id) do update set
		source_name = excluded.source_name, target_id = excluded.target_id, target_name = excluded.target_name, state = excluded.state,
		managed = excluded.managed, written = excluded.written, updated = excluded.updated`, rows)
	return t.d.fail("write a link", err)
}

func (t *tx) escrow(ctx context.Context, app string, b provisioning.Batch) error {
	for _, k := range b.Unescrow {
		_, err := t.q.exec(ctx, "delete from escrow where application_id = $1 and type = $2 and source_id = $3", app, k.Type, k.Source)
		if err != nil {
			return t.d.fail("remove an escrow", err)
		}
	}
	rows := make([][]any, len(b.Escrows))
	for i, e := range b.Escrows {
		rows[i] = []any{app, e.Type, e.Source, e.Name, micros(e.Since), e.Attempts, micros(e.Next), e.Code, e.Message, e.Excluded, string(e.Action)}
	}
	_, err := insertRows(ctx, t.q, "insert into escrow (application_id, type, source_id, name, since, attempts, next, code, message, excluded, action)",
		` on conflict (application_id, type, source_id) do update set name = excluded.name, since = excluded.since, attempts = excluded.attempts,
		next = excluded.next, code = excluded.code, message = excluded.message, excluded = excluded.excluded, action = excluded.action`, rows)
	return t.d.fail("write an escrow", err)
}
