package store

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// documentColumns are what a document needs of the row r. Whether a user is in a group at all is a look into an index that is open anyway, and spares most
// people a statement of their own.
func documentColumns(typ string) string {
	member := "false"
	if typ == directory.User {
		member = "exists (select 1 from membership m where m.member_id = r.id)"
	}
	return "r.id, r.owner, r.version, r.created, r.modified, r.doc, " + member
}

// documentRow is one row of documentColumns while it is scanned.
type documentRow struct {
	d                 directory.Document
	created, modified int64
}

func (r *documentRow) dest() []any {
	return []any{&r.d.ID, &r.d.Owner, &r.d.Version, &r.created, &r.modified, &r.d.Attributes, &r.d.Member}
}

func (r *documentRow) document() directory.Document {
	r.d.Created, r.d.Modified = fromMicros(r.created), fromMicros(r.modified)
	return r.d
}

// Document implements directory.Objects.
func (r reader) Document(ctx context.Context, org, typ, id string) (directory.Document, error) {
	var row documentRow
	err := r.q.get(r.short(ctx), row.dest(), documentByID(typ), id, org, typ)
	return row.document(), r.d.absent("read an object", err, "there is no %s with id %q in this organization", typ, id)
}

const documentWhere = " from resource r where r.id = $1 and r.organization_id = $2 and r.type = $3 and r.deleted = 0"

var documentByUserID, documentByOtherID = "select " + documentColumns(directory.User) + documentWhere, "select " + documentColumns("") + documentWhere

func documentByID(typ string) string {
	if typ == directory.User {
		return documentByUserID
	}
	return documentByOtherID
}

// Documents implements directory.Objects.
func (r reader) Documents(ctx context.Context, org, typ string, q directory.Query) (directory.Page, error) {
	return r.timed(ctx, org, typ, q, true)
}

// short is the context for a statement that touches a few rows. database/sql watches over a context that can end with a goroutine for each statement, which
// costs more than what it could save here; SQLite has an answer within microseconds.
func (r reader) short(ctx context.Context) context.Context {
	if r.d.embedded() {
		return context.WithoutCancel(ctx)
	}
	return ctx
}
