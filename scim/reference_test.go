package scim

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mapped(text string) (string, error) {
	if text == "bad" {
		return "", errors.New("leads nowhere")
	}
	return strings.ReplaceAll(text, "x:", "id-"), nil
}

func TestMapReferences(t *testing.T) {
	user := Core().Type("User")
	r, err := user.DecodeResource([]byte(`{"userName":"x:1","title":"x:2","emails":[{"value":"x:3"}],"photos":[{"value":"x:4"}],
 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"x:5","manager":{"value":"x:6","$ref":"../Users/x:6"}}}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := user.MapReferences(r, mapped); err != nil {
		t.Fatal(err)
	}
	enterprise := map[string]any{"department": "x:5", "manager": map[string]any{"value": "id-6", "$ref": "../Users/id-6"}}
	if diff := cmp.Diff(enterprise, r[URNEnterpriseUser]); diff != "" {
		t.Errorf("the extension differs (-want +got):\n%s", diff)
	}
	if text := string(AppendJSON(nil, map[string]any(r))); strings.Count(text, "x:") != 5 {
		t.Errorf("what is no reference has changed: %s", text)
	}
	group := Core().Type("Group")
	g := Resource{"displayName": "x:0", "members": []any{
		map[string]any{"value": "x:1"}, map[string]any{"value": "id-1", "type": "User"}, map[string]any{"value": "other"},
	}}
	if err := group.MapReferences(g, mapped); err != nil {
		t.Fatal(err)
	}
	// Two references to one resource are one.
	if diff := cmp.Diff([]any{map[string]any{"value": "id-1"}, map[string]any{"value": "other"}}, g["members"]); diff != "" {
		t.Errorf("members differ (-want +got):\n%s", diff)
	}
	if err := group.MapReferences(Resource{"members": []any{map[string]any{"value": "bad"}}}, mapped); err == nil {
		t.Error("the error was lost")
	}
}

func TestPatchMapReferences(t *testing.T) {
	group := Core().Type("Group")
	p, err := group.DecodePatch([]byte(`{"Operations":[
 {"op":"add","path":"members","value":[{"value":"x:1"}]},
 {"op":"replace","path":"displayName","value":"x:2"},
 {"op":"remove","path":"members[not (value eq \"x:3\") and (type eq \"x:4\" or value sw \"x:5\")]"},
 {"op":"remove","path":"members","value":[{"value":"x:6"}]},
 {"op":"replace","path":"members[value eq \"x:7\"].value","value":"x:8"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.MapReferences(mapped)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, list := range []*Patch{out, p} {
		for _, op := range list.Operations {
			got = append(got, op.Path.String()+" "+string(AppendJSON(nil, op.Value)))
		}
	}
	want := []string{
		`members [{"value":"id-1"}]`, `displayName "x:2"`,
		`members[not (value eq "id-3") and (type eq "x:4" or value sw "id-5")] null`, `members [{"value":"id-6"}]`, `members[value eq "id-7"].value "id-8"`,
		// The patch itself is as it was.
		`members [{"value":"x:1"}]`, `displayName "x:2"`,
		`members[not (value eq "x:3") and (type eq "x:4" or value sw "x:5")] null`, `members [{"value":"x:6"}]`, `members[value eq "x:7"].value "x:8"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations differ (-want +got):\n%s", diff)
	}
	before := Resource{"displayName": "g", "members": []any{map[string]any{"value": "id-7"}, map[string]any{"value": "x:7"}}}
	removal := &Patch{Operations: out.Operations[4:]}
	removal.Operations[0].Kind = PatchRemove
	removal.Operations[0].Path.Sub = nil
	after, _, err := removal.Apply(group, before)
	if err != nil || len(after["members"].([]any)) != 1 {
		t.Errorf("the mapped filter found something else: %v, %v", after, err)
	}
	for _, body := range []string{
		`{"op":"add","path":"members","value":[{"value":"bad"}]}`, `{"op":"remove","path":"members[value eq \"bad\" or value eq \"a\"]"}`,
		`{"op":"remove","path":"members[not (value eq \"bad\")]"}`,
	} {
		p, err := group.DecodePatch([]byte(`{"Operations":[`+body+`]}`), DecodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.MapReferences(mapped); err == nil {
			t.Errorf("%s: the error was lost", body)
		}
	}
}

func TestDetachReferences(t *testing.T) {
	away := func(text string) bool { return strings.HasPrefix(text, "x:") }
	group := Core().Type("Group")
	g := Resource{"displayName": "x:g", "members": []any{map[string]any{"value": "a"}, map[string]any{"value": "x:1"}, map[string]any{"value": "x:2"}}}
	p := group.DetachReferences(g, away)
	if diff := cmp.Diff([]any{map[string]any{"value": "a"}}, g["members"]); diff != "" || p == nil {
		t.Fatalf("members that stay differ (-want +got):\n%s", diff)
	}
	back, _, err := p.Apply(group, g)
	if err != nil || len(back["members"].([]any)) != 3 {
		t.Errorf("put back: %v, %v", back, err)
	}
	if p := group.DetachReferences(Resource{"displayName": "x:g", "members": []any{map[string]any{"value": "a"}}}, away); p != nil {
		t.Errorf("detached %+v from a group that refers to nothing", p)
	}

	user := Core().Type("User")
	u := Resource{
		"schemas": []any{URNUser, URNEnterpriseUser}, "userName": "u", URNEnterpriseUser: map[string]any{"manager": map[string]any{"value": "x:1"}},
	}
	p = user.DetachReferences(u, away)
	if diff := cmp.Diff(Resource{"schemas": []any{URNUser}, "userName": "u"}, u); diff != "" {
		t.Errorf("the user without its manager differs (-want +got):\n%s", diff)
	}
	back, _, err = p.Apply(user, u)
	if err != nil || !Equal(back[URNEnterpriseUser], map[string]any{"manager": map[string]any{"value": "x:1"}}) {
		t.Errorf("put back: %v, %v", back, err)
	}
}

func TestSharedWork(t *testing.T) {
	user := Core().Type("User")
	p, err := user.DecodePatch([]byte(`{"Operations":[{"op":"remove","path":"emails[value eq \"a\" and type eq \"b\"]"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p.Work = NewWork(9) // two elements, two comparisons: it is good for two times
	r := Resource{"userName": "u", "emails": []any{map[string]any{"value": "1"}, map[string]any{"value": "2"}}}
	for i := range 3 {
		_, _, err := p.Apply(user, r)
		if want := i == 2; (err != nil) != want || want && !errors.Is(err, Errorf(400, TooMany, "")) {
			t.Errorf("time %d: %v", i+1, err)
		}
	}
}
