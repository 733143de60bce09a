package store

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// LocalByEmail implements directory.Tx.
func (t *tx) LocalByEmail(ctx context.Context, org, address string) ([]directory.Object, error) {
	if address == "" {
		return nil, nil
	}
	out, err := collect(ctx, t.q, scanObject, "select "+objectColumns+" from resource where organization_id = $1 and email_key = $2 order by id limit 2",
		org, scim.Fold(address))
	return out, t.d.fail("look for an e-mail address", err)
}

// AdministratorEmails implements directory.Tx.
func (t *tx) AdministratorEmails(ctx context.Context, org string, lock bool) ([]string, error) {
	text := "select email from administrator where organization_id = $1 order by email"
	if lock {
		text += t.d.lock
	}
	out, err := texts(ctx, t.q, text, org)
	return out, t.d.fail("read the administrators", err)
}

// UsersByAddress implements directory.Tx. No index has all addresses of everybody: that would cost every write of a person, and this is asked only when an
// administrator is about to lose an account. The active user of that name, whom an index finds, is answer enough.
func (t *tx) UsersByAddress(ctx context.Context, org, address string) ([]directory.Object, error) {
	named, err := t.ObjectByName(ctx, org, directory.User, address)
	if err == nil && named.Active() {
		return []directory.Object{named}, nil
	}
	f := &renderer{d: t.d, typ: directory.User}
	text := "select " + objectColumns + " from resource r where r.organization_id = " + f.arg(org) + " and r.type = " + f.arg(directory.User) +
		" and (" + f.d.json.text("r.search", "userName") + " = " + f.arg(address) + " or exists (select 1 from " + f.d.json.each("e", "r.search", "emails") +
		" where " + f.d.json.text("e.value", "value") + " = " + f.arg(address) + "))"
	out, err := collect(ctx, t.q, scanObject, text, f.args...)
	return out, t.d.fail("look for an address", err)
}
