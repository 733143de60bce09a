package scim_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	source "github.com/rollcall-id/rollcall/internal/source/scim"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// service sends requests to the SCIM service of a backend.
type service struct {
	t testing.TB
	h http.Handler
}

func serviceOf(t testing.TB, b source.Backend) service {
	return service{t, scimserver.New(scimserver.Config{Registry: registry(), Backend: b, Profile: b.Profile})}
}

// do returns the status and the body of the answer.
func (s service) do(method, target, body string) (int, string) {
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, httptest.NewRequest(method, target, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

// create returns the id of a new object.
func (s service) create(endpoint, body string) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, httptest.NewRequest("POST", endpoint, strings.NewReader(body)))
	if w.Code != 201 {
		s.t.Fatalf("POST %s: status %d: %s", endpoint, w.Code, w.Body)
	}
	location := w.Header().Get("Location")
	return location[strings.LastIndex(location, "/")+1:]
}

func addMember(id string) string {
	return `{"Operations":[{"op":"Add","path":"members","value":[{"value":"` + id + `"}]}]}`
}

func TestOrganizationsAreSeparate(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		ours, theirs := serviceOf(t, newBackend(t, st)), serviceOf(t, newBackend(t, st))
		user := theirs.create("/Users", `{"userName":"same@example.com"}`)
		group := theirs.create("/Groups", `{"displayName":"Same","members":[{"value":"`+user+`"}]}`)
		ours.create("/Users", `{"userName":"same@example.com"}`) // the name is free here
		mine := ours.create("/Groups", `{"displayName":"Same"}`)
		for _, test := range []struct {
			method, path, body string
			want               int
		}{
			{"GET", "/Users/" + user, "", 404},
			{"GET", "/Groups/" + group, "", 404},
			{"PUT", "/Users/" + user, `{"userName":"stolen"}`, 404},
			{"PATCH", "/Users/" + user, `{"Operations":[{"op":"replace","path":"active","value":false}]}`, 404},
			{"DELETE", "/Users/" + user, "", 404},
			{"DELETE", "/Groups/" + group, "", 404},
			{"PATCH", "/Groups/" + mine, addMember(user), 400},
			{"POST", "/Groups", `{"displayName":"New","members":[{"value":"` + user + `"}]}`, 400},
		} {
			if got, body := ours.do(test.method, test.path, test.body); got != test.want {
				t.Errorf("%s %s: status %d, want %d: %s", test.method, test.path, got, test.want, body)
			}
		}
		for _, filter := range []string{"members+eq+%22" + user + "%22", "id+eq+%22" + group + "%22"} {
			if _, body := ours.do("GET", "/Groups?filter="+filter, ""); !strings.Contains(body, `"totalResults":0`) {
				t.Errorf("filter %s found something of another organization: %s", filter, body)
			}
		}
		if got, body := theirs.do("GET", "/Users/"+user, ""); got != 200 || !strings.Contains(body, "same@example.com") {
			t.Errorf("their user: status %d: %s", got, body)
		}
	})
}

func TestSoftDeletedIsInvisible(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		left := s.create("/Users", `{"userName":"left"}`)
		stays := s.create("/Users", `{"userName":"stays"}`)
		group := s.create("/Groups", `{"displayName":"G","members":[{"value":"`+left+`"},{"value":"`+stays+`"}]}`)
		err := b.Directory.Write(t.Context(), b.Organization, b.Origin, func(ctx context.Context, w *directory.Writer) error {
			return w.SoftDelete(ctx, directory.User, left)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			method, path, body string
			want               int
			holds              string
		}{
			{"GET", "/Users/" + left, "", 404, ""},
			{"DELETE", "/Users/" + left, "", 404, ""},
			{"PATCH", "/Users/" + left, `{"Operations":[{"op":"replace","path":"active","value":true}]}`, 404, ""},
			{"GET", "/Users", "", 200, `"totalResults":1`},
			{"GET", "/Users?filter=userName+eq+%22left%22", "", 200, `"totalResults":0`},
			{"PATCH", "/Groups/" + group, addMember(left), 400, ""},
			{"GET", "/Users/" + stays, "", 200, `"display":"G"`},
		} {
			if got, body := s.do(test.method, test.path, test.body); got != test.want || !strings.Contains(body, test.holds) {
				t.Errorf("%s %s: status %d, want %d with %s: %s", test.method, test.path, got, test.want, test.holds, body)
			}
		}
		if _, body := s.do("GET", "/Groups/"+group, ""); strings.Contains(body, left) || !strings.Contains(body, stays) {
			t.Errorf("the group shows %s; want the live member only", body)
		}
		// A PUT of the list as the client sees it does not end the membership that it cannot see.
		if got, body := s.do("PUT", "/Groups/"+group, `{"displayName":"G","members":[{"value":"`+stays+`"}]}`); got != 200 {
			t.Fatalf("PUT: status %d: %s", got, body)
		}
		if rows, err := st.GroupsOf(t.Context(), b.Organization, left); err != nil || len(rows) != 1 {
			t.Errorf("the leaver has %d memberships (%v), want the one to come back to", len(rows), err)
		}
	})
}

func TestWritesCarryTheirOrigin(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		b.Origin = directory.Origin{Actor: "scim token t7", Cause: "req-9", Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
		s := serviceOf(t, b)
		id := s.create("/Users", `{"userName":"u"}`)
		s.do("PATCH", "/Users/"+id, `{"Operations":[{"op":"add","path":"title","value":"T"},{"op":"add","path":"name.givenName","value":"G"}]}`)
		changes, err := st.Changes(t.Context(), b.Organization, 0, 10)
		if err != nil || len(changes) != 2 {
			t.Fatalf("%d changes (%v), want 2", len(changes), err)
		}
		for _, c := range changes {
			if c.Actor != b.Origin.Actor || c.Cause != b.Origin.Cause || c.Traceparent != b.Origin.Traceparent || c.ID != id {
				t.Errorf("change %+v does not say where it came from", c)
			}
		}
		if got := strings.Join(changes[1].Paths, " "); got != "name title" {
			t.Errorf("paths of the update are %q, want name and title", got)
		}
	})
}

// failing is a store whose transactions fail.
type failing struct {
	directory.Store
	err error
}

func (f failing) ObjectByName(context.Context, string, string, string) (directory.Object, error) {
	return directory.Object{}, f.err
}

func (f failing) Write(context.Context, func(context.Context, directory.Tx) error) error {
	return f.err
}

func TestErrorsHaveTheirStatus(t *testing.T) {
	for _, test := range []struct {
		err      error
		status   int
		scimType string
	}{
		{fault.Errorf(fault.ErrFull, "disk is full"), 503, ""},
		{fault.Errorf(fault.ErrUnavailable, "no connection"), 503, ""},
		{fault.Errorf(fault.ErrConflict, "unique"), 409, scim.Uniqueness},
		{fault.Errorf(fault.ErrInvalid, "bad"), 400, scim.InvalidValue},
		{fault.Errorf(fault.ErrPrecondition, "stale"), 412, ""},
		{fault.Errorf(fault.ErrNotFound, "gone"), 404, ""},
		{errors.New("unexpected"), 0, ""},
	} {
		b := source.Backend{Directory: &directory.Directory{Store: failing{err: test.err}}, Organization: "o"}
		_, err := b.Create(t.Context(), registry().Type("User"), scim.Resource{"userName": "x"})
		var e *scim.Error
		switch {
		case test.status == 0:
			if errors.As(err, &e) || !errors.Is(err, test.err) {
				t.Errorf("%v became %v; want it as it is", test.err, err)
			}
		case !errors.As(err, &e) || e.Status != test.status || e.Type != test.scimType:
			t.Errorf("%v became %v, want status %d %s", test.err, err, test.status, test.scimType)
		}
	}
}

// TestUnassignedActiveStaysOut: a PATCH may take the value of active away, and no value means true; but nobody who was switched off comes in by it.
func TestUnassignedActiveStaysOut(t *testing.T) {
	operations := []string{
		`{"op":"remove","path":"active"}`,
		`{"op":"replace","path":"active","value":null}`,
		`{"op":"replace","path":"active","value":""}`,
		`{"op":"replace","path":"active","value":[]}`,
		`{"op":"replace","value":{"active":null}}`,
		`{"op":"add","value":{"active":""}}`,
		`{"op":"replace","value":{"active":[]}}`,
	}
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		b := newBackend(t, st)
		s := serviceOf(t, b)
		for i, operation := range operations {
			for _, active := range []bool{false, true} {
				name := fmt.Sprintf("u%d-%t", i, active)
				id := s.create("/Users", fmt.Sprintf(`{"userName":%q,"active":%t}`, name, active))
				if status, body := s.do("PATCH", "/Users/"+id, `{"Operations":[`+operation+`]}`); status != 200 || strings.Contains(body, `"active"`) {
					t.Errorf("%s: %d %s, want 200 without active", operation, status, body)
				}
				if status, body := s.do("PUT", "/Users/"+id, fmt.Sprintf(`{"userName":%q,"title":"T"}`, name)); status != 200 || strings.Contains(body, `"active"`) {
					t.Errorf("PUT after %s: %d %s, want 200 without active", operation, status, body)
				}
				o, err := st.Object(t.Context(), b.Organization, directory.User, id)
				if err != nil || o.Active() != active {
					t.Errorf("%s, where active was %t: it counts as %t now (%v)", operation, active, o.Active(), err)
				}
			}
		}
		for _, filter := range []string{"active+eq+true", "active+eq+false", "active+pr", "not+(active+eq+null)"} {
			if _, body := s.do("GET", "/Users?filter="+filter, ""); !strings.Contains(body, `"totalResults":0`) {
				t.Errorf("%s finds somebody whose active has no value: %s", filter, body)
			}
		}
		o, err := st.ObjectByName(t.Context(), b.Organization, directory.User, "u0-false")
		if err != nil {
			t.Fatal(err)
		}
		if _, body := s.do("PATCH", "/Users/"+o.ID, `{"Operations":[{"op":"replace","path":"active","value":"True"}]}`); !strings.Contains(body, `"active":true`) {
			t.Errorf("an explicit true did not activate: %s", body)
		}
		if o, err = st.Object(t.Context(), b.Organization, directory.User, o.ID); err != nil || !o.Active() {
			t.Errorf("an explicit true did not let the person in (%v)", err)
		}
	})
}

func TestObjectsAreBounded(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		s := serviceOf(t, newBackend(t, st))
		emails := ""
		for i := range 2000 {
			emails += fmt.Sprintf(`,{"value":"%d@example.com"}`, i)
		}
		for _, body := range []string{
			`{"userName":"long","title":"` + strings.Repeat("x", 256<<10) + `"}`,
			`{"userName":"many","emails":[{"value":"first@example.com"}` + emails + `]}`,
		} {
			status, answer := s.do("POST", "/Users", body)
			if status != 400 || !strings.Contains(answer, scim.InvalidValue) || !strings.Contains(answer, "at most") {
				t.Errorf("%.30s: status %d: %.200s", body, status, answer)
			}
		}
	})
}

func TestPatchIsOneVersion(t *testing.T) {
	storetest.ForEachDB(t, func(t *testing.T, st *store.Store) {
		s := serviceOf(t, newBackend(t, st))
		user := s.create("/Users", `{"userName":"u"}`)
		path := "/Groups/" + s.create("/Groups", `{"displayName":"Old"}`)
		status, body := s.do("PATCH", path, `{"Operations":[{"op":"replace","path":"displayName","value":"New"},`+
			`{"op":"add","path":"members","value":[{"value":"`+user+`"}]}]}`)
		if status != 200 || !strings.Contains(body, `W/\"2\"`) || !strings.Contains(body, user) {
			t.Errorf("status %d, want version 2 with the member: %s", status, body)
		}
	})
}

// downStore is a database that does not answer.
type downStore struct{ directory.Store }

func (downStore) down() error {
	return fault.Errorf(fault.ErrUnavailable, "dial tcp 10.1.2.3:5432: connection refused")
}

func (d downStore) Write(context.Context, func(context.Context, directory.Tx) error) error {
	return d.down()
}

func (d downStore) Search(context.Context, string, string, directory.Query) (directory.Page, error) {
	return directory.Page{}, d.down()
}

func (d downStore) Documents(context.Context, string, string, directory.Query) (directory.Page, error) {
	return directory.Page{}, d.down()
}

func TestCausesStayInside(t *testing.T) {
	var event scimserver.Event
	b := source.Backend{Directory: &directory.Directory{Store: downStore{}}, Organization: "o"}
	h := scimserver.New(scimserver.Config{
		Registry: registry(), Backend: b, Logger: slog.New(slog.DiscardHandler), Observe: func(_ *http.Request, e scimserver.Event) { event = e },
	})
	for _, request := range [][3]string{{"POST", "/Users", `{"userName":"u"}`}, {"GET", "/Users", ""}} {
		status, body := service{t, h}.do(request[0], request[1], request[2])
		if status != 503 || strings.Contains(body, "10.1.2.3") {
			t.Errorf("%s: status %d: %s", request[0], status, body)
		}
		if event.Err == nil || !strings.Contains(event.Err.Error(), "10.1.2.3") {
			t.Errorf("%s: the observer was told %v", request[0], event.Err)
		}
	}
}
