package provisioning

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
	"github.com/rollcall-id/rollcall/internal/mapping"
)

// impactSide is one of the two mappings: its rules, and those of its rows that are not the same in the other one.
type impactSide struct {
	rules *rules
	rows  *mapping.Compiled
}

func newImpactSide(r *rules, targets []string) *impactSide {
	return &impactSide{rules: r, rows: r.compiled.Only(targets)}
}

// preview is what expressions may use where nothing is written: every value is free for SelectUniqueValue, whatever the target has. domain is the
// organization's default domain.
func (e *Engine) preview(source expression.Source, domain string) *expression.Env {
	return &expression.Env{
		Source: source, Now: e.now, NewGUID: e.newID, Random: rand.Reader, DefaultDomain: domain,
		Unique: func(context.Context, string) (bool, error) { return true, nil },
	}
}

// compare counts what the change would do to one object in scope. link is nil where it has no account yet.
func (s *impactScan) compare(ctx context.Context, o object, link *Link) {
	if p := s.new.rules.policy; (link == nil && !p.Create) || (link != nil && !p.Update) {
		s.count.object(o, nil, nil) // the mapping writes nothing of it
		return
	}
	env := s.engine.preview(o, s.new.rules.domain)
	have := s.have(ctx, env, link)
	values, problems := s.new.rows.Evaluate(ctx, env, link == nil)
	changes := make([]Change, 0, len(values))
	for i := range values {
		v := &values[i]
		if strings.EqualFold(v.Path, membersPath) {
			continue // compared by membership rows
		}
		was := have[strings.ToLower(v.Path)]
		c, differs, spelling := s.becomes(v, was.value, link)
		switch {
		case differs:
			c.Redacted = c.Redacted || was.redacted
			changes = append(changes, c)
		case spelling:
			s.count.attribute(v.Path).Spelling++
		}
	}
	s.count.object(o, changes, problems)
}

const membersPath = "members"

// having is what an attribute has now.
type having struct {
	value    any
	redacted bool
}

// have is what the mapping as it is makes of an object, by folded path. Where it leaves an attribute alone, it is what was last seen at the account.
func (s *impactScan) have(ctx context.Context, env *expression.Env, link *Link) map[string]having {
	out := map[string]having{}
	if link != nil {
		for path, v := range link.Written {
			if row := s.new.rules.row(path); row != nil && row.Type != mapping.Reference { // those hold ids of the target
				out[strings.ToLower(path)] = having{value: v}
			}
		}
	}
	if s.old == nil {
		return out
	}
	values, _ := s.old.rows.Evaluate(ctx, env, link == nil)
	for i := range values {
		v := &values[i]
		was := having{redacted: v.Redacted}
		switch {
		case link == nil && v.Flow:
			was.value = v.Value
		case link == nil:
			continue
		default:
			was.value = out[strings.ToLower(v.Path)].value
			if value, known := wanted(*v, s.old.rules.policy); known && settles(v, was.value) {
				was.value = value
			}
		}
		out[strings.ToLower(v.Path)] = was
	}
	return out
}

// settles reports whether an account has the row's value after a cycle, whatever it had.
func settles(v *mapping.Value, seen any) bool {
	switch v.Mapping.Apply {
	case mapping.Always:
		return v.Flow
	case mapping.AddOnly, mapping.AddValues: // what was last seen may be more
		return v.Flow && isEmpty(seen)
	}
	return false
}

// wanted is the value that an account is to have by a row that always flows; unknown where the row leaves what is there.
func wanted(v mapping.Value, p Policy) (value any, known bool) {
	if !isEmpty(v.Value) {
		return v.Value, true
	}
	value, remove := whenEmpty(v, p)
	return value, remove || value != nil
}

// becomes is the change that a row makes of what an attribute has. spelling: there is none, because the values differ in letter case only and the attribute
// does not tell.
func (s *impactScan) becomes(v *mapping.Value, was any, link *Link) (c Change, differs, spelling bool) {
	exact := *v.Mapping
	exact.CaseExact = true
	if link != nil {
		c, differs = attributeChange(*v, was, s.new.rules.policy)
		differs = differs && !c.Same
		spelling = !differs && v.Flow && v.Mapping.Apply == mapping.Always && !isEmpty(v.Value) && !same(v.Value, was, &exact)
		return c, differs, spelling
	}
	value := v.Value
	if !v.Flow || isEmpty(value) {
		value = nil
	}
	if same(value, was, &exact) {
		return c, false, false
	}
	return Change{Path: v.Path, Old: was, New: value, Redacted: v.Redacted}, true, false
}
