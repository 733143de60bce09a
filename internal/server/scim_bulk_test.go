package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
)

// bulkOperation is what a client learns of an operation.
type bulkOperation struct{ Status, Location string }

func (n *node) bulk(slug, secret string, operations ...string) []bulkOperation {
	n.t.Helper()
	body := `{"schemas":["` + scim.URNBulkRequest + `"],"Operations":[` + strings.Join(operations, ",") + `]}`
	r := httptest.NewRequest(http.MethodPost, "/api/scim/"+slug+"/Bulk", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.RemoteAddr = office + ":4711"
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	var answer struct{ Operations []bulkOperation }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK {
		n.t.Fatalf("status %d (%v): %s", w.Code, err, w.Body)
	}
	return answer.Operations
}

// TestBulk goes through the whole service: the organization of the token, the directory, its feed, and what a bulk costs.
func TestBulk(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newNode(t, c, ServeOptions{SCIMRateLimit: 25, PublicURL: "https://app.example"})
		n.mount.now = func() time.Time { return noon }
		acme, other := n.organization("acme"), n.organization("other")
		foreign := n.bulk("other", other, `{"method":"POST","path":"/Users","bulkId":"1","data":{"userName":"foreign"}}`)[0].Location
		got := n.bulk("acme", acme,
			`{"method":"POST","path":"/api/scim/acme/Groups","bulkId":"a","data":{"displayName":"A","members":[{"value":"bulkId:b"},{"value":"bulkId:u"}]}}`,
			`{"method":"POST","path":"https://app.example/api/scim/acme/Groups","bulkId":"b","data":{"displayName":"B","members":[{"value":"bulkId:a"}]}}`,
			`{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"u"}}`,
			`{"method":"POST","path":"/Groups","bulkId":"f","data":{"displayName":"F","members":[{"value":"`+foreign[strings.LastIndexByte(foreign, '/')+1:]+`"}]}}`,
			`{"method":"DELETE","path":"`+foreign+`"}`,
			`{"method":"DELETE","path":"/Users/`+foreign[strings.LastIndexByte(foreign, '/')+1:]+`"}`)
		for i, want := range []string{"201", "201", "201", "400", "400", "404"} {
			if got[i].Status != want {
				t.Errorf("operation %d: status %s, want %s", i, got[i].Status, want)
			}
		}
		if !strings.HasPrefix(got[0].Location, "https://app.example/api/scim/acme/Groups/") {
			t.Errorf("location %s", got[0].Location)
		}
		org, err := n.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		changes, err := n.sys.Store.Changes(t.Context(), org.ID, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[directory.ChangeKind]int{}
		for _, change := range changes {
			kinds[change.Kind]++
			if change.Cause != changes[0].Cause || !strings.HasPrefix(change.Cause, "scim request ") {
				t.Errorf("a change has the cause %q, want that of all: the request", change.Cause)
			}
		}
		if kinds[directory.Created] != 3 || kinds[directory.MemberAdded] != 3 {
			t.Errorf("the feed has %v, want three objects and three members", kinds)
		}
		// Six operations are paid for; nineteen single requests are left of this second.
		for i := range 20 {
			want := http.StatusNotFound
			if i == 19 {
				want = http.StatusTooManyRequests
			}
			if w := n.get("acme", "Bearer "+acme, office); w.Code != want {
				t.Errorf("request %d behind the bulk: status %d, want %d", i+1, w.Code, want)
			}
		}
	})
}
