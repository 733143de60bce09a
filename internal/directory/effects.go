package directory

import "slices"

// maxEffects is how many objects are named in the Effects of one write.
const maxEffects = 50

// Effect is what a write did to one object, in short: without values, and with the members of a group counted.
type Effect struct {
	Kind  ChangeKind
	Type  string
	ID    string
	Paths []string // of an update
	Count int      // of members added or removed; else 1
}

// Effects are what one transaction did, for a log that people read. The feed has every change.
type Effects struct {
	List []Effect
	More int // changes that are not in List
}

// add takes up a change. Changes of one kind to one object come one after the other, and become one effect.
func (e *Effects) add(c Change) {
	if n := len(e.List); n > 0 && e.More == 0 {
		if last := &e.List[n-1]; last.Kind == c.Kind && last.ID == c.ID {
			last.Count++
			last.Paths = append(last.Paths, c.Paths...)
			return
		}
	}
	if len(e.List) == maxEffects {
		e.More++
		return
	}
	e.List = append(e.List, Effect{Kind: c.Kind, Type: c.Type, ID: c.ID, Paths: slices.Clone(c.Paths), Count: 1})
}

// Effects returns what the transaction has done so far.
func (w *Writer) Effects() Effects {
	return Effects{List: slices.Clone(w.effects.List), More: w.effects.More}
}
