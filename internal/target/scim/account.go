package scim

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
)

// Find returns the entries whose attribute equals value; each was checked to have it.
func (t *Target) Find(ctx context.Context, typ, attribute, value string) ([]provisioning.Entry, error) {
	if _, err := t.client.Schemas(typ).ParsePath(attribute); err != nil {
		return nil, mappingError(err)
	}
	t.prepare(ctx)
	found, err := t.client.Find(ctx, typ, attribute, value, unread(typ)...)
	if err != nil {
		return nil, targetError(finding, err)
	}
	entries := make([]provisioning.Entry, len(found))
	for i, r := range found {
		entries[i] = entry(typ, r)
	}
	return entries, nil
}

// Read returns one entry, a group without its members.
func (t *Target) Read(ctx context.Context, typ, id string) (provisioning.Entry, error) {
	r, _, err := t.client.Get(ctx, typ, id, unread(typ)...)
	if err != nil {
		return provisioning.Entry{}, targetError(reading, err)
	}
	return entry(typ, r), nil
}

// Create makes an account from the assignments that have a value. A group is made without members: they follow in ChangeMembers.
func (t *Target) Create(ctx context.Context, typ string, attributes []provisioning.Assignment) (provisioning.Entry, error) {
	t.prepare(ctx)
	schemas := t.client.Schemas(typ)
	changes, err := changesOf(schemas, attributes)
	if err != nil {
		return provisioning.Entry{}, err
	}
	body := scim.Resource{}
	for _, c := range changes {
		if c.value != nil {
			c.path.Set(body, c.value)
		}
	}
	body["schemas"] = schemas.URNs(body)
	created, err := t.client.Create(ctx, typ, body)
	if err != nil {
		return provisioning.Entry{}, targetError(creating, err)
	}
	e := entry(typ, created)
	if e.Name == "" { // a service that answers with little more than the id
		e.Name = name(typ, body)
	}
	return e, nil
}

// Delete removes the entry. What it means that there is none is the engine's business.
func (t *Target) Delete(ctx context.Context, typ, id string) error {
	if err := t.client.Delete(ctx, typ, id); err != nil {
		return targetError(deleting, err)
	}
	return nil
}

func entry(typ string, r scim.Resource) provisioning.Entry {
	return provisioning.Entry{Type: typ, ID: r.ID(), Name: name(typ, r), Resource: r}
}

func name(typ string, r scim.Resource) string {
	key := "userName"
	if typ == "Group" {
		key = "displayName"
	}
	s, _ := r[key].(string)
	return s
}
