package provisioning

import (
	"context"

	"github.com/rollcall-id/rollcall/internal/directory"
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
	typ    string                     // source type
	values map[string]map[string]bool // folded values by path
}

// excludes reports whether certainly no account has the value. After a write that went otherwise than expected the target itself is asked.
func (s *survey) excludes(it *item, path, value string) bool {
	if s == nil || s.typ != it.key.Type || it.unsure || it.Refused != nil || it.Lost != "" {
		return false
	}
	values, ok := s.values[path]
	return ok && !values[scim.Fold(value)]
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
	found := &survey{typ: typ, values: map[string]map[string]bool{}}
	for _, m := range r.compiled.Matching() {
		found.values[m.Target] = map[string]bool{}
	}
	complete, err := s.Survey(ctx, r.mapping.Target, unlinked*surveyRatio, func(e Entry) {
		for path, v := range r.reader.values(e) {
			if set, ok := found.values[path]; ok && !isEmpty(v) {
				set[scim.Fold(text(v))] = true
			}
		}
	})
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err == nil && complete {
		c.survey = found
	}
	return nil
}
