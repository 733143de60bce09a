package scimserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

func bulkBody(members string, operations ...string) string {
	return `{"schemas":["` + scim.URNBulkRequest + `"],` + members + `"Operations":[` + strings.Join(operations, ",") + `]}`
}

func createUser(id, name string) string {
	return fmt.Sprintf(`{"method":"POST","path":"/Users","bulkId":%q,"data":{"schemas":[%q],"userName":%q}}`, id, scim.URNUser, name)
}

// bulkStatuses are the statuses of the operations of an answer.
func bulkStatuses(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	list, _ := decode(t, w)["Operations"].([]any)
	var out []string
	for _, e := range list {
		operation, _ := e.(map[string]any)
		out = append(out, fmt.Sprint(operation["status"]))
	}
	return strings.Join(out, " ")
}

// TestBulkEvents checks that the observer learns of every operation what it would learn of the single request.
func TestBulkEvents(t *testing.T) {
	var got []scimserver.Event
	var requests []*http.Request
	memory := &scimtest.Memory{NewID: func() string { return "new" }}
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(),
		Authenticate: func(*http.Request) (scimserver.Tenant, error) {
			return scimserver.Tenant{Backend: memory, Name: "acme"}, nil
		},
		Observe: func(r *http.Request, e scimserver.Event) { got, requests = append(got, e), append(requests, r) },
	})
	body := bulkBody("",
		`{"method":"PATCH","path":"/Users/bulkId:a","data":{"schemas":["`+scim.URNPatchOp+`"],"Operations":[{"op":"Add","path":"title","value":"T"}]}}`,
		`{"method":"post","path":"Users","bulkId":"a","data":{"userName":"u","active":"True"}}`,
		`{"method":"DELETE","path":"/Groups/x"}`,
		`{"method":"GET","path":"/Users/new"}`)
	w := ask(h, "POST", "/Bulk", body, "Content-Type", "application/scim+json")
	if statuses := bulkStatuses(t, w); statuses != "200 201 404 400" {
		t.Fatalf("statuses %s", statuses)
	}
	for i := range got {
		if got[i].Bulk > 0 && got[i].Duration <= 0 || (got[i].Detail == "") != (got[i].Status < 400) || requests[i] != requests[0] {
			t.Errorf("event %d: duration %v, detail %q, request %p", i, got[i].Duration, got[i].Detail, requests[i])
		}
		sortRules(got[i].Rules)
		got[i].Duration, got[i].Detail = 0, ""
	}
	want := []scimserver.Event{ // as they were carried out
		{Bulk: 2, Method: "POST", Endpoint: "/Users", ID: "new", Tenant: "acme", Status: 201, BytesIn: 32, Rules: []string{"N10", "N14", "N3", "X3"}},
		{Bulk: 1, Method: "PATCH", Endpoint: "/Users", ID: "new", Tenant: "acme", Status: 200, BytesIn: 116, Rules: []string{"N1"}},
		{Bulk: 3, Method: "DELETE", Endpoint: "/Groups", ID: "x", Tenant: "acme", Status: 404},
		{Bulk: 4, Method: "GET", Endpoint: "unknown", Tenant: "acme", Status: 400, ScimType: scim.InvalidSyntax},
		{Method: "POST", Endpoint: "/Bulk", Tenant: "acme", Status: 200, BytesIn: len(body), BytesOut: w.Body.Len(), Results: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("observed other events (-want +got):\n%s", diff)
	}
}

func TestBulkCharge(t *testing.T) {
	charged := []int{}
	memory := new(scimtest.Memory)
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Authenticate: func(*http.Request) (scimserver.Tenant, error) {
		return scimserver.Tenant{Backend: memory, Charge: func(n int) { charged = append(charged, n, memory.Len("User")) }}, nil
	}})
	ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a")))
	ask(h, "POST", "/Bulk", bulkBody(`"failOnErrors":1,`, `{}`, createUser("1", "b"), createUser("2", "c")))
	ask(h, "POST", "/Bulk", `{"Operations":[{},{}]}`)
	ask(h, "GET", "/Users", "")
	// Two more than the request, while only the user of the first bulk was there.
	if diff := cmp.Diff([]int{2, 1}, charged); diff != "" {
		t.Errorf("charged otherwise (-want +got):\n%s", diff)
	}
}

func TestBulkSwitchedOff(t *testing.T) {
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: new(scimtest.Memory), NoBulk: true})
	if w := ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a"))); w.Code != 501 {
		t.Errorf("status %d, want 501", w.Code)
	}
	want := map[string]any{"supported": false, "maxOperations": 0.0, "maxPayloadSize": 0.0}
	if diff := cmp.Diff(want, decode(t, ask(h, "GET", "/ServiceProviderConfig", ""))["bulk"]); diff != "" {
		t.Errorf("the configuration says otherwise (-want +got):\n%s", diff)
	}
}

// countedReader counts what is read of a body.
type countedReader struct {
	io.Reader
	n int
}

func (r *countedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.n += n
	return n, err
}

func TestBulkLimits(t *testing.T) {
	memory := new(scimtest.Memory)
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: memory, MaxBulkOperations: 2, MaxBody: 1000})
	want := map[string]any{"supported": true, "maxOperations": 2.0, "maxPayloadSize": 1000.0}
	if diff := cmp.Diff(want, decode(t, ask(h, "GET", "/ServiceProviderConfig", ""))["bulk"]); diff != "" {
		t.Errorf("the configuration says otherwise (-want +got):\n%s", diff)
	}
	if w := ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a"), createUser("2", "b"), `{}`)); w.Code != 413 || !strings.Contains(w.Body.String(), "than 2 op") {
		t.Errorf("three operations: status %d: %s", w.Code, w.Body)
	}
	for name, length := range map[string]int64{"announced": 1001, "not announced": -1} {
		body := &countedReader{Reader: strings.NewReader(bulkBody(`"x":"`+strings.Repeat("x", 900)+`",`, createUser("1", "a")))}
		r := httptest.NewRequest("POST", "/Bulk", body)
		r.ContentLength = length
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 413 || !strings.Contains(w.Body.String(), "1000 bytes") || length > 0 && body.n > 0 {
			t.Errorf("%s: status %d after %d bytes: %s", name, w.Code, body.n, w.Body)
		}
	}
	if memory.Len("User") != 0 {
		t.Errorf("%d users were created", memory.Len("User"))
	}
	if got := bulkStatuses(t, ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a"), createUser("2", "b")))); got != "201 201" {
		t.Errorf("two operations: %s", got)
	}
}

// moodyBackend fails for some user names in ways that a backend should not.
type moodyBackend struct {
	scimtest.Memory
	hangUp context.CancelFunc
}

func (b *moodyBackend) Create(ctx context.Context, rt *scim.ResourceType, r scim.Resource) (scim.Resource, error) {
	switch r["userName"] {
	case "panic":
		panic("boom")
	case "error":
		return nil, errors.New("disk on fire")
	case "last":
		defer b.hangUp()
	}
	return b.Memory.Create(ctx, rt, r)
}

func TestBulkFaults(t *testing.T) {
	var events []scimserver.Event
	var log strings.Builder
	backend := new(moodyBackend)
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: backend, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
	})
	w := ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a"), createUser("2", "panic"), createUser("3", "error"), createUser("4", "b")))
	if got := bulkStatuses(t, w); got != "201 500 500 201" {
		t.Errorf("statuses %s", got)
	}
	if text := w.Body.String(); strings.Contains(text, "boom") || strings.Contains(text, "fire") {
		t.Errorf("a cause was told to the client: %s", text)
	}
	if !strings.Contains(log.String(), "boom") || !strings.Contains(log.String(), "moodyBackend") || !strings.Contains(log.String(), "fire") {
		t.Errorf("the log lacks a cause or a stack: %s", &log)
	}
	if len(events) != 5 || events[1].Err == nil || events[2].Err == nil || events[3].Err != nil || events[4].Err != nil {
		t.Errorf("observed %+v; want causes of the second and third", events)
	}
}

func TestBulkStopsWhenTheClientHasGone(t *testing.T) {
	var events []scimserver.Event
	ctx, cancel := context.WithCancel(t.Context())
	backend := &moodyBackend{hangUp: cancel}
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: backend, Logger: slog.New(slog.DiscardHandler),
		Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
	})
	body := bulkBody("", createUser("1", "a"), createUser("2", "last"), createUser("3", "b"))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "POST", "/Bulk", strings.NewReader(body)))
	if n := backend.Len("User"); n != 2 {
		t.Errorf("%d users were created, want 2", n)
	}
	if len(events) != 3 || events[1].Bulk != 2 || events[1].Status != 201 || events[2].Bulk != 0 || events[2].Err != nil {
		t.Errorf("observed %+v; want the two operations that were carried out, and the request", events)
	}
}

func TestBulkTime(t *testing.T) {
	backend := new(scimtest.Memory)
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: backend, MaxBulkTime: time.Nanosecond})
	w := ask(h, "POST", "/Bulk", bulkBody("", createUser("1", "a"), createUser("2", "b")))
	if got := bulkStatuses(t, w); got != "503 503" || backend.Len("User") != 0 || !strings.Contains(w.Body.String(), "not carried out") {
		t.Errorf("statuses %s with %d users: %s", got, backend.Len("User"), w.Body)
	}
}

// TestBulkWork checks that patches which are each within their limit cannot cost without bound together.
func TestBulkWork(t *testing.T) {
	memory := &scimtest.Memory{NewID: func() string { return "u" }}
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: memory})
	emails := make([]string, 10_000)
	for i := range emails {
		emails[i] = fmt.Sprintf(`{"value":"%d"}`, i)
	}
	if w := ask(h, "POST", "/Users", `{"userName":"u","emails":[`+strings.Join(emails, ",")+`]}`); w.Code != 201 {
		t.Fatalf("status %d", w.Code)
	}
	filter := strings.Repeat(`value eq \"x\" and `, 50) + `value eq \"y\"`
	one := `{"method":"PATCH","path":"/Users/u","data":{"Operations":[{"op":"remove","path":"emails[` + filter + `]"}]}}`
	operations := make([]string, 60) // of 510,000 each
	for i := range operations {
		operations[i] = one
	}
	got := strings.Fields(bulkStatuses(t, ask(h, "POST", "/Bulk", bulkBody("", operations...))))
	if got[0] != "200" || got[38] != "200" || got[39] != "400" || got[59] != "400" {
		t.Errorf("statuses %v; want 39 that are carried out", got)
	}
}

// TestBulkBase checks the paths of operations where the service does not stand at the root.
func TestBulkBase(t *testing.T) {
	memory := &scimtest.Memory{NewID: func() string { return "a b" }}
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: memory, BaseURL: func(*http.Request) string { return "https://app.example/api/scim/acme" },
	})
	for path, want := range map[string]string{
		"/Users": "201", "https://app.example/api/scim/acme/Users": "201", "HTTPS://APP.example/api/scim/acme/v2/Users": "201", "/api/scim/acme/Users": "201",
		"/api/scim/other/Users": "404", "https://app.example/Users": "400", "https://app.example/api/scim/acmeUsers": "400", "https://app.example/api/scim/acme": "400",
	} {
		w := ask(h, "POST", "/Bulk", bulkBody("", fmt.Sprintf(`{"method":"POST","path":%q,"bulkId":"1","data":{"userName":"u"}}`, path)))
		if got := bulkStatuses(t, w); got != want {
			t.Errorf("%s: status %s, want %s: %s", path, got, want, w.Body)
		}
		if want != "201" {
			continue
		}
		if !strings.Contains(w.Body.String(), `"location":"https://app.example/api/scim/acme/Users/a%20b"`) {
			t.Errorf("%s: %s", path, w.Body)
		}
		if got := bulkStatuses(t, ask(h, "POST", "/Bulk", bulkBody("", fmt.Sprintf(`{"method":"DELETE","path":%q}`, path+"/a%20b")))); got != "204" {
			t.Errorf("%s: DELETE has status %s", path, got)
		}
	}
}
