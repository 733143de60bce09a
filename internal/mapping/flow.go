package mapping

import (
	"errors"
	"fmt"
	"strings"
)

// members is the attribute of a group that the engine compares and writes member by member.
const members = "members"

// attributeOf is the attribute that a path without brackets is about; part: the path means a sub-attribute of it. The URN before it may have dots.
func attributeOf(path string) (attribute string, part bool) {
	i := strings.LastIndexByte(path, ':') + 1
	name, _, part := strings.Cut(path[i:], ".")
	return path[:i] + name, part
}

// isMembers reports the row of a group's members.
func (r *row) isMembers() bool { return r.Type == Reference && r.base == members }

// checkList checks that a row of several values can be written.
func (r *row) checkList() error {
	if r.isMembers() {
		r.MultiValued = true
	}
	switch {
	case !r.MultiValued:
		return nil
	case r.part:
		return fmt.Errorf("the row has several values, and %s takes one: write the whole attribute (%s), or turn multiValued off",
			r.Target, r.Target[:strings.IndexAny(r.Target+"[", "[")])
	case r.Type == Reference && !r.isMembers():
		return errors.New("only the members of a group are a list of references: turn multiValued off")
	case r.base == "active":
		return errors.New("active is one value: turn multiValued off")
	}
	return nil
}

// checkActive makes active a Boolean, whatever a document calls it: cycles know by it who is disabled, and the guard counts by it.
func (r *row) checkActive() error {
	if r.base != "active" && r.base != strings.ToLower(coreURN)+"user:active" {
		return nil
	}
	switch r.Type {
	case String, Boolean:
		r.Type = Boolean
		return nil
	}
	return fmt.Errorf("active is %s here, and an account is on or off: expected the type %s", r.Type, Boolean)
}

// checkFlow refuses words that contradict one another: what is never cleared cannot be cleared when empty, and so on.
func (r *row) checkFlow() error {
	switch {
	case r.Apply == AddValues && !r.MultiValued:
		return fmt.Errorf("apply is %s, which is for attributes of several values: set multiValued, or choose %s", AddValues, AddOnly)
	case r.isMembers() && r.Apply != Always && r.Apply != AddValues:
		return fmt.Errorf("apply is %q: members are written after the group exists, one by one: expected %s or %s", r.Apply, Always, AddValues)
	case r.WhenEmpty == Clear && (r.Apply == AddValues || r.Apply == AddOnly || r.Apply == WhenAbsent):
		return fmt.Errorf("whenEmpty is %s, and apply is %s, which never clears a value: choose %s, or apply %s", Clear, r.Apply, Leave, Always)
	case !r.FlowAlways:
		return nil
	case r.isMembers():
		return errors.New("flowAlways is for attributes: of members only what differs is written")
	case r.Kind == None:
		return fmt.Errorf("flowAlways is set, and a row of kind %s has nothing to write", None)
	case r.Apply == OnlyOnCreate || r.Apply == WhenAbsent:
		return fmt.Errorf("flowAlways is set, and apply is %s: what is written once is not written in every cycle; choose one of the two", r.Apply)
	}
	return nil
}

// remarks are what is allowed and probably not meant.
func (r *row) remarks() []string {
	var out []string
	varies := r.program != nil && r.program.Varies()
	switch {
	case varies && r.Apply == AddValues:
		out = append(out, "the expression gives another value at each evaluation, so every cycle will add one: apply it only during object creation")
	case varies && (r.Apply == Always || r.Apply == AddOnly):
		out = append(out, "the expression gives another value at each evaluation, so every cycle will write it: apply it only during object creation")
	case r.program != nil && r.program.ReadsTime() && r.Apply != OnlyOnCreate:
		out = append(out, "the expression reads the time, so its value may change although nobody changed the source object; it is looked at when that changes, "+
			"and in an initial cycle")
	}
	if r.WhenEmpty != FromSetting && (r.Apply == OnlyOnCreate || r.Kind == None) {
		out = append(out, fmt.Sprintf("whenEmpty is %s, which says what becomes of a value later on, and the row writes none then", r.WhenEmpty))
	}
	if r.Kind == None && r.Default == "" && r.Apply != Always {
		out = append(out, "the row has neither a value nor a default: it does nothing")
	}
	return out
}

// overlaps finds rows that would undo one another: a list that is written as a whole, and an element of it. A list to which values are only added leaves the
// others alone.
func overlaps(rows []row) []error {
	var out []error
	for i := range rows {
		whole := &rows[i]
		if !whole.MultiValued || whole.Apply == AddValues {
			continue
		}
		for j := range rows {
			if part := &rows[j]; part.part && part.base == whole.base {
				out = append(out, RowError{Row: part.number, Path: part.Target, Err: fmt.Errorf(
					"row %d writes the whole of %s, and would undo it: keep one of them, or have row %d apply %s", whole.number, whole.Target, whole.number, AddValues)})
			}
		}
	}
	return out
}
