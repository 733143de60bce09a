package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

// attributes is the object that an example is evaluated for.
type attributes map[string]expression.Value

func (a attributes) Attribute(name string) (expression.Value, bool) { return a[name], true }

// result evaluates an example, so that the manual shows what happens and not what somebody hoped for. Time and randomness are fixed: the manual must
// come out the same each time.
func result(ctx context.Context, e *expression.Example) (string, error) {
	a := attributes{}
	for _, g := range e.Given {
		a[g.Name] = expression.ListOf(g.Values)
		if len(g.Values) == 1 {
			a[g.Name] = expression.Str(g.Values[0])
		}
	}
	env := &expression.Env{
		Source: a,
		Now:    func() time.Time { return time.Date(2021, 7, 2, 15, 33, 38, 0, time.UTC) },
		Random: rand.NewChaCha8([32]byte{1}),
		Unique: func(_ context.Context, candidate string) (bool, error) { return candidate != "taken", nil },

		DefaultDomain: "contoso.com",
	}
	p, err := expression.Compile(e.Expression)
	var v expression.Value
	if err == nil {
		v, err = p.Eval(ctx, env)
	}
	switch {
	case e.Fails != "" && err != nil:
		return "*error:* " + cell(err.Error()), nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", e.Expression, err)
	}
	return show(v) + marks(v), nil
}

// marks says what a value carries besides itself.
func marks(v expression.Value) string {
	switch {
	case v.Redacted():
		return ", `[Redact]` in logs"
	case v.IgnoreFlow():
		return ", and is not exported"
	}
	return ""
}

// show writes a value as it would stand in an expression.
func show(v expression.Value) string {
	switch v.Kind() {
	case expression.Null:
		return "*null*"
	case expression.String:
		return code(strconv.Quote(v.Text()))
	case expression.List:
		if objects := v.Objects(); len(objects) > 0 && objects[0].Members != nil {
			return complexValues(objects)
		}
		return values(v.List())
	}
	return code(v.Text())
}

func values(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = code(strconv.Quote(s))
	}
	return strings.Join(quoted, ", ")
}

// complexValues shows values with parts as they are written at the target.
func complexValues(objects []expression.Object) string {
	parts := make([]string, len(objects))
	for i, o := range objects {
		document, err := json.Marshal(o.Members)
		if err != nil {
			return err.Error()
		}
		parts[i] = code(string(document))
	}
	return strings.Join(parts, ", ")
}

// where shows the attributes of an example.
func where(given []expression.Given) string {
	parts := make([]string, len(given))
	for i, g := range given {
		parts[i] = g.Name + " is " + values(g.Values)
	}
	return strings.Join(parts, "; ")
}

// code writes a text as code in a cell of a table.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + strings.NewReplacer("|", `\|`, "\n", " ").Replace(text) + fence
}

// cell writes a text in a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "*", `\*`, "_", `\_`, "<", "&lt;", "`", "\\`", "$", `\$`).Replace(text)
}
