package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// registries keeps the registries of organizations that registered types, by the version they were made from. The zero value is ready.
type registries struct {
	mu    sync.Mutex
	byOrg map[string]registered
}

type registered struct {
	version  int64
	registry *scim.Registry
}

// maxRegistries bounds what is kept; after that it is gathered anew.
const maxRegistries = 1000

func (c *registries) get(org string, version int64) *scim.Registry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.byOrg[org]; r.version == version {
		return r.registry
	}
	return nil
}

func (c *registries) put(org string, version int64, r *scim.Registry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byOrg == nil || len(c.byOrg) >= maxRegistries {
		c.byOrg = make(map[string]registered)
	}
	if version >= c.byOrg[org].version {
		c.byOrg[org] = registered{version, r}
	}
}

// Registry implements directory.Types.
func (r reader) Registry(ctx context.Context, org string) (*scim.Registry, error) {
	return r.registry(ctx, org, "")
}

func (r reader) registry(ctx context.Context, org, lock string) (*scim.Registry, error) {
	var version int64
	err := r.q.get(ctx, []any{&version}, "select version from registration where organization_id = $1"+lock, org)
	if errors.Is(err, sql.ErrNoRows) {
		return directory.Registry(), nil
	}
	if err != nil {
		return nil, r.d.fail("read the version of the registered types", err)
	}
	return r.RegistryAt(ctx, org, version)
}

// RegistryAt is Registry for who knows the version already: without a look-up where that version was read before.
func (r reader) RegistryAt(ctx context.Context, org string, version int64) (*scim.Registry, error) {
	if version == 0 {
		return directory.Registry(), nil
	}
	if known := r.d.registries.get(org, version); known != nil {
		return known, nil
	}
	d, current, err := r.definitions(ctx, org, "")
	if err != nil {
		return nil, err
	}
	made, err := directory.RegistryOf(d)
	if err != nil {
		return nil, fmt.Errorf("the types that the organization registered cannot be used: %w", err)
	}
	r.d.registries.put(org, current, made)
	return made, nil
}

// Definitions implements directory.Types.
func (r reader) Definitions(ctx context.Context, org string) (*scim.Definitions, error) {
	d, _, err := r.definitions(ctx, org, "")
	return d, err
}

func (r reader) definitions(ctx context.Context, org, lock string) (d *scim.Definitions, version int64, err error) {
	var doc string
	err = r.q.get(ctx, []any{&version, &doc}, "select version, doc from registration where organization_id = $1"+lock, org)
	if errors.Is(err, sql.ErrNoRows) {
		return &scim.Definitions{}, 0, nil
	}
	if err != nil {
		return nil, 0, r.d.fail("read the registered types", err)
	}
	if doc == emptyRegistration {
		return &scim.Definitions{}, version, nil
	}
	if d, err = scim.ParseDefinitions([]byte(doc)); err != nil {
		return nil, 0, fmt.Errorf("read the registered types: %w", err)
	}
	return d, version, nil
}

const emptyRegistration = "[]"

// sharedTypes are the types that the writes of one commit have looked up: nobody else can change them meanwhile. What changes them forgets them, and what it
// changes them to is not shared, because it may be undone.
type sharedTypes map[string]*scim.Registry

// Registry implements directory.Types. Within a transaction the types do not change but by itself: what is written by them is not outdated by the commit.
func (t *tx) Registry(ctx context.Context, org string) (*scim.Registry, error) {
	if known := t.types[org]; known != nil {
		return known, nil
	}
	if known := t.shared[org]; known != nil {
		return known, nil
	}
	types, err := t.registry(ctx, org, t.d.lockShared)
	if err != nil {
		return nil, err
	}
	if t.shared != nil {
		t.shared[org] = types
	}
	t.keep(org, types)
	return types, nil
}

func (t *tx) keep(org string, types *scim.Registry) {
	if t.types == nil {
		t.types = make(map[string]*scim.Registry, 1)
	}
	t.types[org] = types
}

// LockDefinitions implements directory.Tx.
func (t *tx) LockDefinitions(ctx context.Context, org string) (*scim.Definitions, error) {
	clear(t.shared)
	t.shared = nil
	// There is a row to lock from the first time on.
	_, err := t.q.exec(ctx, "insert into registration (organization_id, version, doc) values ($1, $2, $3) on conflict do nothing",
		org, micros(time.Now()), emptyRegistration)
	if err != nil {
		return nil, t.d.fail("lock the registered types", err)
	}
	d, _, err := t.definitions(ctx, org, t.d.lock)
	return d, err
}

// SaveDefinitions implements directory.Tx. What it makes is kept for this transaction only, which may yet fail; and versions are times, so that the next
// attempt has another one than whoever shared a lost transaction may have seen.
func (t *tx) SaveDefinitions(ctx context.Context, org string, d *scim.Definitions) error {
	clear(t.shared)
	t.shared = nil
	types, err := directory.RegistryOf(d)
	if err != nil {
		return err
	}
	_, err = t.q.exec(ctx, `update registration set doc = $2, version = case when version < $3 then cast($3 as bigint) else version + 1 end
		where organization_id = $1`, org, string(d.AppendJSON(nil)), micros(time.Now()))
	if err != nil {
		return t.d.fail("save the registered types", err)
	}
	t.keep(org, types)
	return nil
}
