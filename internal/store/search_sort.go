package store

import (
	"database/sql"
	"strconv"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// limit ends a search: one row more than the page holds tells whether the list goes on. Pages by position have no offset.
func (f *renderer) limit(q directory.Query) string {
	text := " limit " + f.arg(q.Count+1)
	if !q.Keyset {
		text += " offset " + f.arg(q.Start)
	}
	return text
}

// created ends a search in the order of creation. An index gives it without sorting, which is right for everything but a filter that another index
// answers: the plus tells SQLite's planner, which has no statistics, that this one is no use for the order.
func (f *renderer) created(q directory.Query) string {
	column := "r.created"
	if q.Filter != nil && f.selective(q.Filter.Root()) {
		column = "+r.created"
	}
	compare, direction := " > ", ""
	if q.Backward {
		compare, direction = " < ", " desc"
	}
	text := ""
	if q.From != nil {
		text = " and (" + column + ", r.id)" + compare + "(" + f.arg(q.From.Key) + ", " + f.arg(q.From.ID) + ")"
	}
	return text + " order by " + column + direction + ", r.id" + direction
}

// sorted selects id and sort key of the rows in the order of SortBy; scim.ComparePositions says what it is.
func (f *renderer) sorted(where string, q directory.Query) (string, error) {
	key, err := f.sortKey(q.SortBy)
	if err != nil {
		return "", err
	}
	condition := ""
	if q.From != nil {
		condition = " where " + f.beyond(q)
	}
	id := ""
	if q.Backward {
		id = " desc"
	}
	order := "sort_key is null, sort_key, id" + id
	if q.Descending != q.Backward {
		order = "sort_key is null desc, sort_key desc, id" + id
	}
	return "select id, sort_key from (select r.id, " + key + " as sort_key" + where + ") sorted" + condition + " order by " + order, nil
}

// beyond is the condition for what lies behind From in the direction of reading. Without a value comes last when ascending, first when descending.
func (f *renderer) beyond(q directory.Query) string {
	id := "id > "
	if q.Backward {
		id = "id < "
	}
	id += f.arg(q.From.ID)
	nullsAhead := q.Descending == q.Backward // in the direction of reading, what has no value comes after what has one
	if q.From.Key == nil {
		if nullsAhead {
			return "(sort_key is null and " + id + ")"
		}
		return "(sort_key is not null or " + id + ")"
	}
	place := f.arg(f.d.sortable(q.From.Key))
	if nullsAhead {
		return "(sort_key is null or sort_key > " + place + " or (sort_key = " + place + " and " + id + "))"
	}
	return "(sort_key < " + place + " or (sort_key = " + place + " and " + id + "))"
}

// sortable is a sort key as a parameter. PostgreSQL compares numbers as numeric, which a double would reach rounded: text arrives as it is.
func (d *dialect) sortable(key any) any {
	if n, ok := key.(float64); ok && d.placeholder == '$' {
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	if n, ok := key.(int64); ok && d.placeholder == '$' {
		return strconv.FormatInt(n, 10)
	}
	return key
}

// scanPlace reads id and sort key. The databases give booleans and numbers in types of their own.
func scanPlace(leaf *scim.Attribute) func(*sql.Rows) (scim.Position, error) {
	return func(rows *sql.Rows) (p scim.Position, err error) {
		if err = rows.Scan(&p.ID, &p.Key); err != nil {
			return p, err
		}
		switch v := p.Key.(type) {
		case []byte:
			p.Key = string(v)
		case int64:
			if leaf.Type == scim.TypeBoolean {
				p.Key = v != 0
			}
		}
		if s, ok := p.Key.(string); ok && (leaf.Type == scim.TypeInteger || leaf.Type == scim.TypeDecimal) {
			if n, err := strconv.ParseInt(s, 10, 64); err == nil {
				p.Key = n
			} else if p.Key, err = strconv.ParseFloat(s, 64); err != nil {
				return p, err
			}
		}
		return p, nil
	}
}

// sortKey is the SQL expression that rows r of resource are ordered by: a column where there is one, else the value in the search document; of a
// multi-valued attribute the primary element's value, else the first's. scim.Path.CompareSort says what the order is.
func (f *renderer) sortKey(p *scim.Path) (string, error) {
	leaf := p.Leaf()
	if leaf == nil || p.Filter != nil {
		return "", scim.Errorf(400, scim.InvalidValue, "sortBy is %s; expected the name of one attribute", p)
	}
	if p.URN == "" {
		switch {
		case directory.Standard(f.typ) && (p.Attribute.Name == "members" || p.Attribute.Name == "groups"):
			return "", scim.Errorf(400, scim.InvalidValue, "sortBy is %s, by which nothing can be sorted; use displayName or userName", p)
		case p.Attribute.Name == "id":
			return "r.id", nil
		case p.Attribute.Name == "meta" && p.Sub != nil:
			return f.meta(p.Sub.Name, p.Sub)
		case p.Attribute.Name == uniqueName(f.typ) && leaf.Folds():
			return cutKey("r.unique_key"), nil
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

// leafValue reads a JSON value as the type that its attribute is ordered by; of a text only so much that a cursor can hold it.
func (f *renderer) leafValue(a *scim.Attribute, base string, path []string) string {
	switch a.Type {
	case scim.TypeBoolean:
		return f.d.json.boolean(base, path...)
	case scim.TypeDateTime:
		return f.d.json.integer(base, path...)
	case scim.TypeInteger, scim.TypeDecimal:
		return f.d.json.number(base, path...)
	}
	return cutKey(f.d.json.text(base, path...))
}

// cutKey is scim.CutSortKey.
func cutKey(text string) string {
	return "substr(" + text + ", 1, " + strconv.Itoa(scim.MaxSortKey) + ")"
}
