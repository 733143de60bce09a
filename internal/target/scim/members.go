package scim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

const groupType = "Group"

// ChangeMembers adds and removes members of a group by their target ids, in batches and one request at a time for each group: concurrent writes to
// one group lose updates at more than one service. Additions come first, because some services refuse a group that is empty in between.
//
// A removal names its member in the path. The other form in use, a remove of "members" with a list of values, is sent only in the dialect Entra, which
// somebody has to choose: a service that does not know it empties the group.
//
// When a service refuses a batch, it is halved until the members that it objects to are found; all others are written. The error names them.
func (t *Target) ChangeMembers(ctx context.Context, group string, add, remove []string) error {
	add, remove = distinct(add), distinct(remove)
	if len(add)+len(remove) == 0 {
		return nil
	}
	unlock, err := t.groups.lock(ctx, group)
	if err != nil {
		return targetError(updating, err)
	}
	defer unlock()
	t.prepare(ctx)
	edit := func(r scim.Resource) { editMembers(r, add, remove) }
	if t.mustPut(groupType) {
		return t.put(ctx, groupType, group, edit)
	}
	w := &memberWriter{target: t, group: group}
	err = w.all(ctx, add, t.cfg.Dialect.addMembers)
	if err == nil {
		err = w.all(ctx, remove, t.cfg.Dialect.removeMembers)
	}
	if err != nil {
		return t.orPut(ctx, groupType, group, err, edit)
	}
	return w.report(len(add) + len(remove))
}

func distinct(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// editMembers is the change for PUT.
func editMembers(r scim.Resource, add, remove []string) {
	list, _ := r["members"].([]any)
	kept := make([]any, 0, len(list)+len(add)) // an empty list, not null, clears the members
	there := map[string]bool{}
	for _, e := range list {
		m, _ := e.(map[string]any)
		id, _ := m["value"].(string)
		if _, gone := slices.BinarySearch(remove, id); gone || there[id] {
			continue
		}
		there[id] = true
		kept = append(kept, e)
	}
	for _, id := range add {
		if !there[id] {
			kept = append(kept, map[string]any{"value": id})
		}
	}
	r["members"] = kept
}

// memberWriter writes members in batches and remembers those that were refused.
type memberWriter struct {
	target  *Target
	group   string
	exists  bool // the group was seen after a 404
	refused []string
	first   *scimclient.Error // why the first of them was refused
}

type operationsOf func(ids []string) []scimclient.Operation

// all writes the ids. Its error means that nothing more can be done: the group is gone, or the service failed.
func (w *memberWriter) all(ctx context.Context, ids []string, of operationsOf) error {
	for batch := range slices.Chunk(ids, w.target.cfg.MemberBatch) {
		if err := w.some(ctx, batch, of); err != nil {
			return err
		}
	}
	return nil
}

func (w *memberWriter) some(ctx context.Context, ids []string, of operationsOf) error {
	operations := of(ids)
	err := w.target.send(ctx, groupType, w.group, operations, "")
	e, ok := errors.AsType[*scimclient.Error](err)
	if !ok || !divisible(e) {
		return err
	}
	if e.Status == http.StatusNotFound && !w.exists {
		// 404 may mean the group or one of the members.
		if _, _, err := w.target.client.Get(ctx, groupType, w.group, "members"); err != nil {
			return err
		}
		w.exists = true
	}
	if len(ids) > 1 {
		if err := w.some(ctx, ids[:len(ids)/2], of); err != nil {
			return err
		}
		return w.some(ctx, ids[len(ids)/2:], of)
	}
	if !already(e, operations[0].Op) {
		w.refused = append(w.refused, ids[0])
		if w.first == nil {
			w.first = e
		}
	}
	return nil
}

// divisible reports refusals that may be due to a single member of the batch, or to its size.
func divisible(e *scimclient.Error) bool {
	if e.Kind != scimclient.KindStatus {
		return false
	}
	switch e.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// already recognises the ways of saying that a member is there, or not there, already.
func already(e *scimclient.Error, op string) bool {
	if op == "add" {
		return e.Status == http.StatusConflict
	}
	return e.Status == http.StatusNotFound || e.ScimType == scim.NoTarget
}

func (w *memberWriter) report(of int) error {
	if len(w.refused) == 0 {
		return nil
	}
	shown := w.refused[:min(len(w.refused), 5)]
	more := ""
	if len(w.refused) > len(shown) {
		more = fmt.Sprintf(" and %d more", len(w.refused)-len(shown))
	}
	e := targetErrorOf(updating, w.first)
	if e.Code == invalidAnchor { // the group is there: it is the member that is not
		e.Code, e.Status = unprocessable, http.StatusUnprocessableEntity
	}
	e.Detail = fmt.Sprintf("%d of %d member changes were refused, the others were made; refused: %s%s; %s",
		len(w.refused), of, strings.Join(shown, ", "), more, w.first.Detail)
	e.Refused = w.refused
	return e
}
