package scimserver

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/scim"
)

func somePlaces() []place {
	return []place{
		{},
		{backward: true, count: 7},
		{count: 1000, issued: 1 << 40, typ: "User", at: &scim.Position{ID: "u1"}},
		{typ: "User", at: &scim.Position{ID: "u1", Key: "kåre \x00"}},
		{typ: "Group", at: &scim.Position{ID: "", Key: true}, backward: true},
		{typ: "Group", at: &scim.Position{ID: "g", Key: false}},
		{typ: "Group", at: &scim.Position{ID: "g", Key: int64(math.MinInt64)}},
		{typ: "Group", at: &scim.Position{ID: "g", Key: 1.0 / 3}},
	}
}

func TestPlaceRoundTrip(t *testing.T) {
	for _, want := range somePlaces() {
		got, ok := decodePlace(want.encode())
		if d := cmp.Diff(want, got, cmp.AllowUnexported(place{})); d != "" || !ok {
			t.Errorf("(-want +got):\n%s", d)
		}
		for cut := range len(want.encode()) {
			if _, ok := decodePlace(want.encode()[:cut]); ok {
				t.Errorf("%+v, cut after %d bytes, was accepted", want, cut)
			}
		}
	}
}

// FuzzPlace: whatever was sealed, reading it neither panics nor loses anything.
func FuzzPlace(f *testing.F) {
	for _, p := range somePlaces() {
		f.Add(p.encode())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, ok := decodePlace(b)
		if !ok {
			return
		}
		again, ok := decodePlace(p.encode())
		if !ok || !cmp.Equal(p, again, cmp.AllowUnexported(place{}), cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })) {
			t.Errorf("%x: %+v became %+v", b, p, again)
		}
	})
}

// FuzzCursor: no text but one that was given out opens.
func FuzzCursor(f *testing.F) {
	c := newCursors([]byte("a key for tests"), time.Now)
	f.Add(c.seal(place{}, nil))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := newCursors(nil, time.Now).open(text, nil); err == nil {
			t.Errorf("%q opens with a key that is younger", text)
		}
	})
}

// people is a backend whose pages never end.
type people struct{ Backend }

func (people) List(_ context.Context, _ *scim.ResourceType, q Query) (Page, error) {
	at := &scim.Position{Key: int64(1), ID: "u1"}
	return Page{Total: 2, Resources: []scim.Resource{{"id": "u1"}}, First: at, Last: at, More: q.Count > 0}, nil
}

func TestCursorBelongsToWhoGotIt(t *testing.T) {
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	node := func(key string) *Handler {
		return New(Config{
			Registry: scim.Core(), CursorKey: []byte(key), Now: func() time.Time { return now },
			Authenticate: func(r *http.Request) (Tenant, error) {
				return Tenant{Name: r.Header.Get("Tenant"), Principal: r.Header.Get("Principal"), Backend: people{}}, nil
			},
		})
	}
	one, two, foreign := node("one key"), node("one key"), node("another key")
	ask := func(h *Handler, tenant, principal, cursor string) (int, string, string) {
		r := httptest.NewRequest("GET", "/Users?count=1&cursor="+cursor, nil)
		r.Header.Set("Tenant", tenant)
		r.Header.Set("Principal", principal)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var body struct{ NextCursor, ScimType string }
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		return w.Code, body.NextCursor, body.ScimType
	}
	_, next, _ := ask(one, "acme", "t1", "")
	for _, test := range []struct {
		name              string
		h                 *Handler
		tenant, principal string
		age               time.Duration
		scimType          string
	}{
		{"the same node", one, "acme", "t1", 0, ""},
		{"another node with the key", two, "acme", "t1", 0, ""},
		{"a node with another key", foreign, "acme", "t1", 0, scim.InvalidCursor},
		{"another token", one, "acme", "t2", 0, scim.InvalidCursor},
		{"another organization", one, "globex", "t1", 0, scim.InvalidCursor},
		{"names that run together", one, "acm", "et1", 0, scim.InvalidCursor},
		{"at the last moment", one, "acme", "t1", CursorTimeout, ""},
		{"a second later", one, "acme", "t1", CursorTimeout + time.Second, scim.ExpiredCursor},
		{"another token's is not even expired", one, "acme", "t2", 2 * CursorTimeout, scim.InvalidCursor},
		{"a clock that runs behind", one, "acme", "t1", -time.Minute, ""},
	} {
		before := now
		now = now.Add(test.age)
		if status, _, scimType := ask(test.h, test.tenant, test.principal, next); scimType != test.scimType || (scimType == "") != (status == 200) {
			t.Errorf("%s: status %d, scimType %q; want %q", test.name, status, scimType, test.scimType)
		}
		now = before
	}
}
