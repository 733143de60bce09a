package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// rowWord is a word of a row as people write it: KEY=VALUE.
type rowWord struct {
	key string
	set func(a *AttributeMapping, value string) error
}

// rowWords is the one table of the words that With takes.
func rowWords() []rowWord {
	return []rowWord{
		{"source", from(Direct)},
		{"constant", from(Constant)},
		{"expression", from(Expression)},
		{"none", setNone},
		{"default", func(a *AttributeMapping, value string) error { a.Default = value; return nil }},
		{"apply", setApply},
		{"when-empty", setWhenEmpty},
		{"matching", setMatching},
		{"flow-always", func(a *AttributeMapping, value string) (err error) { a.FlowAlways, err = onOff(value); return err }},
	}
}

// RowWords lists the keys of With.
func RowWords() []string {
	var names []string
	for _, w := range rowWords() {
		names = append(names, w.key)
	}
	return names
}

// With returns the row with each KEY=VALUE applied: source, constant and expression (or the bare word none) say where the value comes from; default,
// apply, when-empty, matching and flow-always are as the fields of their name, and empty to go back to what is usual. Whether the row makes sense,
// Compile tells. The error is fault.ErrInvalid.
func (a AttributeMapping) With(pairs ...string) (AttributeMapping, error) {
	seen := map[string]string{}
	for _, pair := range pairs {
		key, value, assigned := strings.Cut(pair, "=")
		key = strings.ToLower(strings.TrimSpace(key))
		i := slices.IndexFunc(rowWords(), func(w rowWord) bool { return w.key == key })
		if i < 0 || !assigned && key != string(None) {
			return a, unknownWord(pair, key, i >= 0)
		}
		what := key
		if i < 4 { // the words that say where the value comes from exclude one another
			what = "source"
		}
		if other, twice := seen[what]; twice {
			return a, invalid("%s and %s say the same thing twice: keep one of them", other, key)
		}
		seen[what] = key
		if err := rowWords()[i].set(&a, value); err != nil {
			return a, invalid("%s: %w", key, err)
		}
	}
	return a, nil
}

func unknownWord(pair, key string, known bool) error {
	if known {
		return invalid("%q has no value: expected %s=VALUE", pair, key)
	}
	if near := expression.Nearest(key, RowWords()); near != "" {
		return invalid("%q is not known: did you mean %s=?", pair, near)
	}
	return invalid("%q is not known: expected KEY=VALUE with one of the keys %s", pair, strings.Join(RowWords(), ", "))
}

func from(kind Kind) func(a *AttributeMapping, value string) error {
	return func(a *AttributeMapping, value string) error {
		a.Kind, a.Value = kind, value
		return nil
	}
}

func setNone(a *AttributeMapping, value string) error {
	if value != "" {
		return fmt.Errorf("it takes no value, and got %q", value)
	}
	a.Kind, a.Value = None, ""
	return nil
}

func setApply(a *AttributeMapping, value string) error {
	words := []Apply{Always, OnlyOnCreate, AddValues, AddOnly, WhenAbsent}
	if value == "" {
		value = string(Always)
	}
	if !slices.Contains(words, Apply(value)) {
		return fmt.Errorf("got %q: expected one of %s", value, joined(words))
	}
	a.Apply = Apply(value)
	return nil
}

func setWhenEmpty(a *AttributeMapping, value string) error {
	words := []WhenEmpty{Leave, Clear, UseDefault}
	if value != "" && !slices.Contains(words, WhenEmpty(value)) {
		return fmt.Errorf("got %q: expected one of %s, or nothing for the application's setting", value, joined(words))
	}
	a.WhenEmpty = WhenEmpty(value)
	return nil
}

func joined[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

func setMatching(a *AttributeMapping, value string) error {
	if value == "" || value == "off" || value == string(None) {
		value = "0"
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > maxRows {
		return fmt.Errorf("got %q: expected the precedence 1, 2, 3, or 0 for none", value)
	}
	a.Matching = n
	return nil
}

func onOff(value string) (bool, error) {
	switch strings.ToLower(value) {
	case "on", "true":
		return true, nil
	case "off", "false", "":
		return false, nil
	}
	return false, fmt.Errorf("got %q: expected on or off", value)
}

// SetRow returns the mapping with the row of a target attribute changed by the KEY=VALUE pairs, or with a new row at the end where there was none.
func (m *ObjectMapping) SetRow(target string, pairs ...string) (ObjectMapping, error) {
	out := *m
	out.Attributes = slices.Clone(out.Attributes)
	row, _ := out.Row(target)
	if row == nil {
		a := AttributeMapping{Target: target}
		if d := out.Definition(target); d != nil {
			a.Target = d.Name
		}
		_ = indexed(out.Definitions).define(&a) // Compile says what is wrong with the target
		a = a.filled()
		out.Attributes = append(out.Attributes, a)
		row = &out.Attributes[len(out.Attributes)-1]
	}
	changed, err := row.With(pairs...)
	if err != nil {
		return out, err
	}
	if changed.Kind == "" {
		return out, invalid("no row writes %s yet: say where its value comes from, with source=ATTRIBUTE, constant=TEXT, expression=EXPRESSION or none", target)
	}
	*row = changed
	return out, nil
}

// RemoveRow returns the mapping without the row of a target attribute. One that the target requires stays (spec/entra-provisioning.md 3.3).
func (m *ObjectMapping) RemoveRow(target string) (ObjectMapping, error) {
	out := *m
	row, number := out.Row(target)
	if row == nil {
		return out, out.notMapped(target)
	}
	required := row.Required
	if d := out.Definition(target); d != nil {
		required = d.Required
	}
	if required {
		return out, invalid("the target requires %s, so its row cannot be removed: let it write something else, or say that it is not required "+
			"with `rollcall app attribute set … --required=false`", row.Target)
	}
	out.Attributes = slices.Delete(slices.Clone(out.Attributes), number-1, number)
	return out, nil
}

func (m *ObjectMapping) notMapped(target string) error {
	rows := make([]Definition, len(m.Attributes))
	for i := range m.Attributes {
		rows[i].Name = m.Attributes[i].Target
	}
	if near := indexed(rows).nearest(target); near != "" {
		return invalid("no row writes %s: did you mean %s?", target, near)
	}
	return invalid("no row writes %s: `rollcall app show` lists the rows", target)
}

// WithActions returns the mapping with create, update, delete and enabled set by KEY=VALUE pairs.
func (m *ObjectMapping) WithActions(pairs ...string) (ObjectMapping, error) {
	out := *m
	switches := map[string]*bool{"create": &out.Create, "update": &out.Update, "delete": &out.Delete, "enabled": &out.Enabled}
	for _, pair := range pairs {
		key, value, assigned := strings.Cut(pair, "=")
		s := switches[strings.ToLower(key)]
		if s == nil || !assigned || value == "" {
			return out, invalid("%q is not known: expected create=on|off, update=on|off, delete=on|off or enabled=on|off", pair)
		}
		var err error
		if *s, err = onOff(value); err != nil {
			return out, invalid("%s: %w", key, err)
		}
	}
	return out, nil
}

// Words says in one line what the row does.
func (a AttributeMapping) Words() string {
	a = a.filled()
	parts := []string{a.source()}
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if a.Matching > 0 {
		add("matching %d", a.Matching)
	}
	if a.Apply != Always {
		add("apply %s", a.Apply)
	}
	if a.Default != "" {
		add("default %q", a.Default)
	}
	if a.WhenEmpty != FromSetting {
		add("when empty %s", a.WhenEmpty)
	}
	if a.FlowAlways {
		add("flow always")
	}
	return strings.Join(parts, ", ")
}
