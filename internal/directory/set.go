package directory

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Set sets an attribute of a resource by its name or SCIM path; it changes r. A text is converted to the attribute's type; nil and the empty text remove
// the value. A wrong name or value is fault.ErrInvalid.
func (a *Attributes) Set(r scim.Resource, name string, value any) error {
	path, err := a.Path(name)
	if err != nil {
		return err
	}
	if value == nil || value == "" {
		err = a.rt.Remove(r, path)
	} else {
		if value, err = converted(path.Leaf(), value); err == nil {
			err = a.rt.Set(r, path, value)
		}
	}
	if err != nil {
		return fault.Errorf(fault.ErrInvalid, "%s: %w", name, err)
	}
	return nil
}

// SetAttribute is Set for an organization that registered nothing.
func SetAttribute(r scim.Resource, typ, name string, value any) error {
	return StandardAttributes(typ).Set(r, name, value)
}

// converted gives a text the type of the attribute.
func converted(a *scim.Attribute, value any) (any, error) {
	text, ok := value.(string)
	if !ok || a == nil {
		return value, nil
	}
	switch a.Type {
	case scim.TypeBoolean:
		if strings.EqualFold(text, "true") || strings.EqualFold(text, "false") {
			return strings.EqualFold(text, "true"), nil
		}
		return nil, fmt.Errorf("the value is %q: expected true or false", text)
	case scim.TypeInteger:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the value is %q: expected a whole number", text)
		}
		return n, nil
	case scim.TypeDateTime:
		if _, err := scim.ParseTime(text); err != nil {
			return nil, fmt.Errorf("the value is %q: expected a date and time such as 2026-03-01T08:00:00Z", text)
		}
	}
	if a.MultiValued {
		return []any{text}, nil
	}
	return text, nil
}
