package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// rowKeys are the indexed columns of a stored row, as they are there. SQLite writes every index anew that has a column in an UPDATE's list, whether its value
// changes or not; knowing the old values keeps the list short. The zero rowKeys are of no row.
type rowKeys struct {
	id                                        string
	unique, display, external, manager, email sql.NullString
	owner                                     directory.Owner
	deleted                                   int64
}

const lockedByID = "select " + objectColumns + `, unique_key, display_key, external_id, manager_id, email_key,
	not exists (select 1 from membership where member_id = resource.id) from resource` + objectWhere

func (k *rowKeys) dest() []any {
	return []any{&k.unique, &k.display, &k.external, &k.manager, &k.email}
}

// rowKeysOf are the keys that a row has with these columns.
func rowKeysOf(o directory.Object, c columns) rowKeys {
	return rowKeys{
		id: o.ID, unique: nullable(c.unique), display: nullable(c.display), external: nullable(c.external), manager: nullable(c.manager),
		email: nullable(c.email), owner: o.Owner, deleted: micros(o.Deleted),
	}
}

func nullable(v any) sql.NullString {
	s, ok := v.(string)
	return sql.NullString{String: s, Valid: ok}
}

// assignments is the list of an UPDATE while it is made.
type assignments struct {
	text strings.Builder
	args []any
}

func (a *assignments) arg(v any) string {
	a.args = append(a.args, v)
	return "$" + strconv.Itoa(len(a.args))
}

func (a *assignments) set(column string, v any) {
	if len(a.args) > 0 {
		a.text.WriteString(", ")
	}
	a.text.WriteString(column + " = " + a.arg(v))
}

// update is the statement that turns the row with the keys old into o. The name is checked inside the statement, because a violated index would end the whole
// transaction on PostgreSQL; the index still stands behind it for two transactions at once.
func (c columns) update(o directory.Object, old rowKeys) (text string, args []any) {
	a := assignments{args: make([]any, 0, 16)}
	a.set("version", o.Version)
	a.set("modified", micros(o.Modified))
	a.set("active", c.active)
	a.set("doc", c.doc)
	a.set("search", c.search)
	unknown, is := old.id != o.ID, rowKeysOf(o, c)
	for _, k := range []struct {
		column   string
		value    any
		was, now sql.NullString
	}{
		{"display_key", c.display, old.display, is.display},
		{"external_id", c.external, old.external, is.external},
		{"manager_id", c.manager, old.manager, is.manager},
		{"email_key", c.email, old.email, is.email},
	} {
		if unknown || k.was != k.now {
			a.set(k.column, k.value)
		}
	}
	if unknown || old.owner != is.owner {
		a.set("owner", o.Owner)
	}
	if unknown || old.deleted != is.deleted {
		a.set("deleted", is.deleted)
	}
	renamed := unknown || old.unique != is.unique
	if renamed {
		a.set("unique_key", c.unique)
	}
	where := " where id = " + a.arg(o.ID) + " and organization_id = " + a.arg(o.Organization) + " and type = " + a.arg(o.Type)
	if renamed {
		n := len(a.args)
		name, id, org, typ := strconv.Itoa(n-3), strconv.Itoa(n-2), strconv.Itoa(n-1), strconv.Itoa(n)
		where += " and not exists (select 1 from resource other where other.organization_id = $" + org + " and other.type = $" + typ +
			" and other.unique_key = $" + name + " and other.id <> $" + id + ")"
	}
	return "update resource set " + a.text.String() + where, a.args
}

// Update implements directory.Tx.
func (t *tx) Update(ctx context.Context, o directory.Object) error {
	rt, err := t.typeOf(ctx, o)
	if err != nil {
		return err
	}
	if err := t.free(ctx, rt, o); err != nil {
		return err
	}
	c, err := columnsOf(rt, o)
	if err != nil {
		return err
	}
	text, args := c.update(o, t.locked)
	n, err := t.q.exec(ctx, text, args...)
	if err == nil && n == 1 {
		t.locked = rowKeysOf(o, c)
		if err = t.release(ctx, rt, o); err == nil {
			err = t.claim(ctx, rt, o)
		}
		return err
	}
	if err != nil {
		err = t.d.fail("store a "+strings.ToLower(o.Type), err)
		if kindOf(err) == failUnique {
			return &databaseError{op: "store", kind: failUnique, meaning: fault.ErrConflict, text: nameConflict(o).Error(), err: err}
		}
		return err
	}
	if _, err := t.Object(ctx, o.Organization, o.Type, o.ID); err != nil {
		return err
	}
	return nameConflict(o)
}
