package mapping

import (
	"context"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// Compiled is an object mapping that has been checked. It may be evaluated by several goroutines at once.
type Compiled struct {
	mapping  ObjectMapping
	rows     []row
	warnings []string
}

// row is one attribute mapping, ready for use.
type row struct {
	*AttributeMapping
	number  int    // counted from 1, as shown
	key     string // the target path in one spelling
	base    string // the attribute of the path in lower case, without brackets and sub-attribute
	part    bool   // the path means a part of the attribute
	program *expression.Program
	fixed   any // value of a Constant
	def     any // typed Default
}

// Mapping returns the mapping as it was compiled. It must not be modified.
func (c *Compiled) Mapping() *ObjectMapping { return &c.mapping }

// Warnings are remarks on what is allowed and probably not meant, each naming its row.
func (c *Compiled) Warnings() []string { return slices.Clone(c.warnings) }

// Attributes returns the source attributes that the mapping reads, each once, in the order of the rows.
func (c *Compiled) Attributes() []string {
	var all []string
	add := func(name string) {
		if !slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, name) }) {
			all = append(all, name)
		}
	}
	for _, r := range c.rows {
		switch r.Kind {
		case Direct:
			add(r.Value)
		case Expression:
			for _, name := range r.program.Attributes() {
				add(name)
			}
		}
	}
	return all
}

// Matching returns the rows that find an account, in the order of their precedence.
func (c *Compiled) Matching() []*AttributeMapping {
	var out []*AttributeMapping
	for _, r := range c.rows {
		if r.Matching > 0 {
			out = append(out, r.AttributeMapping)
		}
	}
	slices.SortFunc(out, func(a, b *AttributeMapping) int { return a.Matching - b.Matching })
	return out
}

// Redacting returns the rows whose expressions use Redact.
func (c *Compiled) Redacting() []*AttributeMapping {
	var out []*AttributeMapping
	for _, r := range c.rows {
		if r.Kind == Expression && r.program.Calls("Redact") {
			out = append(out, r.AttributeMapping)
		}
	}
	return out
}

// Evaluate computes the rows for one source object, in their order. With creating, the values are those of a new account: defaults fill in what is
// empty. Without, rows that apply only at creation are left out, unless they match or are references. A row that cannot be evaluated is missing from
// the values and among the errors; when the context has ended, its error is wrapped there.
func (c *Compiled) Evaluate(ctx context.Context, env *expression.Env, creating bool) ([]Value, []RowError) {
	values := make([]Value, 0, len(c.rows))
	var problems []RowError
	for i := range c.rows {
		r := &c.rows[i]
		if !creating && r.Apply == OnlyOnCreate && r.Matching == 0 && r.Type != Reference {
			continue
		}
		v, err := r.evaluate(ctx, env)
		if err != nil {
			problems = append(problems, RowError{Row: r.number, Path: r.Target, Err: err})
			continue
		}
		if creating && v.Value == nil && v.Default != nil {
			v.Value, v.Flow = v.Default, true
		}
		values = append(values, v)
	}
	return values, problems
}

func (r *row) evaluate(ctx context.Context, env *expression.Env) (Value, error) {
	v := Value{Path: r.Target, Mapping: r.AttributeMapping, Default: r.def, Flow: true}
	var source expression.Value
	var err error
	switch r.Kind {
	case Direct:
		source, err = attribute(env, r.Value)
	case Expression:
		source, err = r.program.Eval(ctx, env)
	case Constant:
		v.Value = r.fixed
		return v, nil
	default:
		v.Flow = false
		return v, nil
	}
	if err != nil {
		return v, err
	}
	v.Flow = !source.IgnoreFlow()
	// A value that is not redacted itself takes the place of one that is: the change would show that one.
	v.Redacted = source.Redacted() || r.program != nil && r.program.Calls("Redact")
	v.Value, err = r.convert(source)
	return v, err
}
