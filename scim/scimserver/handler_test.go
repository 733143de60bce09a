package scimserver_test

import (
	"context"
	"encoding/json"
	"errors"
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

// ask sends a request straight to a handler. headers are pairs.
func ask(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestBackendConformance(t *testing.T) {
	scimtest.RunBackend(t, func(*testing.T) scimserver.Backend { return new(scimtest.Memory) })
}

func TestAuthenticate(t *testing.T) {
	memory := new(scimtest.Memory)
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Authenticate: func(r *http.Request) (scimserver.Tenant, error) {
		switch r.Header.Get("Authorization") {
		case "Bearer good":
			return scimserver.Tenant{Backend: memory, Name: "acme"}, nil
		case "Bearer off":
			return scimserver.Tenant{}, scim.Errorf(403, "", "provisioning is switched off")
		case "Bearer busy":
			return scimserver.Tenant{}, &scimserver.Throttled{After: 1500 * time.Millisecond}
		case "Bearer broken":
			return scimserver.Tenant{}, errors.New("database password is swordfish")
		}
		return scimserver.Tenant{}, scim.Errorf(401, "", "the token is not valid")
	}})
	for _, test := range []struct {
		name, method, path, token string
		status                    int
		header, value             string
	}{
		{"none", "GET", "/Users", "", 401, "WWW-Authenticate", `Bearer realm="scim"`},
		{"wrong", "GET", "/Users", "Bearer bad", 401, "WWW-Authenticate", `Bearer realm="scim", error="invalid_token"`},
		{"good", "GET", "/Users", "Bearer good", 200, "WWW-Authenticate", ""},
		{"off", "GET", "/Users", "Bearer off", 403, "WWW-Authenticate", ""},
		{"busy", "GET", "/Users", "Bearer busy", 429, "Retry-After", "2"},
		{"broken", "GET", "/Users", "Bearer broken", 500, "", ""},
		{"configuration is public", "GET", "/ServiceProviderConfig", "", 200, "", ""},
		{"and nothing else", "POST", "/ServiceProviderConfig", "", 401, "", ""},
		{"schemas are not", "GET", "/Schemas", "", 401, "", ""},
		{"nor which paths exist", "GET", "/Nothing", "", 401, "", ""},
		{"nor which methods", "PUT", "/Users", "", 401, "", ""},
		{"nor which versions", "PUT", "/v3/Users", "", 401, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := ask(h, test.method, test.path, "", "Authorization", test.token)
			if w.Code != test.status {
				t.Fatalf("status %d, want %d: %s", w.Code, test.status, w.Body)
			}
			if test.header != "" && w.Header().Get(test.header) != test.value {
				t.Errorf("%s is %q, want %q", test.header, w.Header().Get(test.header), test.value)
			}
			if strings.Contains(w.Body.String(), "swordfish") {
				t.Error("the cause of a fault was told to the client")
			}
		})
	}
}

// brokenBackend fails in every way a backend should not.
type brokenBackend struct{ scimtest.Memory }

func (*brokenBackend) Get(_ context.Context, _ *scim.ResourceType, id string, _ scim.Projection) (scim.Resource, error) {
	if id == "panic" {
		panic("boom")
	}
	return nil, errors.New("disk on fire")
}

func TestFaultsAreErrors(t *testing.T) {
	var events []scimserver.Event
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: new(brokenBackend), Logger: slog.New(slog.DiscardHandler),
		Observe: func(_ *http.Request, e scimserver.Event) { events = append(events, e) },
	})
	for _, id := range []string{"panic", "error"} {
		w := ask(h, "GET", "/Users/"+id, "")
		var body map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 500 || body["status"] != "500" {
			t.Errorf("%s: status %d with %s", id, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), "fire") || strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: the cause was told to the client: %s", id, w.Body)
		}
	}
	if len(events) != 2 || events[0].Err == nil || events[1].Err == nil || events[0].Status != 500 {
		t.Errorf("observed %+v; want two events with their causes", events)
	}
}

func TestObserve(t *testing.T) {
	var got scimserver.Event
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: new(scimtest.Memory),
		Observe: func(_ *http.Request, e scimserver.Event) { got = e },
	})
	create := `{"userName":"anna","active":"True"}`
	for _, test := range []struct {
		name, method, path, body string
		want                     scimserver.Event
	}{
		{"create", "POST", "/Users/", create,
			scimserver.Event{Method: "POST", Endpoint: "/Users", Status: 201, BytesIn: len(create), Rules: []string{"N10", "N14", "N15", "N3"}}},
		{"filter", "GET", `/Users?filter=userName+eq+"anna"+and+active+eq+true`, "",
			scimserver.Event{Method: "GET", Endpoint: "/Users", Status: 200, Filter: "userName eq ? and active eq ?", Results: 1}},
		{"bounds", "GET", `/Users?count=-5`, "", scimserver.Event{Method: "GET", Endpoint: "/Users", Status: 200, Rules: []string{"N19"}}},
		{"error", "GET", "/Groups/x", "", scimserver.Event{Method: "GET", Endpoint: "/Groups", ID: "x", Status: 404}},
		{"refused", "GET", "/Users?filter=zz+pr", "", scimserver.Event{Method: "GET", Endpoint: "/Users", Status: 400, ScimType: scim.InvalidFilter}},
		{"nowhere", "GET", "/zz", "", scimserver.Event{Method: "GET", Endpoint: "unknown", Status: 404}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := ask(h, test.method, strings.ReplaceAll(test.path, `"`, "%22"), test.body)
			if got.Duration <= 0 || got.BytesOut != w.Body.Len() || (got.Detail == "") != (got.Status < 400) {
				t.Errorf("duration %v, %d bytes out, detail %q for a body of %d bytes", got.Duration, got.BytesOut, got.Detail, w.Body.Len())
			}
			if test.want.Status == 201 {
				test.want.ID, _ = decode(t, w)["id"].(string)
			}
			sortRules(got.Rules)
			sortRules(test.want.Rules)
			got.Duration, got.BytesOut, got.Detail = 0, 0, ""
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("observed another event (-want +got):\n%s", diff)
			}
		})
	}
}

func sortRules(rules []string) {
	for i := range rules {
		for j := i; j > 0 && rules[j] < rules[j-1]; j-- {
			rules[j], rules[j-1] = rules[j-1], rules[j]
		}
	}
}

func TestBodyLimitAndBase(t *testing.T) {
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: new(scimtest.Memory), MaxBody: 100,
		BaseURL: func(*http.Request) string { return "https://app.example/api/scim/acme" },
	})
	if w := ask(h, "POST", "/Users", `{"userName":"`+strings.Repeat("x", 100)+`"}`); w.Code != 413 {
		t.Errorf("101 bytes and more: status %d, want 413", w.Code)
	}
	w := ask(h, "POST", "/Users", `{"userName":"x"}`)
	if got := w.Header().Get("Location"); w.Code != 201 || !strings.HasPrefix(got, "https://app.example/api/scim/acme/Users/") {
		t.Errorf("status %d with Location %q", w.Code, got)
	}
}

// deadReader is a client that goes away in the middle of its body.
type deadReader struct{}

func (deadReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBodyThatBreaksOff(t *testing.T) {
	h := scimserver.New(scimserver.Config{Registry: scim.Core(), Backend: new(scimtest.Memory)})
	r := httptest.NewRequest("POST", "/Users", deadReader{})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 400 {
		t.Errorf("status %d, want 400", w.Code)
	}
}

// impatientBackend serves a client that hangs up while it is served.
type impatientBackend struct {
	scimtest.Memory
	hangUp context.CancelFunc
}

func (b *impatientBackend) Get(ctx context.Context, _ *scim.ResourceType, _ string, _ scim.Projection) (scim.Resource, error) {
	b.hangUp()
	return nil, ctx.Err()
}

func TestGoneClientIsNoFault(t *testing.T) {
	var log strings.Builder
	event := scimserver.Event{Err: errors.New("not observed")}
	ctx, cancel := context.WithCancel(t.Context())
	h := scimserver.New(scimserver.Config{
		Registry: scim.Core(), Backend: &impatientBackend{hangUp: cancel}, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Observe: func(_ *http.Request, e scimserver.Event) { event = e },
	})
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/Users/1", nil))
	if event.Err != nil || log.Len() > 0 {
		t.Errorf("observed %v, logged %s", event.Err, &log)
	}
}
