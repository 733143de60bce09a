package scim

import (
	"testing"

	"github.com/rollcall-id/rollcall/internal/provisioning"
)

func TestPlanWritesNothing(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	ann := s.user(target, "ann@x", set("externalId", "1"))
	plan := Plan(target)
	ctx := t.Context()

	if err := plan.Probe(ctx, "User", "userName"); err != nil {
		t.Fatal(err)
	}
	if found, err := plan.Find(ctx, "User", "userName", "Ann@x"); err != nil || len(found) != 1 || found[0].ID != ann.ID {
		t.Errorf("Find gave %+v, %v; want the real account", found, err)
	}
	bob, err := plan.Create(ctx, "User", []provisioning.Assignment{set("userName", "bob@x"), set("active", "True"), set(enterprise+":manager", "m")})
	if err != nil || bob.ID == "" || bob.Name != "bob@x" || bob.Resource["active"] != true {
		t.Errorf("Create gave %+v, %v", bob, err)
	}
	if found, err := plan.Find(ctx, "User", "userName", "BOB@x"); err != nil || len(found) != 1 || found[0].ID != bob.ID {
		t.Errorf("Find gave %+v, %v; want the planned account, as in a real cycle", found, err)
	}
	if found, err := plan.Find(ctx, "Group", "displayName", "bob@x"); err != nil || len(found) != 0 {
		t.Errorf("Find gave %+v, %v; want no group", found, err)
	}
	for _, err := range []error{
		plan.Update(ctx, "User", ann.ID, []provisioning.Assignment{set("title", "x")}),
		plan.Update(ctx, "User", bob.ID, []provisioning.Assignment{set("userName", "rob@x"), set("active", nil)}),
		plan.Delete(ctx, "User", ann.ID),
		plan.ChangeMembers(ctx, "g", []string{"a", "b"}, []string{"c"}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got, err := plan.Read(ctx, "User", bob.ID); err != nil || got.Name != "rob@x" || got.Resource["active"] != nil {
		t.Errorf("Read gave %+v, %v; want the planned account as updated", got, err)
	}
	if got, err := plan.Read(ctx, "User", ann.ID); err != nil || got.Resource["title"] != nil {
		t.Errorf("Read gave %+v, %v; want the real account", got, err)
	}
	if got, want := plan.Counts(), (Counts{Creates: 1, Updates: 2, Deletes: 1, MemberChanges: 3}); got != want {
		t.Errorf("counts %+v; want %+v", got, want)
	}
	if got := s.writes(ann.ID); len(got) != 0 || s.memory.Len("User") != 1 {
		t.Errorf("wrote %q", got)
	}
	if plan.Requests() != target.Requests() {
		t.Errorf("counts %d requests; want those of the target, %d", plan.Requests(), target.Requests())
	}
	if _, err := plan.Create(ctx, "User", []provisioning.Assignment{set("emails[", "x")}); asTargetError(t, err).Code != attributeNotFound {
		t.Errorf("a bad path: got %v; want the same error as in a real cycle", err)
	}
}
