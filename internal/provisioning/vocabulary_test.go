package provisioning_test

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/application"
	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/source/csv"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

const collector = "urn:example:Collector"

// vocabularyCase is one attribute on its way from a cell to the account.
type vocabularyCase struct {
	directory.Name
	cell   string // as the file has it
	text   string // as a text attribute of the target gets it; a list with + between its values
	clause string // a scoping filter that lets the person in
}

// vocabularyCases are all attributes of people that an import can set. Other words for one, and the manager, who is no text, are left out.
func vocabularyCases() []vocabularyCase {
	var cases []vocabularyCase
	for i, n := range directory.Vocabulary() {
		if n.Of != "" || n.Type == scim.TypeReference || n.Path == "" || n.Path == "id" || n.Entra == "originalUserPrincipalName" || n.Entra == "accountEnabled" {
			continue
		}
		c := vocabularyCase{Name: n}
		operator, value := "EQUALS", ""
		switch {
		case n.MultiValued:
			c.cell, c.text, operator = fmt.Sprintf("v%d|w%d", i, i), fmt.Sprintf("v%d+w%d", i, i), "IS NOT NULL"
		case n.Type == scim.TypeBoolean:
			c.cell, c.text, operator = "true", "True", "IS TRUE"
		case n.Type == scim.TypeInteger:
			c.cell, c.text, operator, value = fmt.Sprint(1000+i), fmt.Sprint(1000+i), "Greater_Than_OR_EQUALS", fmt.Sprint(1000+i)
		case n.Type == scim.TypeDateTime:
			c.cell, c.text, operator = "2026-03-01", "2026-03-01T00:00:00Z", "IS NOT NULL"
		default:
			c.cell = fmt.Sprintf("value %d", i)
			c.text, value = c.cell, c.cell
		}
		values := "[]"
		if value != "" {
			values = `["` + value + `"]`
		}
		c.clause = fmt.Sprintf(`{"groups":[{"clauses":[{"sourceOperandName":%q,"operatorName":%q,"targetOperand":{"values":%s}}]}]}`, n.Entra, operator, values)
		cases = append(cases, c)
	}
	return cases
}

// TestVocabularyEndToEnd: every attribute that an import can set is read from a file, filtered by, computed with, and arrives at the target.
func TestVocabularyEndToEnd(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s, "scim")
		cases := vocabularyCases()
		if len(cases) < 200 {
			t.Fatalf("there are %d attributes, want at least 200", len(cases))
		}
		w.collect(cases)
		w.importVocabulary(cases)
		person := w.find(cases[slices.IndexFunc(cases, func(c vocabularyCase) bool { return c.Entra == "userPrincipalName" })].cell)

		r, err := w.cycle(provisioning.Options{})
		if err != nil || r.Created != 2 || r.Failed > 0 {
			t.Fatalf("cycle: %+v, %v; want two accounts", r.Tally, err)
		}
		_, account := w.accountOf(person.Name())
		collected, _ := account[collector].(map[string]any)
		for i, c := range cases {
			if got := collected[fmt.Sprintf("a%d", i)]; got != c.text {
				t.Errorf("%s arrives as %v; want %q", c.Entra, got, c.text)
			}
			tried, err := w.engine.Try(t.Context(), w.app, provisioning.Subject{Type: directory.User, ID: person.ID},
				provisioning.TrialRequest{Expression: "Join(\"+\", [" + strings.ToUpper(c.Entra) + "])"})
			if err != nil || !slices.Equal(tried.Result, []string{c.text}) {
				t.Errorf("[%s] is %v, %v; want %q", c.Entra, tried.Result, err, c.text)
			}
			narrowed := w.app
			narrowed.Mapping.Objects = slices.Clone(w.app.Mapping.Objects)
			narrowed.Mapping.For(directory.User).Scope = []byte(c.clause)
			if impact, err := w.engine.Impact(t.Context(), w.app, narrowed); err != nil || impact.Before != 2 || impact.After != 1 {
				t.Errorf("%s as a filter: %+v, %v; want one of two people in scope", c.Entra, impact, err)
			}
		}
	})
}

// collect makes the target take every attribute as a text, and maps them.
func (w *world) collect(cases []vocabularyCase) {
	w.t.Helper()
	extension := &scim.Schema{ID: collector, Name: "Collector", Description: "Whatever comes."}
	m := w.app.Mapping.For(directory.User)
	m.Definitions = nil // the rows say what their targets are
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target != "userName" && a.Target != "active" })
	for i, c := range cases {
		name := fmt.Sprintf("a%d", i)
		extension.Attributes = append(extension.Attributes, &scim.Attribute{Name: name, Description: c.Entra})
		row := mapping.AttributeMapping{Kind: mapping.Direct, Value: c.Entra, Target: collector + ":" + name}
		if c.MultiValued {
			row.Kind, row.Value = mapping.Expression, `Join("+", [`+c.Entra+`])`
		}
		m.Attributes = append(m.Attributes, row)
	}
	types, err := scim.Core().Extend("User", scim.Extension{Schema: extension})
	w.must(err)
	w.service = &scimtest.Memory{Now: w.clock, NewID: func() string { return w.id("acc") }}
	server := httptest.NewServer(scimserver.New(scimserver.Config{Registry: types, Backend: w.service, Logger: slog.New(slog.DiscardHandler)}))
	w.t.Cleanup(server.Close)
	w.url, w.app.TenantURL, w.app.Scope = server.URL, server.URL, application.ScopeAll
	w.save()
}

// importVocabulary imports two people: one has everything, the other nothing but a name.
func (w *world) importVocabulary(cases []vocabularyCase) {
	w.t.Helper()
	var head, full, empty []string
	for _, c := range cases {
		head, full = append(head, c.Entra), append(full, c.cell)
		if c.Entra == "userPrincipalName" {
			empty = append(empty, "nobody@x.example")
		} else {
			empty = append(empty, "")
		}
	}
	file := strings.Join(head, ",") + "\n" + strings.Join(full, ",") + "\n" + strings.Join(empty, ",") + "\n"
	importer := csv.Importer{Directory: w.dir, Organization: org}
	r, err := importer.Import(w.t.Context(), csv.File{Name: "people.csv", Data: strings.NewReader(file)}, csv.Options{})
	if err != nil || r.Added != 2 || len(r.Rejected) > 0 {
		w.t.Fatalf("import: %+v, %v; want two people", r, err)
	}
}
