package store

import (
	"github.com/rollcall-id/rollcall/scim"
)

// sortKey is the SQL expression that rows r of resource are ordered by: a column where there is one, else the value in the search document; of a
// multi-valued attribute the primary element's value, else the first's. scim.Path.CompareSort says what the order is.
func (f *renderer) sortKey(p *scim.Path) (string, error) {
	leaf := p.Leaf()
	if leaf == nil || p.Filter != nil {
		return "", scim.Errorf(400, scim.InvalidValue, "sortBy is %s; expected the name of one attribute", p)
	}
	if p.URN == "" {
		switch {
		case p.Attribute.Name == "members", p.Attribute.Name == "groups":
			return "", scim.Errorf(400, scim.InvalidValue, "sortBy is %s, by which nothing can be sorted; use displayName or userName", p)
		case p.Attribute.Name == "id":
			return "r.id", nil
		case p.Attribute.Name == "meta" && p.Sub != nil:
			return f.meta(p.Sub.Name, p.Sub)
		case p.Attribute.Name == uniqueName(f.typ) && leaf.Folds():
			return "r.unique_key", nil
		case p.Attribute.Name == "active":
			return "r.active", nil
		}
	}
	path := []string{p.Attribute.Name}
	if p.URN != "" {
		path = []string{p.URN, p.Attribute.Name}
	}
	var sub []string
	if p.Sub != nil {
		sub = []string{p.Sub.Name}
	}
	if !p.Attribute.MultiValued {
		return f.leafValue(leaf, "r.search", append(path, sub...)), nil
	}
	e := f.alias()
	order := e + ".key"
	if p.Attribute.Type == scim.TypeComplex {
		order = "case when " + f.d.json.boolean(e+".value", "primary") + " then 0 else 1 end, " + order
	}
	return "(select " + f.leafValue(leaf, e+".value", sub) + " from " + f.d.json.each(e, "r.search", path...) + " order by " + order + " limit 1)", nil
}

// leafValue reads a JSON value as the type that its attribute is ordered by.
func (f *renderer) leafValue(a *scim.Attribute, base string, path []string) string {
	switch a.Type {
	case scim.TypeBoolean:
		return f.d.json.boolean(base, path...)
	case scim.TypeDateTime:
		return f.d.json.integer(base, path...)
	case scim.TypeInteger, scim.TypeDecimal:
		return f.d.json.number(base, path...)
	}
	return f.d.json.text(base, path...)
}
