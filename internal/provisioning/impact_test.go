package provisioning_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

const (
	salesOnly = `{"groups":[{"name":"sales","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["Sales"]}}]}]}`
	// spared keeps the administrators as they are; nobody can judge Max, whose title makes the expression slow.
	spared = `{"groups":[{"name":"sales","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["Sales"]}},
		{"operatorName":"NOT REGEX MATCH","sourceOperandName":"jobTitle","targetOperand":{"values":["(a+)+b"]}}]}],
		"inputFilterGroups":[{"name":"no administrators","clauses":[{"operatorName":"NOT EQUALS","sourceOperandName":"employeeType","targetOperand":{"values":["Admin"]}}]}]}`
	appGroups = `{"groups":[{"name":"apps","clauses":[{"operatorName":"STARTS_WITH","sourceOperandName":"displayName","targetOperand":{"values":["App"]}}]}]}`
)

// everyone makes people of each sort, of whom those before Zoe are assigned, runs a cycle, and returns the world.
func everyone(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s, "scim")
	slow := strings.Repeat("a", 40)
	for name, attributes := range map[string]map[string]string{
		"ann": {"department": "Sales", "jobTitle": "Clerk"}, "ben": {"department": "IT", "jobTitle": "Clerk"}, "root": {"department": "IT", "employeeType": "Admin"},
		"max": {"department": "Sales", "jobTitle": slow}, "off": {"department": "IT", "accountEnabled": "false"}, "gone": {"department": "IT"},
		"zoe": {"department": "Sales", "jobTitle": "Clerk"},
	} {
		if attributes["employeeType"] == "" {
			attributes["employeeType"] = "Staff" // NOT EQUALS does not hold for who has no value
		}
		w.user(name+"@x.example", attributes)
	}
	for _, name := range []string{"ann", "ben", "root", "max", "off", "gone"} {
		w.assign(name+"@x.example", "", true)
	}
	w.group("App One")
	w.group("Lunch")
	for _, g := range []string{"App One", "Lunch"} {
		w.assign(g, "", true)
	}
	_, err := w.cycle(provisioning.Options{Foreground: true})
	w.must(err)
	w.remove("delete", "gone@x.example")
	return w
}

// with returns the application as the change would make it.
func (w *world) with(mode, users, groups string) application.Application {
	w.t.Helper()
	app := w.app
	w.must(app.SetScope(mode))
	if users != "" {
		w.must(app.SetFilters(directory.User, json.RawMessage(users)))
	}
	if groups != "" {
		w.must(app.SetFilters(directory.Group, json.RawMessage(groups)))
	}
	return app
}

func TestImpact(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := everyone(t, s)
		tests := []struct {
			name   string
			would  application.Application
			want   provisioning.ImpactCounts
			groups provisioning.ImpactCounts
		}{
			{"nothing", w.with(application.ScopeAssigned, "", ""),
				provisioning.ImpactCounts{Before: 4, After: 4, Unassigned: 1}, provisioning.ImpactCounts{Before: 2, After: 2}},
			{"a filter", w.with(application.ScopeAssigned, salesOnly, appGroups),
				provisioning.ImpactCounts{Before: 4, After: 2, Out: 2, Disabled: 2, Unassigned: 1, OutExamples: []string{"ben@x.example", "root@x.example"}},
				provisioning.ImpactCounts{Before: 2, After: 1, Out: 1, Deleted: 1, OutExamples: []string{"Lunch"}}},
			{"spared and not to be judged", w.with(application.ScopeAssigned, spared, ""),
				provisioning.ImpactCounts{Before: 4, After: 1, Out: 1, Disabled: 1, Unassigned: 1, Ignored: 1, Broken: 1, OutExamples: []string{"ben@x.example"},
					IgnoredExamples: []string{"root@x.example"}},
				provisioning.ImpactCounts{Before: 2, After: 2}},
			{"everybody", w.with(application.ScopeAll, salesOnly, ""),
				provisioning.ImpactCounts{Before: 4, After: 3, In: 1, Out: 2, Disabled: 2, InExamples: []string{"zoe@x.example"},
					OutExamples: []string{"ben@x.example", "root@x.example"}},
				provisioning.ImpactCounts{Before: 2, After: 2}},
		}
		for _, test := range tests {
			got, err := w.engine.Impact(t.Context(), w.app, test.would)
			if err != nil {
				t.Fatal(err)
			}
			if diff := differs(got.ImpactCounts, test.want); diff != "" {
				t.Errorf("%s: people: %s", test.name, diff)
			}
			if diff := differs(got.Groups, test.groups); diff != "" {
				t.Errorf("%s: groups: %s", test.name, diff)
			}
		}
		// What is kept: by the settings, or because nothing disables.
		w.app.Settings.SkipOutOfScopeDeletions = true
		got, err := w.engine.Impact(t.Context(), w.app, w.with(application.ScopeAssigned, salesOnly, ""))
		if err != nil || got.Out != 2 || got.Kept != 2 || got.Deprovisioned != 0 {
			t.Errorf("skip-out-of-scope-deletions: %+v, %v", got.ImpactCounts, err)
		}
		w.app.Settings.SkipOutOfScopeDeletions, w.app.Settings.Deprovision = false, application.DeprovisionDelete
		got, err = w.engine.Impact(t.Context(), w.app, w.with(application.ScopeAssigned, salesOnly, ""))
		if err != nil || got.Deleted != 2 || got.Deprovisioned != 2 {
			t.Errorf("deprovision=delete: %+v, %v", got.ImpactCounts, err)
		}
	})
}

// differs compares counts and names; the order of names is that of the map that made them.
func differs(got, want provisioning.ImpactCounts) string {
	want.Deprovisioned, want.Examples = want.Disabled+want.Deleted, want.OutExamples
	if len(got.BrokenExamples) != want.Broken {
		return "examples of who cannot be judged: " + strings.Join(got.BrokenExamples, ", ")
	}
	got.BrokenExamples = nil
	for _, c := range []*provisioning.ImpactCounts{&got, &want} {
		for _, list := range []*[]string{&c.Examples, &c.InExamples, &c.OutExamples, &c.IgnoredExamples} {
			*list = append([]string{}, *list...)
			slices.Sort(*list)
		}
	}
	a, _ := json.Marshal(got)
	b, _ := json.Marshal(want)
	if string(a) != string(b) {
		return "got\n" + string(a) + "\nwant\n" + string(b)
	}
	return ""
}

// The impact says what the cycle that follows does.
func TestImpactIsTheCycle(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := everyone(t, s)
		_, err := w.cycle(provisioning.Options{Foreground: true}) // who left is disabled before
		w.must(err)
		would := w.with(application.ScopeAll, salesOnly, appGroups)
		impact, err := w.engine.Impact(t.Context(), w.app, would)
		w.must(err)
		w.app = would
		w.save()
		got, err := w.cycle(provisioning.Options{Foreground: true})
		if err != nil || got.Users.Disabled != impact.Disabled || got.Users.Created != impact.In || got.Groups.Deleted != impact.Groups.Deleted || impact.Disabled != 2 {
			t.Errorf("impact %+v\ncycle %+v %+v, %v", impact, got.Users, got.Groups, err)
		}
	})
}

func TestTestScope(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := everyone(t, s)
		tests := []struct {
			app                           application.Application
			who                           string
			in, ignored, broken, assigned bool
			reason, clauses               string
			typ                           string
		}{
			{w.with("assigned", salesOnly, ""), "ann@x.example", true, false, false, true, "assigned to the application, passes the scoping filter sales",
				"sales department EQUALS Sales: true", directory.User},
			{w.with("assigned", salesOnly, ""), "ben@x.example", false, false, false, true, "no scoping filter passes (sales department EQUALS Sales: false)",
				"sales department EQUALS Sales: false", directory.User},
			{w.with("assigned", salesOnly, ""), "zoe@x.example", false, false, false, false, "not assigned to the application",
				"sales department EQUALS Sales: true", directory.User},
			{w.with("assigned", spared, ""), "root@x.example", false, true, false, true,
				"ignored: no input filter passes (no administrators employeeType NOT EQUALS Admin: false)", "no administrators employeeType NOT EQUALS Admin: false", directory.User},
			{w.with("assigned", spared, ""), "max@x.example", false, false, true, true, "takes longer than 100ms", "", directory.User},
			{w.with("assigned", salesOnly, ""), "off@x.example", false, false, false, true, "no scoping filter passes", "sales department EQUALS Sales: false", directory.User},
			{w.with("assigned", "", ""), "off@x.example", false, false, false, true, "disabled in the directory", "", directory.User},
			{w.with("assigned", "", ""), "gone@x.example", false, false, false, true, "deleted from the directory", "", directory.User},
			{w.with("assigned", "", appGroups), "Lunch", false, false, false, true, "no scoping filter passes (apps displayName STARTS_WITH App: false)",
				"apps displayName STARTS_WITH App: false", directory.Group},
		}
		for _, test := range tests {
			o := w.find(test.who)
			got, err := w.engine.TestScope(t.Context(), test.app, provisioning.Subject{Type: test.typ, ID: o.ID})
			if err != nil || got.InScope != test.in || got.Ignored != test.ignored || got.Broken != test.broken || got.Assigned != test.assigned ||
				!strings.Contains(got.Reason, test.reason) || !strings.HasPrefix(got.Filter.String(), test.clauses) || got.Source.Name != test.who {
				t.Errorf("%s: got %+v, %v", test.who, got, err)
			}
		}
	})
}

func TestCheckFilter(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := everyone(t, s)
		clause := func(attribute, operator, value string) string {
			return `{"groups":[{"clauses":[{"operatorName":"` + operator + `","sourceOperandName":"` + attribute + `","targetOperand":{"values":["` + value + `"]}}]}]}`
		}
		tests := []struct{ typ, filter, warning, fails string }{
			{directory.User, clause("department", "EQUALS", "x"), "", ""},
			{directory.User, clause("departmnt", "EQUALS", "x"), "", `unknown attribute "departmnt": did you mean department?`},
			{directory.User, clause("membrOf", "MEMBER OF", "x"), "", "MEMBER OF is about groups"},
			{directory.User, clause("membrOf", "EQUALS", "x"), "", "did you mean memberOf?"},
			{directory.User, clause("password", "EQUALS", "x"), "", "unknown attribute"},
			{directory.User, clause("memberOf", "MEMBER OF", "app one"), "", ""},
			{directory.User, clause("memberOf", "MEMBER OF", "App Two"), `the directory has no group with the name or id "App Two"`, ""},
			{directory.User, clause("memberOf", "MEMBER OF", w.find("Lunch").ID), "", ""},
			{directory.User, clause("manager", "EQUALS", "nobody@x.example"), `the directory has no person with the name or id "nobody@x.example"`, ""},
			{directory.User, clause("manager", "EQUALS", "ann@x.example"), "", ""}, {directory.User, clause("manager", "ENDS_WITH", "@x.example"), "", ""},
			{directory.User, clause("department", "Greater_Than", "5"), "department is a text", ""},
			{directory.User, clause("employeeHireDate", "Before", "today"), "", ""}, {directory.User, clause("accountEnabled", "EQUALS", "1"), "use IS TRUE", ""},
			{directory.User, clause("name.familyName", "EQUALS", "x"), "", ""}, {directory.User, clause(`emails.value`, "EQUALS", "x"), "", ""},
			{directory.User, clause("appRoleAssignments", "IN", "x"), "", ""}, {directory.Group, clause("displayName", "EQUALS", "x"), "", ""},
			{directory.Group, clause("department", "EQUALS", "x"), "", "unknown attribute"}, {directory.User, "", "", ""}, {directory.User, "{", "", "not JSON"},
		}
		for _, test := range tests {
			warnings, err := w.engine.CheckFilter(t.Context(), org, test.typ, json.RawMessage(test.filter))
			got := strings.Join(warnings, "; ")
			if (got == "") != (test.warning == "") || !strings.Contains(got, test.warning) || (err == nil) != (test.fails == "") ||
				err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("%s: got %q, %v", test.filter, got, err)
			}
		}
	})
}
