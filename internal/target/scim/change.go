package scim

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

var _ provisioning.Checker = (*Target)(nil)

// change is an assignment whose path was understood and whose value has the form the attribute needs.
type change struct {
	path  *scimclient.Path
	value any // nil: remove
	add   bool
	// element is the "value" of a complex attribute's elements, whose letter case counts or not; path itself where there is none.
	element *scimclient.Path
}

// changesOf reads assignments. A value that the attribute cannot take is an error here, before anything is sent: services take a list for a text, or keep
// one of its values, and say nothing.
func changesOf(schemas scimclient.Schemas, assignments []provisioning.Assignment) ([]change, error) {
	out := make([]change, 0, len(assignments))
	for _, a := range assignments {
		p, err := schemas.ParsePath(a.Path)
		if err != nil {
			return nil, mappingError(err)
		}
		c := change{path: p, add: a.Add, element: p}
		if p.Type() == scim.TypeComplex && p.Multi() {
			if c.element, err = schemas.ParsePath(a.Path + ".value"); err != nil {
				return nil, mappingError(err)
			}
		}
		if a.Value != nil {
			c.value = p.Coerce(a.Value)
		}
		if err := c.fits(); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Check implements provisioning.Checker.
func (t *Target) Check(ctx context.Context, typ string, assignments []provisioning.Assignment) error {
	t.prepare(ctx)
	_, err := changesOf(t.client.Schemas(typ), assignments)
	return err
}

// fits checks the value against what the schema says of the attribute. Where no schema says anything, the service judges.
func (c change) fits() error {
	list, isList := c.value.([]any)
	switch {
	case c.value == nil || !c.path.Known():
		return nil
	case isList && !c.path.Multi():
		return c.misfit(onlyOneValue, fmt.Sprintf("the mapping gives a list of %d, and the attribute takes one value: turn multiValued off", len(list)))
	case isList:
		for i, e := range list {
			if want := c.wants(e); want != "" {
				return c.misfit(unprocessable, fmt.Sprintf("value %d of %d is not what the attribute takes: expected %s", i+1, len(list), want))
			}
		}
		return nil
	}
	if want := c.wants(c.value); want != "" {
		return c.misfit(unprocessable, "the value is not what the attribute takes: expected "+want)
	}
	return nil
}

// wants says what the attribute takes where that is not v; empty: it takes v. Text is anything that is no object.
func (c change) wants(v any) string {
	_, isObject := v.(map[string]any)
	switch typ := c.path.Type(); {
	case typ == scim.TypeComplex && !isObject:
		return "its parts: map each by itself, such as name.givenName"
	case typ == scim.TypeComplex:
		return ""
	case isObject:
		return "a single value without parts"
	case typ == scim.TypeBoolean:
		if _, ok := v.(bool); !ok {
			return "true or false"
		}
	case typ == scim.TypeInteger:
		if _, ok := v.(int64); !ok {
			return "a whole number"
		}
	case typ == scim.TypeDecimal:
		if _, ok := v.(string); ok {
			return "a number"
		}
	case typ == scim.TypeDateTime:
		text, _ := v.(string)
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			return "a date and time such as 2026-03-01T08:00:00Z"
		}
	case typ == scim.TypeBinary:
		text, _ := v.(string)
		if _, err := base64.StdEncoding.DecodeString(text); err != nil {
			return "base64"
		}
	}
	return ""
}

// misfit names the row by its target path, which is the row's own. The value itself may be secret and is not shown.
func (c change) misfit(code, what string) error {
	return &provisioning.TargetError{Code: code, Detail: c.path.String() + ": " + what + " — it is not sent; correct the attribute mapping"}
}

// missing are the values of an addition that the resource does not have.
func (c change) missing(r scim.Resource) []any {
	list, ok := c.value.([]any)
	if !ok {
		list = []any{c.value}
	}
	var out []any
	for _, v := range list {
		if !c.has(r, v) {
			out = append(out, v)
		}
	}
	return out
}

// has compares complex values by their "value" where they have one, and by every part of v otherwise.
func (c change) has(r scim.Resource, v any) bool {
	for _, e := range c.path.Elements(r) {
		if c.alike(v, e) {
			return true
		}
	}
	return false
}

func (c change) alike(v, e any) bool {
	a, complexA := v.(map[string]any)
	b, complexB := e.(map[string]any)
	switch {
	case complexA && complexB && a["value"] != nil:
		return c.element.Equal(fmt.Sprint(a["value"]), fmt.Sprint(b["value"]))
	case complexA && complexB:
		for k, part := range a {
			if !strings.EqualFold(fmt.Sprint(part), fmt.Sprint(b[k])) {
				return false
			}
		}
		return true
	case complexA || complexB:
		return false
	}
	return c.path.Equal(fmt.Sprint(v), fmt.Sprint(e))
}
