package provisioning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
)

// impactCount adds up what objects would become.
type impactCount struct {
	total ObjectImpact
	index map[string]int // folded path → position in total.Attributes
	shown map[string]int // path → how many examples show it
}

// newImpactCount lists the attributes of the rows that differ: those of the new mapping, then those that only the old one writes.
func newImpactCount(before, after *impactSide) *impactCount {
	c := &impactCount{total: ObjectImpact{Attributes: []AttributeImpact{}, Examples: []ImpactExample{}}, index: map[string]int{}, shown: map[string]int{}}
	c.list(after, false)
	if before != nil {
		c.list(before, true)
	}
	return c
}

func (c *impactCount) list(side *impactSide, dropped bool) {
	for _, target := range side.rows.Targets() {
		key := strings.ToLower(target)
		if _, listed := c.index[key]; listed || key == membersPath {
			continue
		}
		c.index[key] = len(c.total.Attributes)
		c.total.Attributes = append(c.total.Attributes, AttributeImpact{Name: target, Dropped: dropped})
	}
}

func (c *impactCount) attribute(path string) *AttributeImpact {
	return &c.total.Attributes[c.index[strings.ToLower(path)]]
}

// object counts one object in scope.
func (c *impactCount) object(o object, changes []Change, problems []mapping.RowError) {
	c.total.Evaluated++
	for _, p := range problems {
		a := c.attribute(p.Path)
		if a.Failed++; a.Failure == "" {
			a.Failure = fmt.Sprintf("%s: %v", o.Name(), errors.Unwrap(p))
		}
	}
	if len(problems) > 0 {
		c.total.Failed++
	}
	if len(changes) == 0 {
		return
	}
	c.total.Changed++
	example := ImpactExample{ID: o.ID, Name: o.Name()}
	for _, change := range changes {
		a := c.attribute(change.Path)
		a.Changed++
		switch {
		case isEmpty(change.Old):
			a.Set++
		case isEmpty(change.New):
			a.Cleared++
		}
		example.Changes = append(example.Changes, change.property())
	}
	c.example(example)
}

// example keeps an example: the first ones, and then one that shows an attribute nobody showed yet, in place of one that shows nothing of its own.
func (c *impactCount) example(x ImpactExample) {
	if len(c.total.Examples) == impactExamples {
		news := slices.ContainsFunc(x.Changes, func(p record.Property) bool { return c.shown[p.Name] == 0 })
		if !news || !c.spare() {
			return
		}
	}
	c.total.Examples = append(c.total.Examples, x)
	c.show(x, 1)
}

// spare removes the last example whose attributes are all shown by others too.
func (c *impactCount) spare() bool {
	for i, x := range slices.Backward(c.total.Examples) {
		if !slices.ContainsFunc(x.Changes, func(p record.Property) bool { return c.shown[p.Name] < 2 }) {
			c.total.Examples = slices.Delete(c.total.Examples, i, i+1)
			c.show(x, -1)
			return true
		}
	}
	return false
}

func (c *impactCount) show(x ImpactExample, n int) {
	for _, p := range x.Changes {
		c.shown[p.Name] += n
	}
}

func (c *impactCount) result(out *ObjectImpact) { *out = c.total }

// nameReferences replaces the ids that references of the examples hold by the names of who they point to.
func (s *impactScan) nameReferences(ctx context.Context, out *ObjectImpact) error {
	var ids []string
	var places []*any
	for i := range out.Examples {
		for j := range out.Examples[i].Changes {
			p := &out.Examples[i].Changes[j]
			if !s.refers(p.Name) {
				continue
			}
			for _, v := range []*any{&p.Old, &p.New} {
				if id, ok := (*v).(string); ok && id != redacted {
					ids, places = append(ids, id), append(places, v)
				}
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	objects, err := s.engine.Directory.ObjectsByID(ctx, s.is.Organization, directory.User, ids)
	if err != nil {
		return fmt.Errorf("read who is referred to: %w", err)
	}
	names := map[string]string{}
	for _, o := range objects {
		names[o.ID] = o.Name()
	}
	for i, v := range places {
		if name := names[ids[i]]; name != "" {
			*v = name
		}
	}
	return nil
}

// refers reports whether the path is a reference by the new mapping.
func (s *impactScan) refers(path string) bool {
	row := s.new.rules.row(path)
	return row != nil && row.Type == mapping.Reference
}
