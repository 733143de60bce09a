package csv

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestListCells: a cell of an attribute with several values has | between them.
func TestListCells(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		head := "userPrincipalName,otherMails,msExchResourceMetaData,departmentNumber"
		r := c.load(Options{}, file(head, `a,a@x.example | b@x.example||a@x.example,R\|S\x|T,`, `b,,,7`, `c,c@x.example;d@x.example,,`, `d,e@x.example;f@x.example,,`))
		check(t, "import", counts(r), "added 4, changed 0, unchanged 0, left 0, rejected 0")
		check(t, "people", c.people("otherMails", "msExchResourceMetaData", "departmentNumber"),
			`a [a@x.example b@x.example] [R|S\x T] ·, b · · [7], c [c@x.example;d@x.example] · ·, d [e@x.example;f@x.example] · ·`)
		if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "line 4: otherMails was read as one value") {
			t.Errorf("the warnings are %q, want one about line 4", r.Warnings)
		}
		r = c.load(Options{}, file(head, `a,a@x.example|b@x.example,R\|S\x|T,`, `b,,,`, `c,,,`, `d,g@x.example,,`))
		check(t, "again", counts(r), "added 0, changed 3, unchanged 1, left 0, rejected 0")
		check(t, "people after that", c.people("otherMails", "departmentNumber"), "a [a@x.example b@x.example] ·, b · ·, c · ·, d [g@x.example] ·")
	})
}

// TestRegisteredColumns: attributes that the organization registered are columns, with their types; nobody else has them.
func TestRegisteredColumns(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		d, err := scim.ParseDefinitions([]byte(`[{"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
			"schemaExtensions":[{"schema":"urn:example:Badge"}]},
			{"id":"urn:example:Badge","name":"Badge","attributes":[{"name":"number","type":"integer"},{"name":"rooms","multiValued":true,"type":"integer"}]}]`))
		if err != nil {
			t.Fatal(err)
		}
		people := file("userPrincipalName,URN:example:Badge:number,urn:example:badge:Rooms", "a,7,1|2", "b,seven,", "c,,1|two")
		if _, err := c.Import(t.Context(), people, Options{}); err == nil || !strings.Contains(err.Error(), "unknown column") {
			t.Errorf("before it was registered: %v", err)
		}
		if err := c.Directory.Write(t.Context(), org, directory.Origin{}, func(ctx context.Context, w *directory.Writer) error {
			_, err := w.Register(ctx, d)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		r := c.load(Options{}, people)
		check(t, "import", counts(r), "added 1, changed 0, unchanged 0, left 0, rejected 2")
		if !strings.Contains(r.Rejected[0].Reason, `"seven"; expected is a whole number`) || !strings.Contains(r.Rejected[1].Reason, `"two"; expected is a whole number`) {
			t.Errorf("rejected: %v", r.Rejected)
		}
		o, err := s.ObjectByName(t.Context(), org, directory.User, "a")
		if err != nil {
			t.Fatal(err)
		}
		badge, _ := o.Attributes["urn:example:Badge"].(map[string]any)
		if rooms, _ := badge["rooms"].([]any); badge["number"] != int64(7) || !slices.Equal(rooms, []any{int64(1), int64(2)}) {
			t.Errorf("the badge is %v", badge)
		}
	})
}

func TestColumnsThatCannotBeImported(t *testing.T) {
	known := directory.StandardAttributes(directory.User)
	for header, says := range map[string]string{
		"createdDateTime": "works it out by itself", "objectId": "sets it by itself", "emails": "say which one", "password": "secrets do not belong",
		"ageGrup": "did you mean ageGroup?", "originalUserPrincipalName": "are the same attribute",
	} {
		_, _, err := layoutOf([]string{"userPrincipalName", header}, "", false, known)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want it to say %q", header, err, says)
		}
	}
	if _, _, err := layoutOf([]string{"userPrincipalName", "otherMails"}, "otherMails", false, known); err == nil || !strings.Contains(err.Error(), "several values") {
		t.Errorf("a list as key: %v", err)
	}
}

func TestListCellIsBounded(t *testing.T) {
	c := column{header: "otherMails", kind: scim.TypeString, list: true}
	if _, err := convert(c, strings.Repeat("x|", 2001)); err == nil || !strings.Contains(err.Error(), "otherMails has 2001 values; at most 2000") {
		t.Errorf("2001 values: %v", err)
	}
	if v, err := convert(c, strings.Repeat("x|", 2000)); err != nil || !slices.Equal(v.([]any), []any{"x"}) {
		t.Errorf("2000 values: %v, %v", v, err)
	}
	if v, err := convert(c, " | |"); v != nil || err != nil {
		t.Errorf("no values: %v, %v", v, err)
	}
}

// FuzzSplit: what was taken apart and put together again is the same.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "a|b", ` a \| b ||`, `\\|`, "|", `x\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parts := split(text)
		var again []string
		for _, part := range parts {
			if part == "" || part != strings.TrimSpace(part) {
				t.Fatalf("%q has the value %q", text, part)
			}
			again = append(again, strings.ReplaceAll(part, "|", `\|`))
		}
		if got := split(strings.Join(again, " | ")); !slices.Equal(got, parts) {
			t.Fatalf("%q is %q, and put together %q", text, parts, got)
		}
	})
}
