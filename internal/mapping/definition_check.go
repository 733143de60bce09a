package mapping

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// The limits of an attribute list.
const (
	MaxDefinitions = 1000
	maxName        = 1024 // bytes of a path, as the target's client takes them
	maxDoc         = 1000 // bytes
)

// The form of custom attributes: an own URN and the attribute behind it. Below IETF's own prefix the form is the one of Entra
// (spec/entra-provisioning.md 3.4).
var (
	customName     = regexp.MustCompile(`^urn:[a-z0-9][a-z0-9-]{0,31}:[^\s:][^\s]*:[a-z$][a-z0-9_$-]*$`)
	customIETFName = regexp.MustCompile(`^urn:ietf:params:scim:schemas:extension:[^\s:]+:2\.0:(user|group):[a-z$][a-z0-9_$-]*$`)
	wholeSchema    = regexp.MustCompile(`^urn:.*:\d+\.\d+:(user|group|enterpriseuser)$`)
)

const ietfURN = "urn:ietf:params:scim:schemas:"

// CheckDefinitions checks an attribute list. The error is fault.ErrInvalid and names every wrong attribute.
func CheckDefinitions(list []Definition) error {
	if len(list) > MaxDefinitions {
		return invalid("the list has %d attributes: at most %d are allowed", len(list), MaxDefinitions)
	}
	var problems []error
	names, key := map[string]string{}, ""
	for i := range list {
		d := &list[i]
		err := d.check()
		if err == nil {
			err = distinctName(names, d.Name)
		}
		if err == nil && d.PrimaryKey && key != "" {
			err = fmt.Errorf("%s is the primary key already: an object has one", key)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("attribute %s: %w", shortName(d.Name), err))
			continue
		}
		if d.PrimaryKey {
			key = d.Name
		}
	}
	if len(problems) > 0 {
		return invalid("the target's list of attributes is wrong: %w", errors.Join(problems...))
	}
	return nil
}

func shortName(name string) string {
	const shown = 200
	if len(name) > shown {
		return fmt.Sprintf("%.*q…", shown, name)
	}
	return fmt.Sprintf("%q", name)
}

func distinctName(names map[string]string, name string) error {
	key, err := Key(name)
	if err != nil {
		return err
	}
	if other, taken := names[key]; taken {
		return fmt.Errorf("the list has it already, as %s: keep one of them", other)
	}
	names[key] = name
	return nil
}

// check checks one attribute by itself.
func (d Definition) check() error {
	if err := d.checkName(); err != nil {
		return err
	}
	switch d.Type {
	case String, Boolean, Integer, DateTime, Reference, Binary:
	default:
		return fmt.Errorf("the type is %q: expected %s, %s, %s, %s, %s or %s", d.Type, String, Boolean, Integer, DateTime, Reference, Binary)
	}
	switch {
	case d.Type != Reference && d.Reference != "":
		return fmt.Errorf("it refers to a %s but its type is %s: expected the type %s", d.Reference, d.Type, Reference)
	case d.Reference != "" && d.Reference != user && d.Reference != group:
		return fmt.Errorf("it refers to %q: expected %s, %s or nothing for both", d.Reference, user, group)
	case d.PrimaryKey && d.MultiValued:
		return errors.New("it is the primary key, which has one value, and has many")
	case len(d.Doc) > maxDoc:
		return fmt.Errorf("its description has %d bytes: at most %d are allowed", len(d.Doc), maxDoc)
	}
	if d.Custom && d.Type == Reference && customSchema(d.Name) { // of others, the row is refused that writes it
		return errors.New("attributes of a custom schema cannot be references: choose another type")
	}
	return nil
}

func (d Definition) checkName() error {
	if len(d.Name) > maxName {
		return fmt.Errorf("the name has %d bytes: at most %d are allowed", len(d.Name), maxName)
	}
	path, err := filter.ParsePath(d.Name)
	if err != nil {
		return fmt.Errorf("the name is not a path such as userName or emails[type eq \"work\"].value: %w", err)
	}
	if !picks(path.Filter) {
		return fmt.Errorf(`the brackets may hold only comparisons such as type eq "work", joined by "and"; got %s`, path.Filter)
	}
	if lower := strings.ToLower(d.Name); wholeSchema.MatchString(lower) {
		return errors.New("the name is that of a whole schema: write the attribute behind it, after a colon")
	}
	return nil
}

// checkCustomName checks the name of an attribute that somebody adds. (What a service itself publishes may look otherwise.)
func checkCustomName(name, target string) error {
	if !customSchema(name) {
		return nil
	}
	lower := strings.ToLower(name)
	if _, attribute := splitURN(lower); strings.ContainsAny(attribute, ".[") {
		return errors.New("attributes of a custom schema cannot be complex: name a simple attribute of it, without a dot or brackets")
	}
	if !customName.MatchString(lower) || strings.HasPrefix(lower, ietfURN) && !customIETFName.MatchString(lower) {
		return fmt.Errorf("the name of a custom attribute has the form %sextension:NAME:2.0:%s:ATTRIBUTE, or any other URN of the target's own with the attribute "+
			"behind it", ietfURN, target)
	}
	return nil
}

// picks reports whether brackets say what a new element looks like: only equalities, all of which must hold.
func picks(x filter.Expr) bool {
	switch x := x.(type) {
	case nil:
		return true
	case *filter.And:
		return picks(x.Left) && picks(x.Right)
	case *filter.Compare:
		return x.Op == filter.Eq && x.Value.Kind != filter.Null
	}
	return false
}

// customSchema reports whether the path belongs to a schema that SCIM itself does not define.
func customSchema(target string) bool {
	lower := strings.ToLower(target)
	return strings.HasPrefix(lower, "urn:") && !strings.HasPrefix(lower, coreURN) && !strings.HasPrefix(lower, enterpriseURN)
}
