package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// uniqueValues are the values of a live object that must be its own, but for its unique name, which has a column. They are sorted, so that two
// transactions wait for one another in the same order.
func uniqueValues(rt *scim.ResourceType, o directory.Object) []scim.UniqueValue {
	if !o.Live() {
		return nil
	}
	values := slices.DeleteFunc(rt.UniqueValues(o.Attributes), func(v scim.UniqueValue) bool {
		return directory.Standard(o.Type) && v.Path == uniqueName(o.Type)
	})
	for i, v := range values {
		values[i].Key = uniqueText(v.Attribute, v.Key, v.Secret)
	}
	slices.SortFunc(values, compareUnique)
	return slices.CompactFunc(values, func(a, b scim.UniqueValue) bool { return compareUnique(a, b) == 0 })
}

// uniqueText is how a value is stored: secret or long ones as a hash.
func uniqueText(attribute, key string, secret bool) string {
	if !secret && len(key) <= maxKey {
		return "=" + key
	}
	sum := sha256.Sum256([]byte(attribute + "\x00" + key))
	return "#" + hex.EncodeToString(sum[:])
}

// unique is the row of unique_value that answers the comparison as well as the document would; ok is false when there is none.
func (f *renderer) unique(n *scim.Compare) (attribute, value string, ok bool) {
	ref := n.Attr
	if n.Op != scim.Eq || f.rt == nil || !ref.Attribute.IsUnique() || ref.Name == uniqueName(f.typ) && ref.URN == "" {
		return "", "", false
	}
	key := n.Value.UniqueKey()
	if attribute = ref.String(); ref.URN == "" {
		attribute = f.rt.Schema.ID + ":" + attribute
	}
	defined := slices.Contains(f.rt.UniqueAttributes(), attribute) // not of what every resource has
	return attribute, uniqueText(attribute, key, false), defined && key != ""
}

func compareUnique(a, b scim.UniqueValue) int {
	if c := strings.Compare(a.Attribute, b.Attribute); c != 0 {
		return c
	}
	return strings.Compare(a.Key, b.Key)
}

// free refuses, with a *directory.TakenError, an object with a unique value that another one has: before anything is written, because the caller may go on
// after that.
func (t *tx) free(ctx context.Context, rt *scim.ResourceType, o directory.Object) error {
	for _, v := range uniqueValues(rt, o) {
		var taken int
		err := t.q.get(ctx, []any{&taken}, `select count(*) from unique_value where organization_id = $1 and attribute = $2 and value = $3 and resource_id <> $4`,
			o.Organization, v.Attribute, v.Key, o.ID)
		if err != nil {
			return t.d.fail("look for a unique value", err)
		}
		if taken > 0 {
			return &directory.TakenError{Type: o.Type, Value: v}
		}
	}
	return nil
}

// claim makes the unique values of an object its own. Another transaction that took one since free looked has won: then this one is run again.
func (t *tx) claim(ctx context.Context, rt *scim.ResourceType, o directory.Object) error {
	for _, v := range uniqueValues(rt, o) {
		n, err := t.q.exec(ctx, `insert into unique_value (organization_id, attribute, value, resource_id) values ($1, $2, $3, $4) on conflict do nothing`,
			o.Organization, v.Attribute, v.Key, o.ID)
		if err != nil {
			return t.d.fail("store a unique value", err)
		}
		if n == 0 {
			taken := &directory.TakenError{Type: o.Type, Value: v}
			return &databaseError{op: "store a unique value", kind: failRetry, meaning: taken, text: taken.Error(), err: taken}
		}
	}
	return nil
}

// release gives up the unique values of an object. Types without any are not asked for.
func (t *tx) release(ctx context.Context, rt *scim.ResourceType, o directory.Object) error {
	if !hasUnique(rt) {
		return nil
	}
	_, err := t.q.exec(ctx, "delete from unique_value where resource_id = $1", o.ID)
	return t.d.fail("give up unique values", err)
}

// ForgetUnique implements directory.Tx.
func (t *tx) ForgetUnique(ctx context.Context, org string, attributes []string) error {
	for _, a := range attributes {
		if _, err := t.q.exec(ctx, "delete from unique_value where organization_id = $1 and attribute = $2", org, a); err != nil {
			return t.d.fail("give up unique values", err)
		}
	}
	return nil
}

// hasUnique reports whether objects of the type may have rows of unique values.
func hasUnique(rt *scim.ResourceType) bool {
	n := rt.CountUnique()
	if directory.Standard(rt.Name) {
		n-- // the unique name
	}
	return n > 0
}
