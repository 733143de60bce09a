package store

import "strings"

// jsonDialect reads values out of JSON in SQL. base is an SQL expression of a JSON value (the search document, or an element of one of its lists), path
// the names of nested members. Each value is null where there is none.
type jsonDialect interface {
	text(base string, path ...string) string    // compares bytewise
	integer(base string, path ...string) string // exact, 64 bits
	number(base string, path ...string) string
	boolean(base string, path ...string) string
	// each is a table with the columns key (position, ascending) and value (JSON) of the elements of the list at path; empty when there is no list.
	each(alias, base string, path ...string) string
}

// find is the function that gives the position of a text in another one, 1 for the first character, 0 for nowhere.
func (d *dialect) find(text, part string) string {
	if d.placeholder == '?' {
		return "instr(" + text + ", " + part + ")"
	}
	return "strpos(" + text + ", " + part + ")"
}

// quoted is an SQL string literal. Names in paths come from schemas, never from requests; they are quoted all the same.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

type sqliteJSON struct{}

func (sqliteJSON) extract(base string, path []string) string {
	if len(path) == 0 {
		return base // json_each gives scalars as SQL values
	}
	return "json_extract(" + base + ", " + sqlitePath(path) + ")"
}

// sqlitePath is $."a"."b". A double quote cannot be written inside a name of SQLite's paths; schemas have none.
func sqlitePath(path []string) string {
	return quoted(`$."` + strings.Join(path, `"."`) + `"`)
}

func (j sqliteJSON) text(base string, path ...string) string    { return j.extract(base, path) }
func (j sqliteJSON) integer(base string, path ...string) string { return j.extract(base, path) }
func (j sqliteJSON) number(base string, path ...string) string  { return j.extract(base, path) }
func (j sqliteJSON) boolean(base string, path ...string) string { return j.extract(base, path) }

func (sqliteJSON) each(alias, base string, path ...string) string {
	return "json_each(" + base + ", " + sqlitePath(path) + ") " + alias
}

type postgresJSON struct{}

// get is the jsonb value at path.
func (postgresJSON) get(base string, path []string) string {
	for _, name := range path {
		base += " -> " + quoted(name)
	}
	return "(" + base + ")"
}

func (j postgresJSON) text(base string, path ...string) string {
	return "((" + j.get(base, path) + ` #>> '{}') collate "C")`
}

func (j postgresJSON) integer(base string, path ...string) string {
	return "(" + j.get(base, path) + " #>> '{}')::bigint"
}

func (j postgresJSON) number(base string, path ...string) string {
	return "(" + j.get(base, path) + " #>> '{}')::numeric"
}

func (j postgresJSON) boolean(base string, path ...string) string {
	return "(" + j.get(base, path) + " #>> '{}')::boolean"
}

func (j postgresJSON) each(alias, base string, path ...string) string {
	list := j.get(base, path)
	// The planner may evaluate the function before any other condition, so the guard is part of its argument.
	return "jsonb_array_elements(case jsonb_typeof(" + list + ") when 'array' then " + list + " else '[]'::jsonb end) with ordinality " +
		alias + " (value, key)"
}
