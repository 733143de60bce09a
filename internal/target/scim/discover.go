package scim

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

var _ provisioning.Describer = (*Target)(nil)

// maxRemarks bounds what is told of a service that describes itself badly.
const maxRemarks = 50

// Describe implements provisioning.Describer: from /Schemas, and /ResourceTypes where there is one. It takes what services really publish: a list, an
// array, a single schema, with members left out, null, or in another letter case.
func (t *Target) Describe(ctx context.Context) ([]provisioning.Description, error) {
	d, err := t.client.Discover(ctx)
	if err != nil {
		return nil, targetError(reading, err)
	}
	var out []provisioning.Description
	for _, typ := range []string{"User", "Group"} {
		if o := describe(d, typ); len(o.Attributes) > 0 {
			out = append(out, o)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	why := fmt.Sprintf("it describes %d schemas, and none of them is that of a User or Group", len(d.Schemas))
	if i := slices.IndexFunc(d.Missing, func(m string) bool { return strings.HasPrefix(m, "Schemas: ") }); i >= 0 {
		why = strings.TrimPrefix(d.Missing[i], "Schemas: ")
	}
	return nil, &provisioning.TargetError{Code: notImplemented, Detail: "the service does not say which attributes it has (GET /Schemas): " + why +
		"; everything works without: add the attributes that you need with `rollcall app attribute add`"}
}

// describe collects the attributes of one object type.
func describe(d *scimclient.Discovery, typ string) provisioning.Description {
	c := collector{Description: provisioning.Description{Type: typ}, standard: standard(typ), seen: map[string]bool{}}
	main, extensions := schemasOf(d, typ)
	if main != nil {
		c.add(mapping.ID())
		c.schema("", main.Attributes)
	}
	for _, e := range extensions {
		c.schema(e.ID, e.Attributes)
	}
	if more := len(c.Remarks) - maxRemarks; more > 0 {
		c.Remarks = append(c.Remarks[:maxRemarks], fmt.Sprintf("and %d more", more))
	}
	return c.Description
}

// schemasOf finds a type's own schema (nil: not published) and its extensions. A schema that no resource type claims belongs to the type that its URN
// ends with: /ResourceTypes may be missing or incomplete.
func schemasOf(d *scimclient.Discovery, typ string) (main *scim.Schema, extensions []*scim.Schema) {
	claimed := map[string]bool{}
	var own scimclient.ResourceType
	for _, t := range d.Types {
		for _, urn := range append([]string{t.Schema}, t.Extensions...) {
			claimed[strings.ToLower(urn)] = true
		}
		if own.Name == "" && (strings.EqualFold(t.Name, typ) || strings.EqualFold(strings.Trim(t.Endpoint, "/"), typ+"s")) {
			own = t
		}
	}
	for _, urn := range []string{own.Schema, "urn:ietf:params:scim:schemas:core:2.0:" + typ} {
		if main == nil {
			main = published(d, urn)
		}
	}
	for _, s := range d.Schemas {
		last := s.ID[strings.LastIndexByte(s.ID, ':')+1:]
		switch {
		case s == main:
		case slices.ContainsFunc(own.Extensions, func(urn string) bool { return strings.EqualFold(urn, s.ID) }):
			extensions = append(extensions, s)
		case claimed[strings.ToLower(s.ID)] || !strings.EqualFold(last, typ):
		case main == nil && !strings.Contains(strings.ToLower(s.ID), "extension"):
			main = s
		default:
			extensions = append(extensions, s)
		}
	}
	return main, extensions
}

func published(d *scimclient.Discovery, urn string) *scim.Schema {
	for _, s := range d.Schemas {
		if strings.EqualFold(s.ID, urn) {
			return s
		}
	}
	return nil
}

// collector gathers what can be a target attribute.
type collector struct {
	provisioning.Description
	standard map[string]mapping.Definition // by mapping.Key: what SCIM itself defines
	seen     map[string]bool
}

func (c *collector) schema(urn string, attributes []*scim.Attribute) {
	list, remarks := mapping.FromSchema(urn, attributes)
	c.Remarks = append(c.Remarks, remarks...)
	for _, d := range list {
		c.add(d)
	}
}

func (c *collector) add(d mapping.Definition) {
	if err := mapping.CheckDefinitions([]mapping.Definition{d}); err != nil {
		c.Remarks = append(c.Remarks, err.Error())
		return
	}
	key, err := mapping.Key(d.Name)
	switch {
	case err != nil || c.seen[key]:
		return
	case len(c.Attributes) == mapping.MaxDefinitions:
		c.Remarks = append(c.Remarks, d.Name+": the list is full")
		return
	}
	c.seen[key] = true
	if known, ok := c.standard[key]; ok { // as everybody spells and explains it
		d.Name = known.Name
		if d.Doc == "" {
			d.Doc = known.Doc
		}
	}
	c.Attributes = append(c.Attributes, d)
}

func standard(typ string) map[string]mapping.Definition {
	rt := scim.Core().Type(typ)
	list, _ := mapping.FromSchema("", rt.Schema.Attributes)
	for _, e := range rt.Extensions {
		more, _ := mapping.FromSchema(e.Schema.ID, e.Schema.Attributes)
		list = append(list, more...)
	}
	out := make(map[string]mapping.Definition, len(list))
	for _, d := range list {
		if key, err := mapping.Key(d.Name); err == nil {
			out[key] = d
		}
	}
	return out
}
