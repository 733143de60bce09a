package provisioning

import (
	"context"
	"maps"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/scim"
)

const (
	// surveyFrom is from how many objects without an account on a listing of the target may be worth it.
	surveyFrom = 100
	// surveyRatio is how many entries a listing may have for each of them: a page holds a hundred and more, a question about a person finds one.
	surveyRatio = 20
)

// survey is what a listing of the target said: which matching values nobody has. It never says who somebody is: who is found here is asked for again, and
// what was taken since then, the target refuses with a conflict. So it saves questions whose answer is "nobody", which are most of those of a first cycle.
type survey struct {
	typ     string                     // source type
	primary string                     // the path that is matched first
	values  map[string]map[string]bool // folded values by path; only paths that the listing says something about
}

// excludes reports whether certainly no account has any of the object's matching values, the primary one among them: one that a listing leaves out says
// nothing alone. After a write that went otherwise than expected the target itself is asked.
func (s *survey) excludes(it *item, matching []mapping.Value) bool {
	if s == nil || s.typ != it.key.Type || it.unsure || it.Refused != nil || it.Lost != "" {
		return false
	}
	if len(matching) == 0 || matching[0].Path != s.primary {
		return false
	}
	for _, v := range matching {
		values, told := s.values[v.Path]
		if !told || values[scim.Fold(text(v.Value))] {
			return false
		}
	}
	return true
}

// note adds what this cycle writes: the listing is older.
func (s *survey) note(typ string, changes []Change) {
	if s == nil || s.typ != typ {
		return
	}
	for _, ch := range changes {
		if values, told := s.values[ch.Path]; told && !isEmpty(ch.New) {
			values[scim.Fold(text(ch.New))] = true
		}
	}
}

// forgetSilent leaves out the paths for which no entry had a value: the target may not list them at all.
func (s *survey) forgetSilent() {
	maps.DeleteFunc(s.values, func(_ string, values map[string]bool) bool { return len(values) == 0 })
}

// lookAround lists the target before an initial cycle asks it about everybody, where that is cheaper. A listing that fails or does not add up is no
// failure: then everybody is asked about.
func (c *cycle) lookAround(ctx context.Context, typ string, total int) error {
	c.survey = nil
	s, ok := c.target.(Surveyor)
	if !ok || c.kind != KindInitial {
		return nil
	}
	counts, err := c.store.Counts(ctx, c.app.ID)
	if err != nil {
		return nil //nolint:nilerr // a missing statistic only costs speed
	}
	linked := counts.Users
	if typ == directory.Group {
		linked = counts.Groups
	}
	unlinked := total - linked
	if unlinked < surveyFrom {
		return nil
	}
	r := c.rules[typ]
	found := &survey{typ: typ, primary: r.probe, values: map[string]map[string]bool{}}
	var paths []string
	for _, m := range r.compiled.Matching() {
		paths = append(paths, m.Target)
		found.values[m.Target] = map[string]bool{}
	}
	listed := 0
	complete, err := s.Survey(ctx, r.mapping.Target, paths, unlinked*surveyRatio, func(values [][]string) {
		listed++
		for i, path := range paths {
			for _, v := range values[i] {
				found.values[path][scim.Fold(v)] = true
			}
		}
	})
	if listed > 0 {
		found.forgetSilent()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil && complete {
		c.survey = found
	}
	return nil
}
