package scimserver_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func managed(id, name, boss string) string {
	return fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":%q,"data":{"userName":%q,%q:{"manager":{"value":"bulkId:%s"}}}}`,
		id, name, scim.URNEnterpriseUser, boss)
}

// stubbornBackend refuses what a circle needs behind its creation.
type stubbornBackend struct {
	scimtest.Memory
	patch, remove error
}

func (b *stubbornBackend) Patch(ctx context.Context, rt *scim.ResourceType, id string, p *scim.Patch, w scimserver.Write) (scimserver.Patched, error) {
	if b.patch != nil {
		return scimserver.Patched{}, b.patch
	}
	return b.Memory.Patch(ctx, rt, id, p, w)
}

func (b *stubbornBackend) Delete(ctx context.Context, rt *scim.ResourceType, id string, w scimserver.Write) error {
	if b.remove != nil {
		return b.remove
	}
	return b.Memory.Delete(ctx, rt, id, w)
}

func TestBulkCircleThatCannotBeClosed(t *testing.T) {
	refused := scim.Errorf(400, scim.InvalidValue, "nobody is his own boss")
	for _, test := range []struct {
		name          string
		patch, remove error
		statuses      string
		left          int
		says          string
	}{
		{"is undone", refused, nil, "400 400 201", 1, "Nothing of the circle was kept"},
		{"after a fault", errors.New("disk on fire"), nil, "500 400 201", 1, "Nothing of the circle was kept"},
		{"and not undone", refused, errors.New("disk on fire"), "409 409 201", 3, "The resource is there, at http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			backend := &stubbornBackend{patch: test.patch, remove: test.remove}
			var events []scimserver.Event
			h := scimserver.New(scimserver.Config{
				Registry: scim.Core(), Backend: backend, Logger: slog.New(slog.DiscardHandler),
				Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
			})
			w := ask(h, "POST", "/Bulk", bulkBody("", managed("a", "a", "b"), managed("b", "b", "a"), createUser("c", "c")))
			if len(events) != 4 || events[0].ID == "" || events[1].ID == "" || events[0].ID == events[1].ID {
				t.Errorf("observed %+v; want the ids of what was created, if only for a moment", events)
			}
			if got := bulkStatuses(t, w); got != test.statuses || backend.Len("User") != test.left {
				t.Errorf("statuses %s with %d users left, want %s with %d", got, backend.Len("User"), test.statuses, test.left)
			}
			if text := w.Body.String(); !strings.Contains(text, test.says) || strings.Contains(text, "fire") {
				t.Errorf("answer %s; want it to say %q", text, test.says)
			}
		})
	}
}

// TestBulkCircleKeepsWhoCameBack checks that undoing a circle never deletes somebody who had been there before it.
func TestBulkCircleKeepsWhoCameBack(t *testing.T) {
	ago := time.Hour // a clock that goes on: the bulk takes what was made before it began for older
	memory := &scimtest.Memory{Reactivate: true, Now: func() time.Time { return time.Now().Add(-ago) }}
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: memory, Profile: scim.ProfileOkta})
	for _, body := range []string{`{"userName":"back","active":false}`, `{"userName":"taken"}`} {
		if w := ask(h, "POST", "/Users", body); w.Code != 201 {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
	id := memory.All("User")[0].ID()
	ago = 0
	w := ask(h, "POST", "/Bulk", bulkBody("", managed("a", "back", "b"), managed("c", "new", "a"), managed("b", "taken", "c")))
	if got := bulkStatuses(t, w); got != "409 400 409" {
		t.Errorf("statuses %s: %s", got, w.Body)
	}
	users := memory.All("User")
	if len(users) != 2 || users[0].ID() != id || !strings.Contains(w.Body.String(), "/Users/"+id) {
		t.Errorf("users %v after %s; want the one that came back still there, and its address named", users, w.Body)
	}
}

// TestBulkReferencesOfCustomTypes checks that what refers is decided by the schema alone.
func TestBulkReferencesOfCustomTypes(t *testing.T) {
	schema, err := scim.ParseSchema([]byte(`{"id":"urn:example:Room","name":"Room","description":"A room.","attributes":[
 {"name":"label","type":"string","description":"Label."},
 {"name":"owner","type":"reference","description":"Who looks after it.","referenceTypes":["User"]},
 {"name":"plan","type":"reference","description":"Drawing.","referenceTypes":["external"]},
 {"name":"neighbours","type":"complex","multiValued":true,"description":"Next door.","subAttributes":[
  {"name":"value","type":"string","description":"Id."},{"name":"$ref","type":"reference","description":"Address.","referenceTypes":["Room"]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	registry, err := scim.NewRegistry(append(scim.Core().Types(), &scim.ResourceType{Name: "Room", Endpoint: "/Rooms", Description: "Rooms.", Schema: schema})...)
	if err != nil {
		t.Fatal(err)
	}
	next := 0
	memory := &scimtest.Memory{NewID: func() string { next++; return fmt.Sprint("id", next) }}
	h := scimserver.New(scimserver.Config{Registry: registry, Backend: memory})
	room := func(id, data string) string {
		return `{"method":"POST","path":"/Rooms","bulkId":"` + id + `","data":` + data + `}`
	}
	w := ask(h, "POST", "/Bulk", bulkBody("",
		room("r1", `{"label":"bulkId:r2","owner":"bulkId:u","plan":"bulkId:u","neighbours":[{"value":"bulkId:r2","$ref":"../Rooms/bulkId:r2"}]}`),
		room("r2", `{"owner":"../Users/bulkId:u","neighbours":[{"value":"bulkId:r1"}]}`), createUser("u", "u")))
	if got := bulkStatuses(t, w); got != "201 201 201" {
		t.Fatalf("statuses %s: %s", got, w.Body)
	}
	rooms, user := memory.All("Room"), memory.All("User")[0].ID()
	first := string(scim.AppendJSON(nil, map[string]any(rooms[0])))
	for _, want := range []string{
		`"label":"bulkId:r2"`, `"owner":"` + user + `"`, `"plan":"bulkId:u"`, `"value":"` + rooms[1].ID() + `"`, `"$ref":"../Rooms/` + rooms[1].ID() + `"`,
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the first room is %s, want %s in it", first, want)
		}
	}
	second := string(scim.AppendJSON(nil, map[string]any(rooms[1])))
	if !strings.Contains(second, `"owner":"../Users/`+user+`"`) || !strings.Contains(second, `"value":"`+rooms[0].ID()+`"`) {
		t.Errorf("the second room is %s", second)
	}
}

// goneBackend loses its client behind the first creation, and then does nothing for it any more.
type goneBackend struct {
	scimtest.Memory
	hangUp context.CancelFunc
}

func (b *goneBackend) Create(ctx context.Context, rt *scim.ResourceType, r scim.Resource) (scim.Resource, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer b.hangUp()
	return b.Memory.Create(ctx, rt, r)
}

func (b *goneBackend) Delete(ctx context.Context, rt *scim.ResourceType, id string, w scimserver.Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.Memory.Delete(ctx, rt, id, w)
}

func TestBulkCircleIsUndoneWhenTheClientHasGone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	backend := &goneBackend{hangUp: cancel}
	var events []scimserver.Event
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: backend, Logger: slog.New(slog.DiscardHandler),
		Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
	})
	body := bulkBody("", managed("a", "a", "b"), managed("b", "b", "a"), createUser("c", "c"))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/Bulk", strings.NewReader(body)))
	if n := backend.Len("User"); n != 0 {
		t.Errorf("%d users are left of a circle that nobody closes, want none", n)
	}
	if len(events) != 3 || events[0].Status < 400 || events[1].Status < 400 || events[2].Bulk != 0 {
		t.Errorf("observed %+v; want that both operations failed, and the request", events)
	}
}
