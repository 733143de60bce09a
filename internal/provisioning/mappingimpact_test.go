package provisioning_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// remapped is the application with another mapping of users.
func remapped(app application.Application, change func(m *mapping.ObjectMapping)) application.Application {
	app.Mapping.Objects = slices.Clone(app.Mapping.Objects)
	m := app.Mapping.For("User")
	m.Attributes = slices.Clone(m.Attributes)
	change(m)
	return app
}

// setRow replaces the row of a target, or adds it.
func setRow(m *mapping.ObjectMapping, row mapping.AttributeMapping) {
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == row.Target })
	m.Attributes = append(m.Attributes, row)
}

func dropRow(m *mapping.ObjectMapping, target string) {
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == target })
}

func expressionRow(target, text string) mapping.AttributeMapping {
	return mapping.AttributeMapping{Target: target, Kind: mapping.Expression, Value: text, Apply: mapping.Always, Type: mapping.String}
}

// impactWorld has anna and bert with accounts, carl in scope without one, and dora out of scope.
func impactWorld(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s, "vault-platform")
	w.app.Mapping.For("User").Definitions = nil // the rows say what their targets are
	w.save()
	boss := w.user("bert@x.example", map[string]string{"displayName": "Bert", "jobTitle": "Nurse", "city": "Cork", "mail": "bert@x.example"})
	w.user("anna@x.example", map[string]string{"displayName": "Anna", "jobTitle": "Engineer", "manager": boss.Name(), "mail": "anna@x.example"})
	w.user("dora@x.example", map[string]string{"displayName": "Dora", "jobTitle": "Painter"})
	w.assign("anna@x.example", "", true)
	w.assign("bert@x.example", "", true)
	if _, err := w.cycle(provisioning.Options{}); err != nil {
		t.Fatal(err)
	}
	w.user("carl@x.example", map[string]string{"displayName": "Carl", "jobTitle": "Driver", "city": "Brno"})
	w.assign("carl@x.example", "", true)
	app, err := s.ApplicationByID(t.Context(), w.app.ID)
	w.must(err)
	w.app = app
	return w
}

func (w *world) impact(would application.Application) provisioning.MappingImpact {
	w.t.Helper()
	got, err := w.engine.MappingImpact(w.t.Context(), w.app, would)
	w.must(err)
	return got
}

// sketch is an impact as a test reads it.
func sketch(i provisioning.ObjectImpact) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d change, %d fail\n", i.Changed, i.Evaluated, i.Failed)
	for _, a := range i.Attributes {
		fmt.Fprintf(&b, "%s: %d changed, %d set, %d cleared, %d failed", a.Name, a.Changed, a.Set, a.Cleared, a.Failed)
		if a.Failure != "" {
			fmt.Fprintf(&b, " (%s)", a.Failure)
		}
		if a.Spelling > 0 {
			fmt.Fprintf(&b, ", %d in letter case", a.Spelling)
		}
		if a.Dropped {
			b.WriteString(", dropped")
		}
		b.WriteByte('\n')
	}
	for _, x := range i.Examples {
		fmt.Fprintf(&b, "%s:", x.Name)
		for _, c := range x.Changes {
			fmt.Fprintf(&b, " %s %s → %s", c.Name, show(c.Old), show(c.New))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const locality = `addresses[type eq "work"].locality`

func TestMappingImpact(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(m *mapping.ObjectMapping)
		want   string
	}{
		{"nothing", func(*mapping.ObjectMapping) {}, "0 of 3 change, 0 fail\n"},
		{"an expression", func(m *mapping.ObjectMapping) {
			setRow(m, expressionRow("title", `IIF([jobTitle]="Nurse", "Nurse", Append([jobTitle], "!"))`))
		}, `2 of 3 change, 0 fail
title: 2 changed, 0 set, 0 cleared, 0 failed
anna@x.example: title "Engineer" → "Engineer!"
carl@x.example: title "Driver" → "Driver!"
`},
		{"letter case is no change for an account, and one for a new account", func(m *mapping.ObjectMapping) {
			setRow(m, expressionRow("title", `ToUpper([jobTitle])`))
		}, `1 of 3 change, 0 fail
title: 1 changed, 0 set, 0 cleared, 0 failed, 2 in letter case
carl@x.example: title "Driver" → "DRIVER"
`},
		{"letter case where the attribute tells", func(m *mapping.ObjectMapping) {
			row := expressionRow("title", `ToUpper([jobTitle])`)
			row.CaseExact = true
			setRow(m, row)
		}, `3 of 3 change, 0 fail
title: 3 changed, 0 set, 0 cleared, 0 failed
bert@x.example: title "Nurse" → "NURSE"
anna@x.example: title "Engineer" → "ENGINEER"
carl@x.example: title "Driver" → "DRIVER"
`},
		{"only during creation", func(m *mapping.ObjectMapping) {
			row := expressionRow("title", `ToUpper([jobTitle])`)
			row.Apply = mapping.OnlyOnCreate
			setRow(m, row)
		}, `1 of 3 change, 0 fail
title: 1 changed, 0 set, 0 cleared, 0 failed
carl@x.example: title "Driver" → "DRIVER"
`},
		{"written in every cycle, and no other value", func(m *mapping.ObjectMapping) {
			row := expressionRow("title", `[jobTitle]`)
			row.FlowAlways = true
			setRow(m, row)
		}, "0 of 3 change, 0 fail\ntitle: 0 changed, 0 set, 0 cleared, 0 failed\n"},
		{"only where there is none", func(m *mapping.ObjectMapping) {
			row := expressionRow(locality, `[displayName]`)
			row.Apply = mapping.WhenAbsent
			setRow(m, row)
		}, `2 of 3 change, 0 fail
addresses[type eq "work"].locality: 2 changed, 1 set, 0 cleared, 0 failed
anna@x.example: addresses[type eq "work"].locality ∅ → "Anna"
carl@x.example: addresses[type eq "work"].locality "Brno" → "Carl"
`},
		{"a new row, set where there is a value", func(m *mapping.ObjectMapping) { setRow(m, expressionRow("nickName", `[city]`)) }, `2 of 3 change, 0 fail
nickName: 2 changed, 2 set, 0 cleared, 0 failed
bert@x.example: nickName ∅ → "Cork"
carl@x.example: nickName ∅ → "Brno"
`},
		{"an empty value clears", func(m *mapping.ObjectMapping) { setRow(m, expressionRow(locality, `[state]`)) }, `2 of 3 change, 0 fail
addresses[type eq "work"].locality: 2 changed, 0 set, 2 cleared, 0 failed
bert@x.example: addresses[type eq "work"].locality "Cork" → ∅
carl@x.example: addresses[type eq "work"].locality "Brno" → ∅
`},
		{"an empty value is left", func(m *mapping.ObjectMapping) {
			row := expressionRow(locality, `[state]`)
			row.WhenEmpty = mapping.Leave
			setRow(m, row)
		}, `1 of 3 change, 0 fail
addresses[type eq "work"].locality: 1 changed, 0 set, 1 cleared, 0 failed
carl@x.example: addresses[type eq "work"].locality "Brno" → ∅
`},
		{"a row less", func(m *mapping.ObjectMapping) { dropRow(m, "displayName") }, `0 of 3 change, 0 fail
displayName: 0 changed, 0 set, 0 cleared, 0 failed, dropped
`},
		{"secrets are masked, the old value too", func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", `Redact([city])`)) }, `3 of 3 change, 0 fail
title: 3 changed, 0 set, 1 cleared, 0 failed
bert@x.example: title "[Redact]" → "[Redact]"
anna@x.example: title "[Redact]" → "[Redact]"
carl@x.example: title "[Redact]" → "[Redact]"
`},
		{"a row that fails", func(m *mapping.ObjectMapping) {
			row := expressionRow("nickName", "[city]")
			row.Type = mapping.Boolean
			setRow(m, row)
		}, `0 of 3 change, 2 fail
nickName: 0 changed, 0 set, 0 cleared, 2 failed (bert@x.example: the value is "Cork": expected True or False)
`},
		{"no updates", func(m *mapping.ObjectMapping) {
			m.Update = false
			setRow(m, expressionRow("title", `ToUpper([jobTitle])`))
		}, `1 of 3 change, 0 fail
title: 1 changed, 0 set, 0 cleared, 0 failed
carl@x.example: title "Driver" → "DRIVER"
`},
		{"a reference shows names", func(m *mapping.ObjectMapping) {
			m.Attributes[len(m.Attributes)-1].Kind, m.Attributes[len(m.Attributes)-1].Value = mapping.Expression, `IIF([city]="Cork", [objectId], "")`
		}, `2 of 3 change, 0 fail
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager: 2 changed, 1 set, 1 cleared, 0 failed
bert@x.example: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager ∅ → "bert@x.example"
anna@x.example: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager "bert@x.example" → ∅
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := impactWorld(t, storetest.Open(t, storetest.SQLite(t)))
			got := w.impact(remapped(w.app, c.change))
			if s := sketch(got.Users); s != c.want {
				t.Errorf("got\n%s\nwant\n%s", s, c.want)
			}
			if got.Scope != nil || got.Groups.Evaluated != 0 || got.Unusable != "" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestMappingImpactOfScope(t *testing.T) {
	w := impactWorld(t, storetest.Open(t, storetest.SQLite(t)))
	nurses := json.RawMessage(`{"groups":[{"name":"n","clauses":[{"operatorName":"EQUALS","sourceOperandName":"jobTitle","targetOperand":{"values":["Nurse"]}}]}]}`)
	got := w.impact(remapped(w.app, func(m *mapping.ObjectMapping) {
		m.Scope = nurses
		setRow(m, expressionRow("title", `Append([jobTitle], "!")`))
	}))
	if got.Scope == nil || got.Scope.Before != 3 || got.Scope.After != 1 || got.Scope.Out != 2 || got.Scope.Deprovisioned != 1 {
		t.Errorf("scope: %+v", got.Scope)
	}
	if got.Users.Evaluated != 1 || got.Users.Changed != 1 || got.Users.Examples[0].Name != "bert@x.example" {
		t.Errorf("only who stays is compared: %s", sketch(got.Users))
	}
}

// A row that stays as it is is not evaluated: it may give another value each time.
func TestMappingImpactLooksAtChangedRowsOnly(t *testing.T) {
	w := impactWorld(t, storetest.Open(t, storetest.SQLite(t)))
	w.app = remapped(w.app, func(m *mapping.ObjectMapping) {
		setRow(m, expressionRow("nickName", "Guid()"))
		setRow(m, expressionRow("title", "Redact([jobTitle])"))
	})
	got := w.impact(remapped(w.app, func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", `[jobTitle]`)) }))
	if len(got.Users.Attributes) != 1 || got.Users.Changed != 0 {
		t.Errorf("got %s", sketch(got.Users))
	}
	got = w.impact(remapped(w.app, func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", `[city]`)) }))
	if text := sketch(got.Users); strings.Contains(text, "Nurse") || got.Users.Changed != 3 {
		t.Errorf("a value that is secret now is shown, or not counted:\n%s", text)
	}
}

func TestMappingImpactOfABrokenMapping(t *testing.T) {
	w := impactWorld(t, storetest.Open(t, storetest.SQLite(t)))
	good := w.app
	w.app = remapped(w.app, func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", "[thereIsNoSuchAttribute]")) })
	got := w.impact(good)
	if !strings.Contains(got.Unusable, "thereIsNoSuchAttribute") || got.Users.Evaluated != 3 || got.Scope != nil {
		t.Errorf("got %+v", got)
	}
	if _, err := w.engine.MappingImpact(t.Context(), good, w.app); err == nil {
		t.Error("an impact of a mapping that does not work: want an error")
	}
}

func TestMappingImpactOfGroups(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "scim")
	w.user("anna@x.example", nil)
	w.group("Nurses", "anna@x.example")
	w.group("Others")
	w.app.Scope = application.ScopeAll
	would := w.app
	would.Mapping.Objects = slices.Clone(would.Mapping.Objects)
	m := would.Mapping.For("Group")
	m.Attributes = slices.Clone(m.Attributes)
	for i := range m.Attributes {
		if m.Attributes[i].Target == "displayName" {
			m.Attributes[i].Kind, m.Attributes[i].Value = mapping.Expression, `Append("g-", [displayName])`
		}
	}
	got := w.impact(would)
	want := "2 of 2 change, 0 fail\ndisplayName: 2 changed, 0 set, 0 cleared, 0 failed\n" +
		"Nurses: displayName \"Nurses\" → \"g-Nurses\"\nOthers: displayName \"Others\" → \"g-Others\"\n"
	if s := sketch(got.Groups); s != want || got.Users.Changed != 0 {
		t.Errorf("got %s want %s", s, want)
	}
}

// Ten examples, and among them one for every attribute.
func TestMappingImpactExamples(t *testing.T) {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.app.Scope = application.ScopeAll
	for i := range 30 {
		attributes := map[string]string{"jobTitle": fmt.Sprint("Job ", i)}
		if i == 25 {
			attributes["city"] = "Cork"
		}
		w.user(fmt.Sprintf("p%02d@x.example", i), attributes)
	}
	got := w.impact(remapped(w.app, func(m *mapping.ObjectMapping) {
		setRow(m, expressionRow("title", "ToUpper([jobTitle])"))
		setRow(m, expressionRow(locality, "ToUpper([city])"))
	})).Users
	seen := slices.ContainsFunc(got.Examples, func(x provisioning.ImpactExample) bool { return x.Name == "p25@x.example" })
	if len(got.Examples) != 10 || !seen || got.Changed != 30 {
		t.Errorf("got %s", sketch(got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.engine.MappingImpact(ctx, w.app, w.app); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled impact: got %v", err)
	}
}

// BenchmarkMappingImpact changes three rows of the mapping of 100,000 people, all in scope.
func BenchmarkMappingImpact(b *testing.B) {
	const people = 100_000
	w := benchWorld(b, people)
	would := remapped(w.app, func(m *mapping.ObjectMapping) {
		setRow(m, expressionRow("title", "ToUpper([jobTitle])"))
		setRow(m, expressionRow("nickName", `IIF(IsPresent([city]), [city], "nowhere")`))
		setRow(m, expressionRow("displayName", `Join(", ", [surname], [givenName])`))
	})
	b.ResetTimer()
	for range b.N {
		got, err := w.engine.MappingImpact(b.Context(), w.app, would)
		if err != nil || got.Users.Changed != people {
			b.Fatalf("%s, %v", sketch(got.Users), err)
		}
	}
	b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
}

// Somebody whom the directory disabled, and who is in scope, has an account that is kept up to date: a mapping that would switch it on again says so.
func TestMappingImpactOfTheDisabled(t *testing.T) {
	w := impactWorld(t, storetest.Open(t, storetest.SQLite(t)))
	w.change("bert@x.example", map[string]string{"accountEnabled": "False"})
	if _, err := w.cycle(provisioning.Options{}); err != nil {
		t.Fatal(err)
	}
	w.change("carl@x.example", map[string]string{"accountEnabled": "False"}) // has an account now, and another cycle has yet to disable it
	w.user("emil@x.example", map[string]string{"accountEnabled": "False"})
	w.assign("emil@x.example", "", true) // has none, and gets none
	constant := func(value string) func(m *mapping.ObjectMapping) {
		return func(m *mapping.ObjectMapping) {
			row := expressionRow("active", value)
			row.Kind, row.Type = mapping.Constant, mapping.Boolean
			setRow(m, row)
		}
	}
	got := w.impact(remapped(w.app, constant("True")))
	want := "2 of 3 change, 0 fail\nactive: 2 changed, 0 set, 0 cleared, 0 failed\n" +
		"bert@x.example: active false → true\ncarl@x.example: active false → true\n"
	if s := sketch(got.Users); s != want {
		t.Errorf("got %s want %s", s, want)
	}
	// What is not mapped any more is not written to them: they are deleted, or left alone.
	got = w.impact(remapped(w.app, func(m *mapping.ObjectMapping) {
		dropRow(m, "active")
		setRow(m, expressionRow("title", "[displayName]"))
	}))
	if got.Users.Evaluated != 1 || got.Users.Changed != 1 {
		t.Errorf("without active: %s", sketch(got.Users))
	}
}
