package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/provisioning"
)

// showMappingImpact prints who would change.
func (a *app) showMappingImpact(i provisioning.MappingImpact, settings application.Settings) {
	if i.Unusable != "" {
		a.note("The mapping as it is cannot be used, so every value counts as new: %s", i.Unusable)
	}
	if i.Scope != nil {
		a.showImpact(*i.Scope, settings)
	}
	a.showObjectImpact("people", i.Users)
	a.showObjectImpact("groups", i.Groups)
}

func (a *app) showObjectImpact(what string, i provisioning.ObjectImpact) {
	if i.Evaluated == 0 && len(i.Attributes) == 0 {
		return
	}
	a.say("Of %d %s in scope before and after, %d would change%s.", i.Evaluated, what, i.Changed, failing(i.Failed))
	if rows := attributeRows(what, i); len(rows) > 1 {
		a.table(rows)
	}
	var dropped []string
	for _, at := range i.Attributes {
		if at.Failure != "" {
			a.say("%s fails, for example for %s", at.Name, at.Failure)
		}
		if at.Dropped {
			dropped = append(dropped, at.Name)
		}
	}
	if len(dropped) > 0 {
		a.say("No longer written, and accounts keep what they have: %s.", strings.Join(dropped, ", "))
	}
	if len(i.Examples) == 0 {
		return
	}
	a.say("For example:")
	rows := [][]string{{"WHO", "ATTRIBUTE", "NOW", "THEN"}}
	for _, x := range i.Examples {
		name := x.Name
		for _, p := range x.Changes {
			rows = append(rows, []string{name, p.Name, brief(p.Old), brief(p.New)})
			name = ""
		}
	}
	a.table(rows)
}

func failing(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and for %d a row cannot be evaluated", n)
}

// attributeRows are the attributes of which something becomes different.
func attributeRows(what string, i provisioning.ObjectImpact) [][]string {
	rows := [][]string{{"ATTRIBUTE", "CHANGE", "NEWLY SET", "CLEARED", "FAIL", ""}}
	for _, at := range i.Attributes {
		if at.Changed+at.Failed+at.Spelling == 0 {
			continue
		}
		remark := ""
		if at.Spelling > 0 {
			remark = fmt.Sprintf("%d more %s differ in letter case only, which is not written", at.Spelling, what)
		}
		rows = append(rows, []string{at.Name, decimal(at.Changed), decimal(at.Set), decimal(at.Cleared), decimal(at.Failed), remark})
	}
	return rows
}

// maxBrief is how many characters of a value a table shows.
const maxBrief = 60

// brief is a value for a table: cut where it is long.
func brief(v any) string {
	text := value(v)
	if utf8.RuneCountInString(text) > maxBrief {
		return string([]rune(text)[:maxBrief]) + "…"
	}
	return text
}
