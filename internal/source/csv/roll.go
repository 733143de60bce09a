package csv

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// page is how many objects are read at once.
const page = 500

// maxPeople keeps the index of people, and a file of nothing but short rows, within memory: about 400 MB.
const maxPeople = 2_000_000

// hash stands for a folded key or name. It is long enough that two names never share one, and shorter than most names.
type hash [16]byte

func hashOf(text string) hash {
	sum := sha256.Sum256([]byte(scim.Fold(text)))
	return hash(sum[:16])
}

// person is all that an import keeps of somebody between reading the file and writing the directory.
type person struct {
	id    string // "": not in the directory yet
	name  hash   // unique name now; zero unless live
	wants hash   // unique name that the row gives
	line  int32  // of the row that describes the person; 0: not listed
	state state
}

type state uint8

const (
	live      state = 1 << iota // in the directory, not soft-deleted
	left                        // in the directory, soft-deleted
	ambiguous                   // shares the key with another live person
	rejected                    // the rows of this person are bad: nothing changes
	protected                   // not listed, but a row without a key may mean this person
	taker                       // gets a name that somebody else has until then
	keyless                     // in the directory without a key: only the name can find the person
	foreign                     // SCIM's: an import neither changes nor removes what a SCIM client looks after
)

func (p *person) is(s state) bool { return p.state&s != 0 }

// stays reports whether the person will be live after the import.
func (p *person) stays() bool {
	if p.line != 0 && !p.is(rejected) {
		return true
	}
	return p.is(live) && !p.leaves()
}

// leaves reports whether the import makes the person a leaver.
func (p *person) leaves() bool { return p.is(live) && p.line == 0 && !p.is(rejected|protected|foreign) }

// roll is everybody in the directory or in the file, once.
type roll struct {
	people []person
	byKey  map[hash]int32
	byName map[hash]int32    // live people
	twins  map[int32][]int32 // further live people of an ambiguous key
	live   int               // without those who are SCIM's
}

// readRoll reads who is in the directory. Soft-deleted people are included, because they may come back.
func (i *Importer) readRoll(ctx context.Context, l *layout) (*roll, error) {
	r := &roll{byKey: map[hash]int32{}, byName: map[hash]int32{}, twins: map[int32][]int32{}}
	err := i.scan(ctx, directory.User, func(o directory.Object) error {
		return r.enter(o, lookupText(o.Attributes, l.key.path))
	})
	return r, err
}

// scan calls fn for every object of the type, soft-deleted ones included.
func (i *Importer) scan(ctx context.Context, typ string, fn func(o directory.Object) error) error {
	after := int64(0)
	for {
		objects, err := i.Directory.Store.Scan(ctx, i.Organization, typ, after, page)
		if err != nil {
			return fmt.Errorf("read the directory: %w", err)
		}
		for _, o := range objects {
			if err := fn(o); err != nil {
				return err
			}
			after = o.Seq
		}
		if len(objects) < page {
			return nil
		}
	}
}

func lookupText(attributes scim.Resource, p *scim.Path) string {
	v, _ := scim.Lookup(attributes, p)
	s, _ := v.(string)
	return s
}

// enter adds somebody of the directory. key may be empty: then only the name can find the person.
func (r *roll) enter(o directory.Object, key string) error {
	if !o.Live() && key == "" {
		return nil
	}
	p := person{id: o.ID, state: left}
	if o.Live() {
		p.state, p.name = live, hashOf(o.Name())
	}
	if o.Owner == directory.OwnerSCIM {
		p.state |= foreign
	} else if o.Live() {
		r.live++
	}
	if key == "" {
		p.state |= keyless
		return r.add(p, hash{})
	}
	k := hashOf(key)
	at, known := r.byKey[k]
	switch {
	case !known:
		return r.add(p, k)
	case r.people[at].is(left):
		// Of several who left under one key the one hired last is meant; somebody who is still there comes before them.
		r.people[at] = p
		r.index(at)
	case o.Live():
		p.state |= ambiguous
		r.people[at].state |= ambiguous
		r.twins[at] = append(r.twins[at], int32(len(r.people)))
		return r.add(p, hash{})
	}
	return nil
}

// add appends a person; a zero key is none.
func (r *roll) add(p person, key hash) error {
	if len(r.people) >= maxPeople {
		return fault.Errorf(fault.ErrInvalid, "directory and file together have more than %d people: one import cannot hold them", maxPeople)
	}
	at := int32(len(r.people))
	r.people = append(r.people, p)
	if key != (hash{}) {
		r.byKey[key] = at
	}
	r.index(at)
	return nil
}

func (r *roll) index(at int32) {
	if p := &r.people[at]; p.is(live) {
		r.byName[p.name] = at
	}
}

// list notes that a row describes the person with the key and returns the index. The first result is false when another row did so before.
func (r *roll) list(key, name string, line int) (first bool, at int32, err error) {
	k := hashOf(key)
	at, known := r.byKey[k]
	if !known {
		// Somebody whom the directory knows by name only, because nobody ever gave a key, gets this one.
		if holder, ok := r.byName[hashOf(name)]; ok && r.people[holder].is(keyless) {
			at, known = holder, true
			r.people[at].state &^= keyless
			r.byKey[k] = at
		}
	}
	if !known {
		at = int32(len(r.people))
		if err := r.add(person{}, k); err != nil {
			return false, 0, err
		}
	}
	p := &r.people[at]
	if p.line != 0 {
		return false, at, nil
	}
	p.line = int32(line)
	p.wants = hashOf(name)
	return true, at, nil
}

// reject keeps the person, and those of the same key, as they are.
func (r *roll) reject(at int32) {
	r.people[at].state |= rejected
	for _, twin := range r.twins[at] {
		r.people[twin].state |= rejected
	}
}

// find returns the person with the key.
func (r *roll) find(key string) (int32, bool) {
	at, ok := r.byKey[hashOf(key)]
	return at, ok
}
