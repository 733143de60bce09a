package csv

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// groups returns attributes of the live groups by name.
func (c *company) groupAttributes(attribute string) map[string]any {
	c.t.Helper()
	out := map[string]any{}
	err := c.scan(context.Background(), directory.Group, func(o directory.Object) error {
		if o.Live() {
			out[o.Name()], _ = directory.Attribute(o, attribute)
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// TestGroupAttributes: a groups file may have columns with attributes of groups; what a group's rows contradict each other in stays as it is.
func TestGroupAttributes(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, s *store.Store) {
		c := newCompany(t, s)
		people := []string{"userPrincipalName", "a", "b"}
		groups := groupsFile("displayName,member,Description,securityEnabled,groupTypes", "Staff,a,everybody,true,Unified|X", "Staff,b,,,", "Staff,,everybody,,", "Empty,,,,")
		r := c.load(Options{Groups: groups}, file(people...))
		check(t, "import", groupCounts(r.Groups), "added 2, changed 0, unchanged 0, left 0, members +2 -0, rejected 0")
		for attribute, want := range map[string]any{"description": "everybody", "securityEnabled": true, "groupTypes": []any{"Unified", "X"}, "mail": nil} {
			if diff := cmp.Diff(map[string]any{"Staff": want, "Empty": nil}, c.groupAttributes(attribute)); diff != "" {
				t.Errorf("%s:\n%s", attribute, diff)
			}
		}
		r = c.load(Options{Groups: groups}, file(people...))
		check(t, "again", groupCounts(r.Groups), "added 0, changed 0, unchanged 2, left 0, members +0 -0, rejected 0")

		bad := groupsFile("displayName,member,description,securityEnabled", "Staff,a,one,", "Staff,b,two,", "Empty,,new,", "Odd,a,,perhaps")
		r = c.load(Options{Groups: bad}, file(people...))
		check(t, "contradiction", groupCounts(r.Groups), "added 1, changed 1, unchanged 1, left 0, members +0 -0, rejected 2")
		if diff := cmp.Diff(map[string]any{"Staff": "everybody", "Empty": "new", "Odd": nil}, c.groupAttributes("description")); diff != "" {
			t.Errorf("after a contradiction:\n%s", diff)
		}
		if text := r.Groups.Rejected[0].Reason + r.Groups.Rejected[1].Reason; !strings.Contains(text, `"two" here and "one"`) || !strings.Contains(text, `"perhaps"; expected is true or false`) {
			t.Errorf("rejected: %s", text)
		}
		r = c.load(Options{Groups: groupsFile("displayName,member,description", "Staff,a,", "Staff,b,", "Empty,,new", "Odd,,")}, file(people...))
		check(t, "emptied", groupCounts(r.Groups), "added 0, changed 1, unchanged 2, left 0, members +0 -0, rejected 0")
		if diff := cmp.Diff(map[string]any{"Staff": true, "Empty": nil, "Odd": nil}, c.groupAttributes("securityEnabled")); diff != "" {
			t.Errorf("what has no column:\n%s", diff)
		}
	})
}

func TestGroupColumnsThatCannotBeImported(t *testing.T) {
	known := directory.StandardAttributes(directory.Group)
	for header, says := range map[string]string{
		"createdDateTime": "works it out by itself", "objectId": "sets it by itself", "members": "the column member says", "descrption": "did you mean description?",
		"jobTitle": "unknown column", "info,INFO": "are the same attribute",
	} {
		_, err := groupLayout(append([]string{"displayName", "member"}, strings.Split(header, ",")...), false, known)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want it to say %q", header, err, says)
		}
	}
	if c, err := groupLayout([]string{"displayName", "member", "jobTitle", "mail"}, true, known); err != nil || len(c.attributes) != 1 {
		t.Errorf("unknown columns ignored: %+v, %v", c, err)
	}
}
