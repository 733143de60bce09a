package scope

import (
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

// Referenced is another object that an attribute points to: the manager, or a group that somebody belongs to. A filter may name it by either.
type Referenced struct {
	ID   string
	Name string // userPrincipalName of a person, displayName of a group
}

// Relations is what a source may know besides the values of its attributes: the objects that an attribute points to. known is false for attributes that
// point to nothing; then Attribute is asked.
type Relations interface {
	Related(attribute string) (references []Referenced, known bool)
}

// test is what a clause asks of one value, at a moment.
type test = func(e element, at moment) (bool, error)

// element is one value of an attribute.
type element struct {
	text  string
	truth bool   // the attribute is a boolean: it is True or False, however the filter writes that
	id    string // of a reference, whose name is the text
}

// is compares with a value of the filter. Names and ids of objects are compared without regard to letter case, as the directory does.
func (e element) is(want string) bool {
	switch {
	case e.id != "":
		return strings.EqualFold(e.id, want) || strings.EqualFold(e.text, want)
	case e.truth:
		return strings.EqualFold(e.text, want)
	}
	return e.text == want
}

// elements reads an attribute. An attribute without a value, and one whose values are empty texts, has none.
func elements(source expression.Source, attribute string) (values []element, known bool) {
	if r, ok := source.(Relations); ok {
		if references, known := r.Related(attribute); known {
			for _, ref := range references {
				values = append(values, element{text: ref.Name, id: ref.ID})
			}
			return values, true
		}
	}
	v, known := source.Attribute(attribute)
	if !known {
		return nil, false
	}
	if t, ok := v.Any().(time.Time); ok {
		return []element{{text: t.Format(time.RFC3339Nano)}}, true
	}
	for _, text := range v.List() {
		if text != "" {
			values = append(values, element{text: text, truth: v.Kind() == expression.Bool})
		}
	}
	return values, true
}
