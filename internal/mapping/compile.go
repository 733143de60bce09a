package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Known reports whether objects of the mapping's source type can have the attribute.
type Known func(name string) bool

// The limits of an object mapping.
const (
	maxRows    = 500
	maxDefault = 64 << 10 // bytes, as the longest value the directory keeps
)

// The URNs, in lower case, of the schemas that SCIM itself defines (RFC 7643 section 8.7); every other one is a target's own.
const (
	coreURN       = "urn:ietf:params:scim:schemas:core:2.0:"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:"
)

// The object types on both sides.
const (
	user  = "User"
	group = "Group"
)

// Compile checks a mapping and prepares it for use. The rules are those of Entra (spec/entra-provisioning.md 3.2 to 3.4): at least one matching
// attribute, distinct precedences, no two rows for one target, the target's id left alone, the mapping of users enabled, only known source attributes,
// only target attributes of the list where there is one, values and defaults of the target's type. The error is fault.ErrInvalid, names every wrong
// row, and says for each what came and what was expected. names are known source attributes: where another one is read, the nearest of them is proposed.
func Compile(m ObjectMapping, known Known, names ...string) (*Compiled, error) {
	m.Attributes = append([]AttributeMapping(nil), m.Attributes...)
	c := &Compiled{mapping: m}
	if err := checkObject(&c.mapping); err != nil {
		return nil, invalid("%v", err)
	}
	if err := CheckDefinitions(m.Definitions); err != nil {
		return nil, err
	}
	list := indexed(m.Definitions)
	var problems []error
	targets, precedences := map[string]int{}, map[int]int{}
	for i := range c.mapping.Attributes {
		a := &c.mapping.Attributes[i]
		r := row{AttributeMapping: a, number: i + 1}
		err := r.compile(list, known, names)
		if err == nil {
			err = r.distinct(targets, precedences)
		}
		if err != nil {
			problems = append(problems, RowError{Row: r.number, Path: a.Target, Err: err})
			continue
		}
		for _, w := range r.remarks() {
			c.warnings = append(c.warnings, fmt.Sprintf("row %d (%s): %s", r.number, a.Target, w))
		}
		c.rows = append(c.rows, r)
	}
	problems = append(problems, overlaps(c.rows)...)
	if len(problems) == 0 && len(precedences) == 0 {
		problems = append(problems, errors.New("no row is used for matching: give one row, such as userName, the matching precedence 1"))
	}
	if len(problems) > 0 {
		return nil, invalid("%w", errors.Join(problems...))
	}
	if names := c.mapping.unmapped(); len(names) > 0 && c.mapping.Create {
		c.warnings = append(c.warnings, fmt.Sprintf(
			"the target requires %s, and no row writes it: new accounts may be refused; add a row", strings.Join(names, ", ")))
	}
	return c, nil
}

func invalid(format string, args ...any) error {
	return fault.Errorf(fault.ErrInvalid, format, args...)
}

// checkObject checks what is said about the object type as a whole.
func checkObject(m *ObjectMapping) error {
	switch {
	case m.Source != user && m.Source != group:
		return fmt.Errorf("the source object type is %q: expected %s or %s", m.Source, user, group)
	case m.Target != user && m.Target != group:
		return fmt.Errorf("the target object type is %q: expected %s or %s", m.Target, user, group)
	case m.Source != m.Target:
		return fmt.Errorf("the mapping turns a %s into a %s: source and target must be of one type", m.Source, m.Target)
	case m.Source == user && !m.Enabled:
		return errors.New("the mapping of users cannot be disabled: stop provisioning instead, or leave out create, update and delete")
	case len(m.Attributes) > maxRows:
		return fmt.Errorf("the mapping has %d rows: at most %d are allowed", len(m.Attributes), maxRows)
	}
	return nil
}

// distinct refuses a second row for one target attribute, or with one precedence.
func (r *row) distinct(targets map[string]int, precedences map[int]int) error {
	if other, taken := targets[r.key]; taken {
		return fmt.Errorf("row %d writes the same target attribute: keep one of them", other)
	}
	targets[r.key] = r.number
	if r.Matching == 0 {
		return nil
	}
	if other, taken := precedences[r.Matching]; taken {
		return fmt.Errorf("the matching precedence %d is that of row %d already: number them 1, 2, 3", r.Matching, other)
	}
	precedences[r.Matching] = r.number
	return nil
}

// compile checks one row by itself, after the attribute list has said what its target is.
func (r *row) compile(list definitions, known Known, names []string) error {
	if err := list.define(r.AttributeMapping); err != nil {
		return err
	}
	*r.AttributeMapping = r.filled()
	for _, check := range []func() error{r.checkWords, r.checkTarget, r.checkList, r.checkFlow, r.checkMatching} {
		if err := check(); err != nil {
			return err
		}
	}
	if err := r.checkActive(); err != nil {
		return err
	}
	if err := r.compileValue(known, names); err != nil {
		return err
	}
	return r.compileDefault()
}

// checkWords checks the fields with a fixed choice.
func (r *row) checkWords() error {
	switch r.Kind {
	case Direct, Constant, Expression, None:
	default:
		return fmt.Errorf("the kind is %q: expected %s, %s, %s or %s", r.Kind, Direct, Constant, Expression, None)
	}
	switch r.Apply {
	case Always, OnlyOnCreate, AddValues, AddOnly, WhenAbsent:
	default:
		return fmt.Errorf("apply is %q: expected %s, %s, %s, %s or %s", r.Apply, Always, OnlyOnCreate, AddValues, AddOnly, WhenAbsent)
	}
	switch r.WhenEmpty {
	case FromSetting, Leave, Clear, UseDefault:
	default:
		return fmt.Errorf("whenEmpty is %q: expected %s, %s, %s or nothing", r.WhenEmpty, Leave, Clear, UseDefault)
	}
	switch r.Type {
	case String, Boolean, Integer, DateTime, Reference, Binary:
		return nil
	}
	return fmt.Errorf("the type is %q: expected %s, %s, %s, %s, %s or %s", r.Type, String, Boolean, Integer, DateTime, Reference, Binary)
}

// checkTarget checks the target path. Whether the target has such an attribute, only the target can tell.
func (r *row) checkTarget() error {
	key, err := Key(r.Target)
	if err != nil {
		return fmt.Errorf("the target attribute %q is not a path such as userName or emails[type eq \"work\"].value: %w", r.Target, err)
	}
	r.key = key
	head, _, filtered := strings.Cut(key, "[")
	r.base, r.part = attributeOf(head)
	r.part = r.part || filtered
	switch r.base {
	case "id", "meta", "schemas":
		return fmt.Errorf("the target attribute %s belongs to the target and cannot be mapped", r.Target)
	}
	if r.Type == Reference && customSchema(r.Target) {
		return fmt.Errorf("the target attribute %s is of a custom schema: such attributes cannot be references", r.Target)
	}
	if r.Type != Reference && r.Reference != "" {
		return fmt.Errorf("the row refers to a %s but its type is %s: expected the type %s", r.Reference, r.Type, Reference)
	}
	if r.Type == Reference && r.Reference != "" && r.Reference != user && r.Reference != group {
		return fmt.Errorf("the row refers to %q: expected %s, %s or nothing for both", r.Reference, user, group)
	}
	return nil
}

// checkMatching checks that an account can be found by the row.
func (r *row) checkMatching() error {
	switch {
	case r.Matching == 0:
		return nil
	case r.Matching < 0:
		return fmt.Errorf("the matching precedence is %d: expected 1, 2, 3, or 0 for none", r.Matching)
	case r.Kind == None || r.Kind == Constant:
		return fmt.Errorf("a row of kind %s cannot be used for matching: it has no value that tells people apart", r.Kind)
	case r.Type == Reference:
		return errors.New("a reference cannot be used for matching: it has no value before the account it points to exists")
	case r.MultiValued || r.Type == Binary:
		return errors.New("a list or a binary value cannot be used for matching: a target is asked for one text; match by another attribute")
	}
	return nil
}
