package scimfake

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// echo answers every request with the same body and counts.
type echo struct {
	body   string
	status int
	served int
	query  string
}

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.served++
	e.query = r.URL.RawQuery
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(e.status)
	_, _ = io.WriteString(w, e.body)
}

const (
	emptyList = `{"totalResults":0,"Resources":[]}`
	oneUser   = `{"totalResults":1,"Resources":[{"id":"1","userName":"ann","active":false,"members":[{"value":"x"}]}]}`
)

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		rule         Rule
		method, path string
		body         string
		honest       string
		served       int    // requests that reach the honest handler
		status       int    // 0: the connection is broken
		want         string // part of the answer
	}{
		{Rule{Fault: ResetAfterWrite}, "POST", "/Users", "{}", oneUser, 1, 0, ""},
		{Rule{Fault: ResetAfterWrite}, "GET", "/Users", "", oneUser, 1, 200, "ann"},
		{Rule{Fault: ResetBefore}, "POST", "/Users", "{}", oneUser, 0, 0, ""},
		{Rule{Fault: ErrorAfterWrite}, "PATCH", "/Users/1", "{}", oneUser, 1, 502, ""},
		{Rule{Fault: ServerError, Body: "bob"}, "POST", "/Users", `{"userName":"bob"}`, oneUser, 0, 500, "internal"},
		{Rule{Fault: ServerError, Body: "bob"}, "POST", "/Users", `{"userName":"ann"}`, oneUser, 1, 200, ""},
		{Rule{Fault: Throttle, RetryAfter: 3 * time.Second}, "GET", "/Users", "", oneUser, 0, 429, "too many"},
		{Rule{Fault: Unavailable}, "GET", "/Users", "", oneUser, 0, 503, ""},
		{Rule{Fault: Unauthorized}, "GET", "/Users", "", oneUser, 0, 401, ""},
		{Rule{Fault: Refuse, Status: 409, ScimType: "uniqueness", Detail: "taken"}, "POST", "/Users", "{}", oneUser, 0, 409, `"scimType":"uniqueness"`},
		{Rule{Fault: Slow, Delay: time.Nanosecond}, "GET", "/Users", "", oneUser, 1, 200, "ann"},
		{Rule{Fault: LoginPage}, "GET", "/Users", "", oneUser, 0, 200, "<title>Sign in"},
		{Rule{Fault: NotFoundForEmpty}, "GET", "/Users", "", emptyList, 1, 404, ""},
		{Rule{Fault: NotFoundForEmpty}, "GET", "/Users", "", oneUser, 1, 200, "ann"},
		{Rule{Fault: DropMembers}, "PATCH", "/Groups/1", `{"path":"members"}`, oneUser, 0, 204, ""},
		{Rule{Fault: DropMembers}, "PATCH", "/Groups/1", `{"path":"displayName"}`, oneUser, 1, 200, ""},
		{Rule{Fault: HideMembers}, "GET", "/Groups", "", oneUser, 1, 200, `"Resources":[{"active":false,"id":"1","userName":"ann"}]`},
		{Rule{Fault: PutOnly}, "PATCH", "/Users/1", "{}", oneUser, 0, 501, ""},
		{Rule{Fault: PutOnly}, "PUT", "/Users/1", "{}", oneUser, 1, 200, ""},
		{Rule{Fault: NoDiscovery}, "GET", "/Schemas", "", oneUser, 0, 404, ""},
		{Rule{Fault: NoDiscovery}, "GET", "/Users", "", oneUser, 1, 200, ""},
		{Rule{Fault: OddJSON}, "GET", "/Users", "", emptyList, 1, 200, `"resources":null`},
		{Rule{Fault: OddJSON}, "GET", "/Users", "", oneUser, 1, 200, `"active":"False"`},
		{Rule{Fault: StrictElements}, "PATCH", "/Users/1", `{"Operations":[{"op":"Replace","path":"emails[type eq \"work\"].value"}]}`, `{"id":"1"}`, 1, 400, "noTarget"},
		{Rule{Fault: StrictElements}, "PATCH", "/Users/1", `{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value"}]}`, `{"emails":[{"type":"work"}]}`, 2, 200, ""},
		{Rule{Fault: ServerError, Method: "PUT"}, "GET", "/Users", "", oneUser, 1, 200, ""},
		{Rule{Fault: ServerError, Path: "/Groups"}, "GET", "/Users", "", oneUser, 1, 200, ""},
		{Rule{Fault: ServerError, Match: func(r Request) bool { return r.Query == "x" }}, "GET", "/Users", "", oneUser, 1, 200, ""},
	} {
		honest := &echo{body: tt.honest, status: 200}
		fake := New(honest, 1, tt.rule)
		server := httptest.NewServer(fake)
		status, header, body := ask(t, tt.method, server.URL+tt.path, tt.body)
		server.Close()
		if status != tt.status || honest.served != tt.served || !strings.Contains(body, tt.want) {
			t.Errorf("%s to %s %s: got %d, %d served, %s; want %d, %d, %s", tt.rule.Fault, tt.method, tt.path, status, honest.served, body, tt.status, tt.served, tt.want)
		}
		if tt.rule.RetryAfter > 0 && header.Get("Retry-After") != "3" {
			t.Errorf("Retry-After is %q; want 3", header.Get("Retry-After"))
		}
		r := fake.Requests()
		if len(r) != 1 || r[0].Method != tt.method || r[0].Path != tt.path || r[0].Body != tt.body || r[0].Status != tt.status {
			t.Errorf("%s: recorded %+v", tt.rule.Fault, r)
		}
	}
}

// ask returns status 0 when there was no answer.
func ask(t *testing.T, method, url, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, ""
	}
	b, err := io.ReadAll(res.Body)
	if closeErr := res.Body.Close(); err != nil || closeErr != nil {
		t.Fatal(err, closeErr)
	}
	return res.StatusCode, res.Header, string(b)
}

func TestIgnoreFilter(t *testing.T) {
	honest := &echo{body: oneUser, status: 200}
	server := httptest.NewServer(New(honest, 1, Rule{Fault: IgnoreFilter}))
	defer server.Close()
	ask(t, "GET", server.URL+`/Users?filter=userName%20eq%20%22x%22&count=5`, "")
	if honest.query != "count=5" {
		t.Errorf("the honest service was asked for %q; want the filter gone", honest.query)
	}
}

func TestSkipTimesAndProbability(t *testing.T) {
	statuses := func(seed uint64, rules ...Rule) []int {
		fake := New(&echo{body: "{}", status: 200}, seed, rules...)
		var out []int
		for range 12 {
			w := httptest.NewRecorder()
			fake.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/Users", nil))
			out = append(out, w.Code)
		}
		return out
	}
	if got, want := statuses(1, Rule{Fault: Throttle, Skip: 2, Times: 3}), []int{200, 200, 429, 429, 429, 200, 200, 200, 200, 200, 200, 200}; !slices.Equal(got, want) {
		t.Errorf("Skip 2, Times 3: got %v; want %v", got, want)
	}
	half := Rule{Fault: Throttle, Probability: 0.5}
	a, b, c := statuses(7, half), statuses(7, half), statuses(8, half)
	if !slices.Equal(a, b) || slices.Equal(a, c) || !slices.Contains(a, 200) || !slices.Contains(a, 429) {
		t.Errorf("seed 7: %v and %v, seed 8: %v; want the same for the same seed, and some of both", a, b, c)
	}
}

func TestRecord(t *testing.T) {
	fake := New(&echo{body: "{}", status: 200}, 1, Rule{Fault: Throttle, Times: 1})
	for range 2 {
		fake.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/Users?a=b", nil))
	}
	if want := []string{"GET /Users?a=b", "GET /Users?a=b"}; !slices.Equal(fake.Lines(), want) || fake.Struck(Throttle) != 1 {
		t.Errorf("recorded %q, struck %d; want %q and 1", fake.Lines(), fake.Struck(Throttle), want)
	}
	fake.Forget()
	if len(fake.Requests()) != 0 {
		t.Error("the record was not forgotten")
	}
}
