package scim

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// Update changes the named attributes of an entry with the smallest request the service understands.
//
// The first attempt is a PATCH without having read the entry: one operation an attribute, `replace`, `remove` or (to a list) `add`, each with its path.
// RFC 7644 section 3.5.2.3 has replace act as add where there was no value, so this is right for every conforming service, save one case: `replace` of
// emails[type eq "work"].value where there is no work address is an error (noTarget) to the strict, while Entra's way of sending it made most
// services create the element. When a service refuses, the entry is read, and the exact PATCH for its state is sent: `add` for what is missing, a
// whole new element where the brackets pick none, no `remove` of what is not there. A service that needed that once is read first from then on.
//
// PUT (read, change, write with If-Match) is for services that say that they have no PATCH, or that answer it with 405 or 501.
func (t *Target) Update(ctx context.Context, typ, id string, assignments []provisioning.Assignment) error {
	if len(assignments) == 0 {
		return nil
	}
	t.prepare(ctx)
	changes, err := changesOf(t.client.Schemas(typ), assignments)
	if err != nil {
		return err
	}
	if t.mustPut(typ) {
		return t.put(ctx, typ, id, apply(changes))
	}
	return t.orPut(ctx, typ, id, t.patch(ctx, typ, id, changes), apply(changes))
}

// patch sends the changes as PATCH, exact ones where the short ones are refused. It returns the client's error.
func (t *Target) patch(ctx context.Context, typ, id string, changes []change) error {
	if t.strict.Load() && filtered(changes) {
		return t.patchExactly(ctx, typ, id, changes, nil)
	}
	operations := shortOperations(changes)
	err := t.send(ctx, typ, id, operations, "")
	if !refusedTarget(err, changes) {
		return err
	}
	switch exact := t.patchExactly(ctx, typ, id, changes, operations); {
	case errors.Is(exact, errSame):
		return err
	case exact != nil:
		return exact
	}
	if filtered(changes) {
		t.strict.Store(true)
	}
	return nil
}

// errSame says that the exact operations are those that were refused already.
var errSame = errors.New("no other operations are possible")

func (t *Target) patchExactly(ctx context.Context, typ, id string, changes []change, tried []scimclient.Operation) error {
	for try := 1; ; try++ {
		current, version, err := t.client.Get(ctx, typ, id, unread(typ)...)
		if err != nil {
			return err
		}
		operations := exactOperations(current, changes)
		if len(operations) == 0 {
			return nil
		}
		if reflect.DeepEqual(operations, tried) {
			return errSame
		}
		if !t.conditional(version, false) {
			version = ""
		}
		err = t.send(ctx, typ, id, operations, version)
		if scimclient.StatusOf(err) != http.StatusPreconditionFailed || try == putTries {
			return err
		}
	}
}

// send sends a PATCH in the service's dialect. version, if not empty, makes it conditional.
func (t *Target) send(ctx context.Context, typ, id string, operations []scimclient.Operation, version string) error {
	return t.client.PatchVersion(ctx, typ, id, t.cfg.Dialect.encode(operations), version)
}

// shortOperations is what can be said without knowing the entry.
func shortOperations(changes []change) []scimclient.Operation {
	out := make([]scimclient.Operation, len(changes))
	for i, c := range changes {
		out[i] = scimclient.Operation{Op: "replace", Path: c.path.String(), Value: c.value}
		switch {
		case c.value == nil:
			out[i].Op = "remove"
		case c.add:
			out[i].Op = "add"
		}
	}
	return out
}

// exactOperations is what takes the entry as it is to what it shall be. New elements of one attribute, and what several changes say of one new
// element, go into one add.
func exactOperations(current scim.Resource, changes []change) []scimclient.Operation {
	var out []scimclient.Operation
	added := scim.Resource{}
	where := map[string]int{} // attribute → its add in out
	for _, c := range changes {
		has := len(c.path.Values(current)) > 0
		switch {
		case c.add:
			if missing := c.missing(current); len(missing) > 0 {
				out = append(out, scimclient.Operation{Op: "add", Path: c.path.String(), Value: missing})
			}
		case c.value == nil && !has:
		case c.value == nil:
			out = append(out, scimclient.Operation{Op: "remove", Path: c.path.String()})
		case c.path.Filtered() && !c.path.Picks(current):
			c.path.Set(added, c.value)
			attribute := c.path.Attribute()
			if _, ok := where[attribute]; !ok {
				where[attribute] = len(out)
				out = append(out, scimclient.Operation{Op: "add", Path: attribute})
			}
			out[where[attribute]].Value = c.path.Elements(added)
		case !has:
			out = append(out, scimclient.Operation{Op: "add", Path: c.path.String(), Value: c.value})
		default:
			out = append(out, scimclient.Operation{Op: "replace", Path: c.path.String(), Value: c.value})
		}
	}
	return out
}

func filtered(changes []change) bool {
	for _, c := range changes {
		if c.path.Filtered() {
			return true
		}
	}
	return false
}

// refusedTarget reports whether a PATCH was refused for a reason that knowing the entry could mend: noTarget by its name; where something is picked
// by brackets or removed, any other 400 that does not name another reason, because services name this one in many ways.
func refusedTarget(err error, changes []change) bool {
	e, ok := errors.AsType[*scimclient.Error](err)
	if !ok || e.Kind != scimclient.KindStatus || e.Status != http.StatusBadRequest {
		return false
	}
	switch e.ScimType {
	case scim.NoTarget:
		return true
	case scim.Uniqueness, scim.Mutability, scim.InvalidSyntax, scim.TooMany, scim.Sensitive:
		return false
	}
	removes := false
	for _, c := range changes {
		removes = removes || c.value == nil
	}
	return removes || filtered(changes)
}
