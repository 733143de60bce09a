package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	maxIDs  = 1000 // ids in one call
	maxName = 1024 // bytes of a folded unique name: what both databases can keep in an index, with room to spare
	maxKey  = 512  // bytes of other indexed texts; longer ones are found in the search document
)

const objectColumns = "seq, id, organization_id, type, owner, version, created, modified, deleted, active, doc"

// scanner is *sql.Rows or *sql.Row.
type scanner interface{ Scan(dest ...any) error }

// objectRow is one row of objectColumns while it is scanned.
type objectRow struct {
	o                          directory.Object
	created, modified, deleted int64
	active                     sql.NullBool
	doc                        []byte
}

func (r *objectRow) dest() []any {
	return []any{
		&r.o.Seq, &r.o.ID, &r.o.Organization, &r.o.Type, &r.o.Owner, &r.o.Version, &r.created, &r.modified, &r.deleted, &r.active, &r.doc,
	}
}

func (r *objectRow) object() (directory.Object, error) {
	attributes, err := scim.DecodeStored(r.doc)
	if err != nil {
		return directory.Object{}, fmt.Errorf("read the stored attributes of %s %s: %w", r.o.Type, r.o.ID, err)
	}
	_, said := attributes["active"]
	r.o.Attributes, r.o.SwitchedOff = attributes, r.active.Valid && !r.active.Bool && !said
	r.o.Created, r.o.Modified, r.o.Deleted = fromMicros(r.created), fromMicros(r.modified), fromMicros(r.deleted)
	return r.o, nil
}

func scanObject(rows *sql.Rows) (directory.Object, error) {
	var r objectRow
	if err := rows.Scan(r.dest()...); err != nil {
		return directory.Object{}, err
	}
	return r.object()
}

func (r reader) oneObject(ctx context.Context, text string, args ...any) (directory.Object, error) {
	var row objectRow
	if err := r.q.get(ctx, row.dest(), text, args...); err != nil {
		return directory.Object{}, err
	}
	return row.object()
}

const (
	objectWhere = " where id = $1 and organization_id = $2 and type = $3"
	objectByID  = "select " + objectColumns + " from resource" + objectWhere
)

// Object implements directory.Objects.
func (r reader) Object(ctx context.Context, org, typ, id string) (directory.Object, error) {
	o, err := r.oneObject(ctx, objectByID, id, org, typ)
	return o, r.d.absent("read an object", err, "there is no %s with id %q in this organization", typ, id)
}

// ObjectByName implements directory.Objects.
func (r reader) ObjectByName(ctx context.Context, org, typ, name string) (directory.Object, error) {
	o, err := r.oneObject(ctx, "select "+objectColumns+" from resource where organization_id = $1 and type = $2 and unique_key = $3",
		org, typ, scim.Fold(name))
	return o, r.d.absent("read an object", err, "there is no %s named %q in this organization", typ, name)
}

// ObjectsByID implements directory.Objects.
func (r reader) ObjectsByID(ctx context.Context, org, typ string, ids []string) ([]directory.Object, error) {
	list, err := idList(ids, maxIDs)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	// Organization and type are compared here and not in SQL: offered them, SQLite takes the index on them and reads the whole directory.
	found, err := collect(ctx, r.q, scanObject, "select "+objectColumns+" from resource where id in (select id from "+r.d.list(1)+" l)", list)
	if err != nil {
		return nil, r.d.fail("read objects", err)
	}
	byID := make(map[string]directory.Object, len(found))
	for _, o := range found {
		if o.Organization == org && o.Type == typ {
			byID[o.ID] = o
		}
	}
	out := found[:0]
	for _, id := range ids {
		if o, ok := byID[id]; ok {
			out = append(out, o)
			delete(byID, id)
		}
	}
	return out, nil
}

// Seen implements directory.Objects. It reads no documents: decoding a thousand of them to learn that they are there takes ten times as long.
func (r reader) Seen(ctx context.Context, org string, owner directory.Owner, ids []string) (map[string]string, error) {
	list, err := idList(ids, maxIDs)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	types := make(map[string]string, len(ids))
	_, err = collect(ctx, r.q, func(rows *sql.Rows) (struct{}, error) {
		var o directory.Object
		var deleted int64
		if err := rows.Scan(&o.ID, &o.Organization, &o.Type, &o.Owner, &deleted); err != nil {
			return struct{}{}, err
		}
		o.Deleted = fromMicros(deleted)
		if o.Organization == org && directory.Standard(o.Type) && o.Visible(owner) {
			types[o.ID] = o.Type
		}
		return struct{}{}, nil
	}, "select id, organization_id, type, owner, deleted from resource where id in (select id from "+r.d.list(1)+" l)", list)
	return types, r.d.fail("look up objects", err)
}

// Scan implements directory.Objects.
func (r reader) Scan(ctx context.Context, org, typ string, after int64, limit int) ([]directory.Object, error) {
	out, err := collect(ctx, r.q, scanObject,
		"select "+objectColumns+" from resource where organization_id = $1 and type = $2 and seq > $3 order by seq limit $4", org, typ, after, limit)
	return out, r.d.fail("scan objects", err)
}

// CountObjects implements directory.Objects.
func (r reader) CountObjects(ctx context.Context, org, typ string) (int, error) {
	var n int
	err := r.q.get(ctx, []any{&n}, "select count(*) from resource where organization_id = $1 and type = $2 and deleted = 0", org, typ)
	return n, r.d.fail("count objects", err)
}

// Reports implements directory.Objects.
func (r reader) Reports(ctx context.Context, org, manager string) ([]string, error) {
	// Written so that no index on type or deleted offers itself: SQLite would take it, and read the whole directory for each manager.
	out, err := texts(ctx, r.q, "select id from resource where organization_id = $1 and manager_id = $2 and type || '' = $3 and deleted + 0 = 0 order by id",
		org, manager, directory.User)
	return out, r.d.fail("read reports", err)
}

// idList is the JSON array of ids as dialect.list reads it.
func idList(ids []string, most int) (string, error) {
	if len(ids) > most {
		return "", fault.Errorf(fault.ErrInvalid, "%d ids in one call; at most %d are allowed", len(ids), most)
	}
	doc, err := json.Marshal(ids)
	if err != nil {
		return "", fmt.Errorf("encode ids: %w", err)
	}
	return string(doc), nil
}
