package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
)

var _ application.ProfileStore = (*Store)(nil)

// Profile implements application.ProfileStore.
func (s *Store) Profile(ctx context.Context, app string) (application.Profile, error) {
	scan := func(rows *sql.Rows) (application.Profile, error) {
		var p application.Profile
		var found, overrides string
		var at int64
		if err := rows.Scan(&found, &at, &overrides, &p.CA); err != nil {
			return p, err
		}
		if at != 0 {
			p.FoundAt = fromMicros(at)
		}
		return p, errors.Join(json.Unmarshal([]byte(found), &p.Found), json.Unmarshal([]byte(overrides), &p.Overrides))
	}
	list, err := collect(ctx, s.q, scan, "select found, found_at, overrides, ca from target_profile where application_id = $1", app)
	if err != nil || len(list) == 0 {
		return application.Profile{}, s.d.fail("read the profile of a target", err)
	}
	return list[0], nil
}

// SaveFound implements application.ProfileStore.
func (s *Store) SaveFound(ctx context.Context, app string, found map[string]string, at time.Time) error {
	text, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("encode what was found: %w", err)
	}
	return s.saveProfile(ctx, `insert into target_profile (application_id, found, found_at) values ($1, $2, $3)
		on conflict (application_id) do update set found = excluded.found, found_at = excluded.found_at`, app, string(text), micros(at))
}

// SaveOverrides implements application.ProfileStore.
func (s *Store) SaveOverrides(ctx context.Context, app string, overrides map[string]string) error {
	text, err := json.Marshal(overrides)
	if err != nil {
		return fmt.Errorf("encode the profile: %w", err)
	}
	return s.saveProfile(ctx, `insert into target_profile (application_id, overrides) values ($1, $2)
		on conflict (application_id) do update set overrides = excluded.overrides`, app, string(text))
}

// SaveCA implements application.ProfileStore.
func (s *Store) SaveCA(ctx context.Context, app, ca string) error {
	return s.saveProfile(ctx, `insert into target_profile (application_id, ca) values ($1, $2)
		on conflict (application_id) do update set ca = excluded.ca`, app, ca)
}

func (s *Store) saveProfile(ctx context.Context, text string, args ...any) error {
	return s.write(ctx, func(ctx context.Context, t *tx) error {
		_, err := t.q.exec(ctx, text, args...)
		return t.d.fail("save the profile of a target", err)
	})
}
