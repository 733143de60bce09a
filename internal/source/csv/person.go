package csv

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

// managerURN is the extension that keeps a person's manager (RFC 7643 section 4.3).
const managerURN = scim.URNEnterpriseUser

// read checks a row and returns its key and unique name. problem says why the row cannot be used; key is filled in as far as it is known.
func (l *layout) read(r *row) (key, name, problem string) {
	if r.problem != "" {
		return "", "", r.problem
	}
	key, name = r.values[l.key.index], r.values[l.name.index]
	switch {
	case key == "":
		return "", name, fmt.Sprintf("the row has no %s, which identifies a person", l.key.header)
	case len(scim.Fold(key)) > maxKey:
		return "", name, fmt.Sprintf("%s has %d bytes; at most %d are allowed", l.key.header, len(key), maxKey)
	case name == "":
		return key, "", fmt.Sprintf("the row has no %s; every person needs one", l.name.header)
	}
	if err := directory.CheckName(directory.User, name); err != nil {
		return key, name, err.Error()
	}
	if _, err := l.attributes(r.values, nil); err != nil {
		return key, name, err.Error()
	}
	return key, name, ""
}

// maxKey is the longest key of a person, in bytes.
const maxKey = 1024

// attributes returns what a person's attributes are when the row is applied to old ones: a column sets its attribute, an empty value removes it, and
// attributes without a column stay. The manager is set by setManager.
func (l *layout) attributes(values []string, old scim.Resource) (scim.Resource, error) {
	out := old.Clone()
	if out == nil {
		out = scim.Resource{}
	}
	for _, c := range l.columns {
		if err := c.apply(l.typ, values[c.index], out); err != nil {
			return nil, err
		}
	}
	if _, ok := out[active]; !ok && old == nil {
		out[active] = true // a new person is enabled unless the file says otherwise
	}
	return out, nil
}

// apply sets the attribute of the column in a resource of the type, which it changes; an empty cell removes it.
func (c column) apply(typ *scim.ResourceType, cell string, out scim.Resource) error {
	want, err := convert(c, cell)
	if err != nil {
		return err
	}
	if want == nil && c.path.String() == active {
		return nil // an empty cell says nothing about whether somebody may work: it neither enables nor disables anybody
	}
	have, ok := scim.Lookup(out, c.path)
	if ok && scim.Equal(have, want) || !ok && want == nil {
		return nil
	}
	if want == nil {
		err = typ.Remove(out, c.path)
	} else {
		err = typ.Set(out, c.path, want)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.header, err)
	}
	return nil
}

// active is the attribute that accountEnabled stands for.
const active = "active"

// convert turns the text of a cell into the attribute's type. nil: no value.
func convert(c column, text string) (any, error) {
	if !c.list {
		return single(c, text)
	}
	parts := split(text)
	if len(parts) > maxListed {
		return nil, fmt.Errorf("%s has %d values; at most %d are allowed", c.header, len(parts), maxListed)
	}
	var list []any
	seen := make(map[any]bool, len(parts))
	for _, part := range parts {
		v, err := single(c, part)
		if err != nil {
			return nil, err
		}
		if !seen[v] {
			seen[v], list = true, append(list, v)
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}

// maxListed is how many values a list may have in the directory.
const maxListed = 2000

// separator stands between the values of a list in one cell. It is none of the characters that separate columns, and no mail address or name holds one.
const separator = '|'

// split takes the cell of a list apart: blanks around a value do not count, nor do empty values, and \| is a | in a value.
func split(text string) []string {
	var parts []string
	var part strings.Builder
	end := func() {
		if s := strings.TrimSpace(part.String()); s != "" {
			parts = append(parts, s)
		}
		part.Reset()
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text) && text[i+1] == separator:
			i++
			part.WriteByte(separator)
		case c == separator:
			end()
		default:
			part.WriteByte(c)
		}
	}
	end()
	return parts
}

// suspect returns the header of a column of lists whose cell looks as if ; separated its values, "" when there is none. It names each column once.
func (l *layout) suspect(values []string) string {
	for _, c := range l.columns {
		if text := values[c.index]; c.list && !l.suspects[c.index] && strings.IndexByte(text, ';') >= 0 && strings.IndexByte(text, separator) < 0 {
			l.suspects[c.index] = true
			return c.header
		}
	}
	return ""
}

// single turns one value into the attribute's type. nil: no value.
func single(c column, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	switch c.kind {
	case scim.TypeBoolean:
		switch strings.ToLower(text) {
		case "true", "yes", "1":
			return true, nil
		case "false", "no", "0":
			return false, nil
		}
		return nil, fmt.Errorf("%s is %q; expected is true or false", c.header, brief(text))
	case scim.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %q; expected is a whole number", c.header, brief(text))
		}
		return n, nil
	case scim.TypeDecimal:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%s is %q; expected is a number such as 3.5", c.header, brief(text))
		}
		return f, nil
	case scim.TypeDateTime:
		if _, err := time.Parse(time.RFC3339, text); err == nil {
			return text, nil
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return nil, fmt.Errorf("%s is %q; expected is a date such as 2026-03-01 or 2026-03-01T08:00:00Z", c.header, brief(text))
		}
		return day.Format(time.RFC3339), nil
	}
	return text, nil
}

// managerOf returns the id of the person's manager, "" when there is none.
func managerOf(attributes scim.Resource) string {
	extension, _ := attributes[managerURN].(map[string]any)
	manager, _ := extension["manager"].(map[string]any)
	id, _ := manager["value"].(string)
	return id
}

// setManager sets the person's manager in attributes, which it changes. An empty id removes it.
func setManager(attributes scim.Resource, id string) {
	if managerOf(attributes) == id {
		return
	}
	extension, _ := attributes[managerURN].(map[string]any)
	if id == "" {
		delete(extension, "manager")
		if len(extension) == 0 {
			delete(attributes, managerURN)
		}
		return
	}
	if extension == nil {
		extension = map[string]any{}
		attributes[managerURN] = extension
	}
	extension["manager"] = map[string]any{"value": id}
}

// brief keeps the text of a cell from flooding a message.
func brief(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
