package provisioning

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/scope"
)

// The source attributes that point to other objects. A filter may name those by id or by name, so both are read where a filter asks.
const (
	attributeMemberOf = "memberOf"
	attributeManager  = "manager"
)

// kin is what a scoping filter asks about some objects besides their attributes: what time it is, which groups they belong to, and who manages them.
type kin struct {
	at       time.Time                     // relative dates count from here; one moment for a whole cycle
	groups   map[string][]scope.Referenced // live groups by the id of a member; nil: the filter does not ask
	managers map[string]scope.Referenced   // people by their own id; nil: the filter does not ask
}

// kinOf reads what the filter asks about a page of objects. People belong to groups directly, and to the groups above those where the application expands
// nested groups; groups belong to those that hold them directly.
func (r *rules) kinOf(ctx context.Context, dir directory.Reader, app application.Application, objects []directory.Object, at time.Time) (kin, error) {
	k := kin{at: at}
	if r.filter == nil || len(objects) == 0 {
		return k, nil
	}
	var err error
	if r.filter.Reads(attributeMemberOf) {
		if k.groups, err = groupNames(ctx, dir, app.Organization, identifiers(objects), app.Settings.NestedGroups && r.mapping.Source == directory.User); err != nil {
			return k, err
		}
	}
	if r.filter.Reads(attributeManager) {
		k.managers, err = managersOf(ctx, dir, app.Organization, objects)
	}
	return k, err
}

// groupNames returns the live groups that each of the members belongs to.
func groupNames(ctx context.Context, dir directory.Reader, org string, members []string, nested bool) (map[string][]scope.Referenced, error) {
	out := map[string][]scope.Referenced{}
	for chunk := range slices.Chunk(members, 2*pageSize) {
		above, err := groupsAbove(ctx, dir, org, nested, chunk)
		if err != nil {
			return nil, err
		}
		var ids set
		for _, a := range above {
			ids.add(a.Group)
		}
		groups, err := objectsByID(ctx, dir, org, directory.Group, ids.ids)
		if err != nil {
			return nil, err
		}
		for _, a := range above {
			if g, ok := groups[a.Group]; ok && g.Live() {
				out[a.Member] = append(out[a.Member], scope.Referenced{ID: g.ID, Name: g.Name()})
			}
		}
	}
	return out, nil
}

func groupsAbove(ctx context.Context, dir directory.Reader, org string, nested bool, members []string) ([]directory.Above, error) {
	if nested {
		above, err := dir.GroupsAbove(ctx, org, directory.OwnerLocal, members...)
		if err != nil {
			return nil, fmt.Errorf("read the groups above %d objects: %w", len(members), err)
		}
		return above, nil
	}
	rows, err := dir.GroupsOf(ctx, org, members...)
	if err != nil {
		return nil, fmt.Errorf("read the groups of %d objects: %w", len(members), err)
	}
	out := make([]directory.Above, 0, len(rows))
	for _, m := range rows {
		out = append(out, directory.Above{Group: m.Group, Member: m.Member, Direct: true})
	}
	return out, nil
}

// managersOf returns the people whom the objects name as their manager. One who left still is somebody's manager; one who is gone for good is nobody's.
func managersOf(ctx context.Context, dir directory.Reader, org string, objects []directory.Object) (map[string]scope.Referenced, error) {
	var ids set
	for _, o := range objects {
		if id := managerID(o); id != "" {
			ids.add(id)
		}
	}
	people, err := objectsByID(ctx, dir, org, directory.User, ids.ids)
	out := make(map[string]scope.Referenced, len(people))
	for id, p := range people {
		out[id] = scope.Referenced{ID: id, Name: p.Name()}
	}
	return out, err
}

func managerID(o directory.Object) string {
	v, _ := directory.StandardAttributes(o.Type).Read(o, attributeManager)
	id, _ := v.(string)
	return id
}

func objectsByID(ctx context.Context, dir directory.Reader, org, typ string, ids []string) (map[string]directory.Object, error) {
	out := make(map[string]directory.Object, len(ids))
	for chunk := range slices.Chunk(ids, 2*pageSize) {
		objects, err := dir.ObjectsByID(ctx, org, typ, chunk)
		if err != nil {
			return nil, fmt.Errorf("read %d objects: %w", len(chunk), err)
		}
		for _, o := range objects {
			out[o.ID] = o
		}
	}
	return out, nil
}

// Related implements scope.Relations.
func (o object) Related(name string) ([]scope.Referenced, bool) {
	switch {
	case o.kin.groups != nil && strings.EqualFold(name, attributeMemberOf):
		return o.kin.groups[o.ID], true
	case o.kin.managers != nil && strings.EqualFold(name, attributeManager):
		if m, ok := o.kin.managers[managerID(o.Object)]; ok {
			return []scope.Referenced{m}, true
		}
		return nil, true
	}
	return nil, false
}
