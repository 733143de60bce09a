package csv

import (
	"context"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
)

// settleNames makes sure that every unique name has one holder after the import. Rows that would take a name from somebody who keeps it are rejected; who
// takes a name that gets free during the import becomes a taker.
func (r *run) settleNames() error {
	if r.layout.key.index == r.layout.name.index {
		return nil // the name is the key: nobody can get another one
	}
	wanted := make(map[hash]int32, len(r.roll.people))
	for i := range r.roll.people {
		p := &r.roll.people[i]
		if p.line == 0 || p.is(rejected) {
			continue
		}
		other, taken := wanted[p.wants]
		if !taken {
			wanted[p.wants] = int32(i)
			continue
		}
		q := &r.roll.people[other]
		if !q.is(rejected) {
			if err := r.rejectName(other, "%s is the same as in line %d: a name belongs to one person", r.layout.name.header, p.line); err != nil {
				return err
			}
		}
		if err := r.rejectName(int32(i), "%s is the same as in line %d: a name belongs to one person", r.layout.name.header, q.line); err != nil {
			return err
		}
	}
	// A rejected person keeps a name that somebody else may have counted on, so this repeats until nobody more is rejected.
	for {
		again, err := r.settleHolders()
		if err != nil || !again {
			return err
		}
	}
}

// settleHolders compares the names that rows want with those that people have.
func (r *run) settleHolders() (again bool, err error) {
	takers := 0
	for i := range r.roll.people {
		p := &r.roll.people[i]
		if p.line == 0 || p.is(rejected) {
			continue
		}
		at, held := r.roll.byName[p.wants]
		if !held || at == int32(i) {
			continue
		}
		holder := &r.roll.people[at]
		switch {
		case holder.stays() && (holder.line == 0 || holder.is(rejected)):
			again = true
			if err := r.rejectName(int32(i), "%s belongs to another person in the directory, who keeps it", r.layout.name.header); err != nil {
				return false, err
			}
		case !holder.leaves():
			p.state |= taker
			takers++
		}
	}
	if takers > maxTakers {
		return false, fault.Errorf(fault.ErrInvalid, "%d people would get the %s of somebody else in the file, and at most %d may: it looks as if a column "+
			"has moved against the others. Nothing was imported", takers, r.layout.name.header, maxTakers)
	}
	return again, nil
}

func (r *run) rejectName(at int32, format string, args ...any) error {
	r.roll.reject(at)
	return r.reject(int(r.roll.people[at].line), format, args...)
}

// protect keeps people who are not listed but whom a rejected row may mean: somebody whose user name, key, mail or display name stands in a row that has no
// usable key.
func (r *run) protect(ctx context.Context) error {
	if len(r.mentions) == 0 || len(r.leavers()) == 0 {
		return nil
	}
	kept := 0
	err := r.scan(ctx, directory.User, func(o directory.Object) error {
		at, ok := r.roll.byName[hashOf(o.Name())]
		if !ok || !o.Live() || !r.roll.people[at].leaves() || !r.mentioned(o) {
			return nil
		}
		r.roll.people[at].state |= protected
		kept++
		return nil
	})
	for at, twins := range r.roll.twins { // whoever shares a key with somebody who is kept may be meant as well
		both := append([]int32{at}, twins...)
		if slices.ContainsFunc(both, func(i int32) bool { return r.roll.people[i].is(protected) }) {
			for _, i := range both {
				r.roll.people[i].state |= protected
			}
		}
	}
	if kept > 0 {
		r.warn("%d people who are not listed were kept, because rejected rows without a usable key name them", kept)
	}
	return err
}

// mentioned reports whether a rejected row may mean the person.
func (r *run) mentioned(o directory.Object) bool {
	values := []string{o.Name(), lookupText(o.Attributes, r.layout.key.path), o.Attributes.ExternalID()}
	if display, ok := o.Attributes["displayName"].(string); ok {
		values = append(values, display)
	}
	if extension, ok := o.Attributes[managerURN].(map[string]any); ok {
		number, _ := extension["employeeNumber"].(string)
		values = append(values, number)
	}
	emails, _ := o.Attributes["emails"].([]any)
	for _, e := range emails {
		if m, ok := e.(map[string]any); ok {
			address, _ := m["value"].(string)
			values = append(values, address)
		}
	}
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && r.mentions[hashOf(v)] {
			return true
		}
	}
	return false
}

// leavers returns the index of everybody who leaves.
func (r *run) leavers() []int32 {
	var out []int32
	for i := range r.roll.people {
		if r.roll.people[i].leaves() {
			out = append(out, int32(i))
		}
	}
	return out
}
