package store

import (
	"context"
	"database/sql"
)

// Reseal seals every stored secret with the first key that is not sealed with it, and returns how many there were. After it, older keys can be dropped
// from the ring.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	current, err := s.keys.current()
	if err != nil {
		return 0, err
	}
	type secret struct {
		app, keyID string
		sealed     []byte
	}
	count := 0
	err = s.write(ctx, func(ctx context.Context, t *tx) error {
		count = 0
		old, err := collect(ctx, t.q, func(rows *sql.Rows) (v secret, err error) {
			err = rows.Scan(&v.app, &v.keyID, &v.sealed)
			return v, err
		}, "select id, secret_key, secret from application where secret is not null and secret_key <> $1 order by id"+t.d.lock, current)
		if err != nil {
			return t.d.fail("read sealed secrets", err)
		}
		for _, v := range old {
			plain, err := s.keys.open(v.sealed, v.keyID, secretPlace(v.app))
			if err != nil {
				return err
			}
			sealed, keyID, err := s.keys.seal(plain, secretPlace(v.app))
			if err != nil {
				return err
			}
			if _, err := t.q.exec(ctx, "update application set secret = $2, secret_key = $3 where id = $1", v.app, sealed, keyID); err != nil {
				return t.d.fail("store a sealed secret", err)
			}
			count++
		}
		return nil
	})
	return count, err
}
