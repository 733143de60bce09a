package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// firstVersion is the mapping that an application begins with.
func (t *tx) firstVersion(ctx context.Context, a application.Application, now time.Time) error {
	change := a.Change
	if change.Reason == "" {
		change.Reason = strings.TrimSpace("created from template " + a.Template)
	}
	return t.putVersion(ctx, a.ID, application.Version{Number: 1, Time: now, Actor: change.Actor, Reason: change.Reason, Set: a.Mapping})
}

// lockMapping reads the mapping of an application that is going to be saved. sql.ErrNoRows: there is no such application.
func (t *tx) lockMapping(ctx context.Context, a application.Application) (set mapping.Set, err error) {
	var doc string
	err = t.q.get(ctx, []any{&doc}, "select mapping from application where id = $1 and organization_id = $2"+t.d.lock, a.ID, a.Organization)
	if err == nil {
		err = json.Unmarshal([]byte(doc), &set)
	}
	return set, err
}

// keepVersion makes the mapping of an application that was just saved its newest version. The mapping it had is the version before: where there is none,
// it becomes one.
func (t *tx) keepVersion(ctx context.Context, a application.Application, had mapping.Set, now time.Time) error {
	if same, err := mapping.Same(had, a.Mapping); same || err != nil {
		return err
	}
	var last int64
	err := t.q.get(ctx, []any{&last}, "select coalesce(max(number), 0) from mapping_version where application_id = $1", a.ID)
	if err != nil {
		return t.d.fail("read the versions of a mapping", err)
	}
	if last == 0 {
		last = 1
		first := application.Version{Number: 1, Time: a.Created, Reason: "as it was before its first change", Set: had}
		if err := t.putVersion(ctx, a.ID, first); err != nil {
			return err
		}
	}
	err = t.putVersion(ctx, a.ID, application.Version{
		Number: last + 1, Time: now, Actor: a.Change.Actor, Reason: a.Change.Reason,
		Changes: mapping.Compare(had, a.Mapping).Summary(), Set: a.Mapping,
	})
	if err != nil {
		return err
	}
	_, err = t.q.exec(ctx, "delete from mapping_version where application_id = $1 and number <= $2", a.ID, last+1-application.MaxVersions)
	return t.d.fail("forget old versions of a mapping", err)
}

func (t *tx) putVersion(ctx context.Context, app string, v application.Version) error {
	doc, err := packSet(v.Set)
	if err != nil {
		return err
	}
	_, err = t.q.exec(ctx, `insert into mapping_version (application_id, number, time, actor, reason, changes, doc)
		values ($1, $2, $3, $4, $5, $6, $7)`, app, v.Number, micros(v.Time), v.Actor, v.Reason, v.Changes, doc)
	return t.d.fail("keep a version of a mapping", err)
}

// packSet is a mapping as it is kept: an imported Graph document of some hundred kilobytes shrinks to a tenth.
func packSet(set mapping.Set) ([]byte, error) {
	doc, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("encode the mapping: %w", err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(doc); err != nil {
		return nil, fmt.Errorf("compress the mapping: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress the mapping: %w", err)
	}
	if b.Len() < len(doc) {
		return b.Bytes(), nil
	}
	return doc, nil
}

// unpackSet reads what packSet wrote, and plain JSON, as the migration copies it.
func unpackSet(doc []byte) (set mapping.Set, err error) {
	if bytes.HasPrefix(doc, []byte{0x1f, 0x8b}) {
		r, err := gzip.NewReader(bytes.NewReader(doc))
		if err != nil {
			return set, err
		}
		if doc, err = io.ReadAll(r); err != nil {
			return set, err
		}
	}
	return set, json.Unmarshal(doc, &set)
}

const versionColumns = "number, time, actor, reason, changes"

// MappingVersions implements application.VersionStore.
func (s *Store) MappingVersions(ctx context.Context, app string) ([]application.Version, error) {
	out, err := collect(ctx, s.q, func(rows *sql.Rows) (v application.Version, err error) {
		var at int64
		err = rows.Scan(&v.Number, &at, &v.Actor, &v.Reason, &v.Changes)
		v.Time = fromMicros(at)
		return v, err
	}, "select "+versionColumns+" from mapping_version where application_id = $1 order by number desc", app)
	return out, s.d.fail("read the versions of a mapping", err)
}

// MappingVersion implements application.VersionStore.
func (s *Store) MappingVersion(ctx context.Context, app string, number int64) (application.Version, error) {
	var v application.Version
	var at int64
	var doc []byte
	err := s.q.get(ctx, []any{&v.Number, &at, &v.Actor, &v.Reason, &v.Changes, &doc},
		"select "+versionColumns+", doc from mapping_version where application_id = $1 and number = $2", app, number)
	if err != nil {
		return v, s.d.absent("read a version of a mapping", err,
			"the application has no version %d of its mapping, or not any more; `rollcall app mapping history` lists those it has", number)
	}
	v.Time = fromMicros(at)
	if v.Set, err = unpackSet(doc); err != nil {
		return v, fmt.Errorf("read version %d of the mapping: %w", number, err)
	}
	return v, nil
}
