package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// Registered says what a document of definitions led to.
type Registered struct {
	Added   []string // URNs of schemas and names of types that are new
	Changed []string // that were there before
	Skipped []string // standard ones, which are as they are
}

// Register gives the organization the schemas and resource types of a document, for its next request on. A schema or type that it has is replaced if
// what is stored bears it; otherwise the error, fault.ErrConflict, lists what is in the way. A document that cannot be accepted is fault.ErrInvalid.
func (w *Writer) Register(ctx context.Context, doc *scim.Definitions) (Registered, error) {
	had, err := w.LockDefinitions(ctx, w.org)
	if err != nil {
		return Registered{}, err
	}
	m, err := merge(had, doc)
	if err != nil {
		return Registered{}, err
	}
	if err := w.define(ctx, &m.result); err != nil {
		return Registered{}, err
	}
	return Registered{m.added, m.changed, m.skipped}, nil
}

// define replaces what the organization registered, if that is allowed and what is stored bears it. The definitions must be locked.
func (w *Writer) define(ctx context.Context, next *scim.Definitions) error {
	if err := checkDefinitions(next); err != nil {
		return err
	}
	before, err := w.Registry(ctx, w.org)
	if err != nil {
		return err
	}
	after, err := RegistryOf(next)
	if err != nil {
		return err
	}
	demands, changed := differences(before, after)
	if err := w.meet(ctx, demands); err != nil {
		return err
	}
	if err := w.SaveDefinitions(ctx, w.org, next); err != nil {
		return err
	}
	return w.reindex(ctx, changed)
}

// meet refuses a change that objects are in the way of.
func (w *Writer) meet(ctx context.Context, demands []demand) error {
	found := make([]inTheWay, len(demands))
	for typ := range typesOf(demands) {
		err := w.each(ctx, typ, func(o Object) error {
			for i, d := range demands {
				if d.typ != typ || !d.breaks(o) {
					continue
				}
				if found[i].count++; found[i].count <= namesInTheWay {
					found[i].names = append(found[i].names, o.Name())
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var texts []string
	for i, f := range found {
		if f.count > 0 {
			f.demand = demands[i]
			texts = append(texts, f.String())
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return fault.Errorf(fault.ErrConflict, "nothing was registered, because of what is stored: %s. Change those resources first, "+
		"or register the schema under another URN", strings.Join(texts, "; "))
}

func typesOf(demands []demand) map[string]bool {
	types := map[string]bool{}
	for _, d := range demands {
		types[d.typ] = true
	}
	return types
}

// each calls fn with every object of a type, soft-deleted ones included.
func (w *Writer) each(ctx context.Context, typ string, fn func(Object) error) error {
	return eachObject(ctx, w, w.org, typ, fn)
}

func eachObject(ctx context.Context, r Objects, org, typ string, fn func(Object) error) error {
	for after := int64(0); ; {
		objects, err := r.Scan(ctx, org, typ, after, page)
		if err != nil || len(objects) == 0 {
			return err
		}
		for _, o := range objects {
			if err := fn(o); err != nil {
				return err
			}
		}
		after = objects[len(objects)-1].Seq
	}
}

// reindex stores the objects that hold values of the schemas again, so that filters and uniqueness follow the new definitions. Nothing of the objects
// changes: neither version nor feed.
func (w *Writer) reindex(ctx context.Context, changed []replaced) error {
	for _, c := range changed {
		var names []string
		for _, name := range c.before.UniqueAttributes() {
			if attribute, ours := strings.CutPrefix(name, c.schema.ID+":"); ours && !strings.Contains(attribute, ":") {
				names = append(names, name)
			}
		}
		if err := w.ForgetUnique(ctx, w.org, names); err != nil {
			return err
		}
	}
	for typ, holds := range byType(changed) {
		err := w.each(ctx, typ, func(o Object) error {
			if !holds(o) {
				return nil
			}
			current, err := w.Touch(ctx, w.org, typ, o.ID)
			if err != nil {
				return err
			}
			return registerConflict(current, w.Update(ctx, current))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// byType gives for each type with changed schemas which of its objects hold values of them.
func byType(changed []replaced) map[string]func(Object) bool {
	out := map[string]func(Object) bool{}
	for _, c := range changed {
		before := out[c.before.Name]
		out[c.before.Name] = func(o Object) bool {
			return c.whole || o.Attributes[c.schema.ID] != nil || before != nil && before(o)
		}
	}
	return out
}

func registerConflict(o Object, err error) error {
	var taken *TakenError
	if !errors.As(err, &taken) {
		return err
	}
	value := ""
	if !taken.Value.Secret {
		value = fmt.Sprintf(" %.100q", fmt.Sprint(taken.Value.Value))
	}
	return fault.Errorf(fault.ErrConflict, "nothing was registered, because %s becomes unique and the value%s of %s %q is also another resource's. "+
		"Change one of the two first", taken.Value.Path, value, o.Type, o.Name())
}
