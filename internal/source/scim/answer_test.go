package scim_test

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// TestAnswersKnowGroups: a write looks for groups only where there may be some, and its answer has those that there are: also that of a POST which brings
// somebody back without a change.
func TestAnswersKnowGroups(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		b.Profile = scim.ProfileOkta
		s := serviceOf(t, b)
		const ada = `{"userName":"ada","active":false}`
		id := s.create("/Users", ada)
		const title = `{"Operations":[{"op":"replace","path":"title","value":"%"}]}`
		if status, body := s.do("PATCH", "/Users/"+id, strings.Replace(title, "%", "A", 1)); status != 200 || strings.Contains(body, `"groups"`) {
			t.Errorf("PATCH of somebody in no group: status %d: %s", status, body)
		}
		bob := s.create("/Users", `{"userName":"bob","active":false}`)
		group := s.create("/Groups", `{"displayName":"Staff","members":[{"value":"`+id+`"},{"value":"`+bob+`"}]}`)
		for _, test := range []struct{ method, path, body string }{
			{"PATCH", "/Users/" + id, strings.Replace(title, "%", "B", 1)},
			{"PUT", "/Users/" + id, ada},
			{"POST", "/Users", `{"userName":"bob","active":false}`},
		} {
			if status, body := s.do(test.method, test.path, test.body); status/100 != 2 || !strings.Contains(body, `"groups":[{`) || !strings.Contains(body, group) {
				t.Errorf("%s %s: status %d: %s; want the group", test.method, test.path, status, body)
			}
		}
	})
}
