package scim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/target/scim/scimfake"
	"github.com/rollcall-id/rollcall/scim/scimclient"
)

// team makes a group and n people, and returns their ids.
func (s *service) team(target *Target, n int) (group string, people []string) {
	s.t.Helper()
	g, err := target.Create(s.t.Context(), "Group", []provisioning.Assignment{set("displayName", "Team")})
	if err != nil {
		s.t.Fatal(err)
	}
	for i := range n {
		people = append(people, s.user(target, fmt.Sprintf("u%03d@x", i)).ID)
	}
	return g.ID, people
}

func (s *service) members(group string) []string {
	s.t.Helper()
	var r struct{ Members []struct{ Value string } }
	if err := json.Unmarshal([]byte(s.resource("Group", group)), &r); err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, m := range r.Members {
		out = append(out, m.Value)
	}
	slices.Sort(out)
	return out
}

func sorted(ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	return out
}

func TestChangeMembers(t *testing.T) {
	for _, patch := range []scimclient.Support{scimclient.Unknown, scimclient.No} {
		s := newService(t)
		target := s.target(func(c *Config) { c.MemberBatch = 10; c.Patch = patch })
		group, people := s.team(target, 25)
		change := func(add, remove []string) {
			t.Helper()
			s.Forget()
			if err := target.ChangeMembers(t.Context(), group, add, remove); err != nil {
				t.Fatal(err)
			}
		}
		change(slices.Concat(people[:20], people[:3]), nil)
		if got := s.members(group); !slices.Equal(got, sorted(people[:20])) {
			t.Errorf("PATCH %v: %d members after adding; want 20", patch, len(got))
		}
		if got := len(s.writes(group)); patch != scimclient.No && got != 2 {
			t.Errorf("20 members took %d writes; want 2 batches of 10", got)
		}
		change(people[20:], people[:15])
		if got := s.members(group); !slices.Equal(got, sorted(people[15:])) {
			t.Errorf("PATCH %v: members are %q; want the last ten", patch, got)
		}
		change(people[20:], people[:15]) // once more: all of it is done already
		if got := s.members(group); !slices.Equal(got, sorted(people[15:])) {
			t.Errorf("PATCH %v: repetition changed the members to %q", patch, got)
		}
		change(nil, people)
		if got := s.members(group); len(got) != 0 {
			t.Errorf("PATCH %v: members are %q; want none", patch, got)
		}
		change(nil, nil)
		if len(s.Requests()) != 0 {
			t.Error("no change made a request")
		}
	}
}

func TestShapeOfMemberOperations(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	group, people := s.team(target, 2)
	s.Forget()
	if err := target.ChangeMembers(t.Context(), group, people, []string{`x"y`, "z"}); err != nil {
		t.Fatal(err)
	}
	p := sorted(people)
	want := []string{
		`PATCH /Groups/ID [{"op":"add","path":"members","value":[{"value":"` + p[0] + `"},{"value":"` + p[1] + `"}]}]`,
		`PATCH /Groups/ID [{"op":"remove","path":"members[value eq \"x\\\"y\"]"},{"op":"remove","path":"members[value eq \"z\"]"}]`,
	}
	if got := s.writes(group); !slices.Equal(got, want) {
		t.Errorf("sent\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOneBadMemberDoesNotKeepTheOthersOut(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	group, people := s.team(target, 30)
	for _, rule := range []scimfake.Rule{
		{}, // the service itself refuses an unknown member
		{Fault: scimfake.Refuse, Status: 404, Detail: "no such user", Method: "PATCH", Body: "ghost"},
		{Fault: scimfake.Refuse, Status: 422, Detail: "bad", Method: "PATCH", Body: "ghost"},
	} {
		s.Rules()
		if err := target.ChangeMembers(t.Context(), group, nil, people); err != nil {
			t.Fatal(err)
		}
		s.Rules(rule)
		s.Forget()
		err := target.ChangeMembers(t.Context(), group, slices.Concat(people, []string{"ghost"}), nil)
		if got := s.members(group); !slices.Equal(got, sorted(people)) {
			t.Errorf("%d: %d members; want the 30 that exist", rule.Status, len(got))
		}
		e := asTargetError(t, err)
		if !strings.Contains(e.Detail, "1 of 31") || !strings.Contains(e.Detail, "ghost") || e.Code == invalidAnchor || e.Fatal {
			t.Errorf("%d: got %+v; want an error that names the member", rule.Status, e)
		}
		if got := len(s.writes(group)); got > 15 {
			t.Errorf("%d: took %d writes; want a search by halves", rule.Status, got)
		}
	}
}

func TestMembersThatAreGoneOrThereAlready(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	group, people := s.team(target, 2)
	for _, tt := range []struct {
		rule        scimfake.Rule
		add, remove []string
		ok          bool
	}{
		{scimfake.Rule{Status: 409, Detail: "already a member"}, people, nil, true},
		{scimfake.Rule{Status: 400, ScimType: "noTarget", Detail: "no such member"}, nil, people, true},
		{scimfake.Rule{Status: 404, Detail: "no such member"}, nil, people, true},
		{scimfake.Rule{Status: 400, Detail: "malformed"}, nil, people, false},
		{scimfake.Rule{Status: 500, Detail: "oops"}, people, nil, false},
	} {
		tt.rule.Fault, tt.rule.Method = scimfake.Refuse, "PATCH"
		s.Rules(tt.rule)
		if err := target.ChangeMembers(t.Context(), group, tt.add, tt.remove); (err == nil) != tt.ok {
			t.Errorf("%d %s: got %v; want success %v", tt.rule.Status, tt.rule.Detail, err, tt.ok)
		}
	}
}

func TestGroupsWithoutPatch(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	group, people := s.team(target, 3)
	s.Rules(scimfake.Rule{Fault: scimfake.PutOnly, Path: "/Groups"})
	for range 2 {
		if err := target.ChangeMembers(t.Context(), group, people, nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.members(group); len(got) != 3 || s.Struck(scimfake.PutOnly) != 1 {
		t.Errorf("%d members after %d refusals; want 3 after 1", len(got), s.Struck(scimfake.PutOnly))
	}
	// That groups have no PATCH says nothing of users.
	s.Forget()
	if err := target.Update(t.Context(), "User", people[0], []provisioning.Assignment{set("title", "x")}); err != nil || len(s.writes("")) != 1 {
		t.Errorf("got %v and %q; want one PATCH", err, s.writes(people[0]))
	}
	if got := s.writes(people[0]); !strings.HasPrefix(got[0], "PATCH") {
		t.Errorf("sent %q; want PATCH", got)
	}
}

func TestConcurrentChangesOfOneGroupLoseNothing(t *testing.T) {
	s := newService(t)
	target := s.target(func(c *Config) { c.Patch = scimclient.No }) // read, change, write: the worst case
	group, people := s.team(target, 12)
	var wg sync.WaitGroup
	for _, id := range people {
		wg.Go(func() {
			if err := target.ChangeMembers(t.Context(), group, []string{id}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := s.members(group); len(got) != 12 {
		t.Errorf("%d members; want all 12", len(got))
	}
	if len(target.groups.held) != 0 {
		t.Errorf("%d locks are still held", len(target.groups.held))
	}
}

// TestRefusedMemberIsNotAGroupThatIsGone: 404 for a member must not read as 404 for the group.
func TestRefusedMemberIsNotAGroupThatIsGone(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	group, people := s.team(target, 3)
	s.Rules(scimfake.Rule{Fault: scimfake.Refuse, Method: http.MethodPatch, Body: people[1], Status: http.StatusNotFound})
	e := asTargetError(t, target.ChangeMembers(t.Context(), group, people, nil))
	if e.Status != http.StatusUnprocessableEntity || e.Code != unprocessable || len(e.Refused) != 1 {
		t.Errorf("got %d %s, refused %q; want 422 and one member", e.Status, e.Code, e.Refused)
	}
	if got := s.members(group); len(got) != 2 {
		t.Errorf("%d members; want 2", len(got))
	}
}
