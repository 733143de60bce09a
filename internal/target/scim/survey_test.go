package scim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

func TestSurveyListsEverybodyOrSaysThatItDoesNot(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	for i := range 7 {
		s.user(target, fmt.Sprintf("p%d@x", i))
	}
	for _, test := range []struct {
		most     int
		complete bool
	}{{100, true}, {7, true}, {6, false}, {0, false}} {
		names := map[string]bool{}
		complete, err := target.Survey(t.Context(), "User", []string{"userName"}, test.most, func(v [][]string) { names[v[0][0]] = true })
		if err != nil || complete != test.complete {
			t.Errorf("at most %d: complete is %v, %v; want %v", test.most, complete, err, test.complete)
		}
		if complete && len(names) != 7 {
			t.Errorf("at most %d: %d names of 7", test.most, len(names))
		}
	}
	complete, err := target.Survey(t.Context(), "Group", nil, 10, func([][]string) { t.Error("there is no group") })
	if err != nil || !complete {
		t.Errorf("no groups: complete is %v, %v; want true", complete, err)
	}
}

// A service whose lists do not add up must not make us believe that somebody is not there.
func TestSurveyDoesNotTrustAListThatDoesNotAddUp(t *testing.T) {
	for name, body := range map[string]string{
		"the same page again":  `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources":[{"id":"1","userName":"a"}]}`,
		"no total":             `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[{"id":"1","userName":"a"}]}`,
		"fewer than there are": `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[{"id":"1","userName":"a"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/scim+json")
				fmt.Fprint(w, body)
			}))
			t.Cleanup(server.Close)
			target, err := New(Config{TenantURL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(target.Close)
			if complete, err := target.Survey(t.Context(), "User", nil, 100, func([][]string) {}); err != nil || complete {
				t.Errorf("complete is %v, %v; want false", complete, err)
			}
		})
	}
}

// A survey knows every value that Find would compare.
func TestSurveyTellsAllValues(t *testing.T) {
	s := newService(t)
	target := s.target(nil)
	made, err := s.memory.Create(t.Context(), scim.Core().Type("User"), scim.Resource{"userName": "ann@x", "emails": []any{
		map[string]any{"value": "a@x", "type": "work"}, map[string]any{"value": "b@x", "type": "home"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	complete, err := target.Survey(t.Context(), "User", []string{"emails.value", "title", "id"}, 10, func(v [][]string) { got = slices.Clone(v) })
	want := [][]string{{"a@x", "b@x"}, nil, {made.ID()}}
	if err != nil || !complete || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, complete %v, %v; want %q", got, complete, err, want)
	}
	if _, err := target.Survey(t.Context(), "User", []string{"no such[path"}, 10, func([][]string) {}); asTargetError(t, err).Code != attributeNotFound {
		t.Errorf("a path that is none: %v", err)
	}
}
