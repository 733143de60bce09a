package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/internal/organization"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// loggedNode is a node with a request log. flush writes what waits and returns the records of the organization.
type loggedNode struct {
	*node
	log   *store.RequestLog
	flush func(slug string) []record.Request
}

func newLoggedNode(t *testing.T, c store.Config) loggedNode {
	t.Helper()
	n := newNode(t, c, ServeOptions{})
	log, err := n.sys.RequestLog(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	recorder := record.NewRecorder(log, slog.New(slog.DiscardHandler), n.sys.now)
	if n.mount, err = newSCIMMount(n.sys, ServeOptions{}, recorder); err != nil {
		t.Fatal(err)
	}
	n.handler = n.mount
	return loggedNode{node: n, log: log, flush: func(slug string) []record.Request {
		t.Helper()
		recorder.Close()
		o, err := n.sys.Organization(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		requests, _, err := log.Requests(t.Context(), record.RequestQuery{Organization: o.ID, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return requests
	}}
}

func (n *node) send(method, path, secret, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/scim/"+path, strings.NewReader(body))
	r.RemoteAddr = office + ":4711"
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("User-Agent", "test client")
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	return w
}

// adaBody is a user as Entra sends one; every text of secretTexts is personal.
const adaBody = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Ada.Lovelace@contoso.example","externalId":"ada-external-4711","active":"True",
	"displayName":"Augusta Ada King","name":{"givenName":"Augusta","familyName":"Lovelace"},"emails":[{"type":"work","value":"countess@contoso.example"}]}`

func secretTexts() []string {
	return []string{"lovelace", "augusta", "countess", "ada-external", "analytical", "4711-secret", "Difference-Engineer"}
}

func TestEveryRequestHasARecordWithoutPersonalData(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newLoggedNode(t, c)
		secret := n.organization("acme")
		n.organization("other")
		o, err := n.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.sys.Integrations().LogBodies(t.Context(), o.ID, time.Hour); err != nil {
			t.Fatal(err)
		}
		created := n.send(http.MethodPost, "acme/Users", secret, adaBody)
		_, id, _ := strings.Cut(created.Header().Get("Location"), "/Users/")
		if created.Code != http.StatusCreated || id == "" {
			t.Fatalf("POST answers %d, Location %q", created.Code, id)
		}
		n.send(http.MethodPost, "acme/Users", secret, adaBody)
		n.send(http.MethodGet, `acme/Users?filter=userName+eq+%22Ada.Lovelace@contoso.example%22&startIndex=1&count=10&x=analytical`, secret, "")
		n.send(http.MethodPatch, "acme/Users/"+id, secret,
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"Difference-Engineer"}]}`)
		n.send(http.MethodGet, "acme/Users/Ada.Lovelace@contoso.example", secret, "")
		n.send(http.MethodGet, `acme/Users?filter=userName+eq+%22Lovelace`, secret, "")
		n.send(http.MethodGet, "acme/Users", "4711-secret-4711", "")
		n.send(http.MethodGet, "nowhere/Users", secret, "")
		n.send(http.MethodGet, "other/Users", secret, "")

		got := n.flush("acme")
		lines := make([]string, len(got))
		for i, r := range got {
			lines[i] = strings.Join(append([]string{r.Method, strings.ReplaceAll(r.Path, id, "{id}"), http.StatusText(r.Status), r.Filter, r.Query}, r.Rules...), "|")
			if r.Address != office || r.UserAgent != "test client" || len(r.ID) == 0 || r.DurationUS < 0 {
				t.Errorf("who sent it is lost in %+v", r)
			}
		}
		want := []string{
			"POST|/Users|Created|||N15|N3", "POST|/Users|Conflict|||N15|N3", "GET|/Users|OK|userName eq ?|startIndex=1&count=10|N14",
			"PATCH|/Users/{id}|OK|||N15|N1", "GET|/Users/‹not an id›|Not Found||", "GET|/Users|Bad Request||", "GET|/Users|Unauthorized||",
		}
		if !slices.Equal(lines, want) {
			t.Errorf("the log is\n%s\nexpected\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if c := got[0].Changes; len(c) != 1 || c[0].Kind != "create" || c[0].ID != id || got[0].Resource != id {
			t.Errorf("the creation changed %+v", c)
		}
		if c := got[3].Changes; len(c) != 1 || c[0].Kind != "update" || !slices.Equal(c[0].Paths, []string{"title"}) {
			t.Errorf("the PATCH changed %+v", c)
		}
		if b := got[0].Bodies; b == nil || !strings.Contains(b.Request, `"userName":"‹string 28›"`) || !strings.Contains(b.Response, `"userName":"‹string 28›"`) {
			t.Errorf("the bodies are kept as %+v", b)
		}
		if got[6].Token != "" || got[0].Token == "" || got[0].ID != created.Header().Get("X-Request-Id") {
			t.Errorf("tokens are %q and %q, ids %q and %q", got[0].Token, got[6].Token, got[0].ID, created.Header().Get("X-Request-Id"))
		}
		if others := n.flush("other"); len(others) != 1 || others[0].Status != http.StatusUnauthorized || others[0].Token != "" {
			t.Errorf("another organization's log is %+v; expected the one refused request, without its token", others)
		}
		searchRaw(t, c, secret)
	})
}

// searchRaw looks for personal data in everything that the log has written.
func searchRaw(t *testing.T, c store.Config, secret string) {
	t.Helper()
	raw := storetest.Raw(t, c, "requests.db*",
		"select string_agg(x::text, ' ') from request_batch x", "select string_agg(x::text, ' ') from request_body x")
	if !bytes.Contains(raw, []byte("userName eq ?")) {
		t.Fatal("the raw log has no filter shape: the test looks at the wrong place")
	}
	low := bytes.ToLower(raw)
	for _, text := range append(secretTexts(), secret) {
		if bytes.Contains(low, []byte(strings.ToLower(text))) {
			t.Errorf("the log holds %q", text)
		}
	}
}

func TestAFloodOfWrongTokensDoesNotFillTheLog(t *testing.T) {
	n := newLoggedNode(t, storetest.SQLite(t))
	n.organization("acme")
	const flood = 400
	for range flood {
		n.send(http.MethodGet, "acme/Users", "wrong", "")
	}
	got := n.flush("acme")
	last := got[len(got)-1]
	if len(got) >= flood || last.Status != 0 || !strings.Contains(last.Detail, "there were too many") {
		t.Errorf("%d wrong tokens have %d records, the last of which is %+v; expected fewer, and a remark with their number", flood, len(got), last)
	}
}

func TestEachOperationOfABulkHasARecordWithWhatItChanged(t *testing.T) {
	n := newLoggedNode(t, storetest.SQLite(t))
	secret := n.organization("acme")
	w := n.send(http.MethodPost, "acme/Bulk", secret, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
		{"method":"POST","path":"/Users","bulkId":"ada","data":{"userName":"ada@contoso.example"}},
		{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Engineers","members":[{"value":"bulkId:ada"}]}},
		{"method":"DELETE","path":"/Users/nobody"}]}`)
	if w.Code != http.StatusOK {
		t.Fatalf("the bulk is answered %d %s", w.Code, w.Body)
	}
	var lines []string
	for _, r := range n.flush("acme") {
		line := fmt.Sprint(r.Bulk, " ", r.Method, " ", r.Path, " ", r.Status)
		for _, c := range r.Changes {
			line += " " + c.Kind + " " + c.Type
		}
		lines = append(lines, line)
		if r.ID != w.Header().Get("X-Request-Id") || r.Token == "" {
			t.Errorf("%s has the id %q and the token %q", line, r.ID, r.Token)
		}
	}
	want := []string{
		"1 POST /Users 201 create User", "2 POST /Groups 201 create Group member-add Group", "3 DELETE /Users/‹not an id› 404", "0 POST /Bulk 200",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the log is\n%s\nexpected\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// countedSlugs counts look-ups of organizations.
type countedSlugs struct {
	organization.Store

	count int
}

func (c *countedSlugs) OrganizationBySlug(ctx context.Context, slug string) (organization.Organization, error) {
	c.count++
	return c.Store.OrganizationBySlug(ctx, slug)
}

// TestFloodsCostNoLookUp: what the limit of an address refuses is not looked up for the log either.
func TestFloodsCostNoLookUp(t *testing.T) {
	n := newLoggedNode(t, storetest.SQLite(t))
	slugs := &countedSlugs{Store: n.sys.Store}
	n.mount.requests.organizations.store = slugs
	n.mount.addresses = newAddressLimits(1)
	n.mount.now = func() time.Time { return noon }
	for i := range 1000 {
		n.get(fmt.Sprint("random", i), "", office)
	}
	if slugs.count == 0 || slugs.count > 5 {
		t.Errorf("1,000 requests, of which 5 were let in, led to %d look-ups", slugs.count)
	}
}

// TestWhatNeedsNoTokenDoesNotFillTheLog: the ServiceProviderConfig may be read by anybody, any number of times.
func TestWhatNeedsNoTokenDoesNotFillTheLog(t *testing.T) {
	n := newLoggedNode(t, storetest.SQLite(t))
	n.organization("acme")
	const flood = 400
	for i := range flood {
		r := httptest.NewRequest(http.MethodGet, "/api/scim/acme/ServiceProviderConfig", nil)
		r.RemoteAddr = fmt.Sprintf("192.0.%d.%d:4711", i/200, i%200)
		n.handler.ServeHTTP(httptest.NewRecorder(), r)
	}
	if got := n.flush("acme"); len(got) >= flood || got[len(got)-1].Status != 0 {
		t.Errorf("%d anonymous requests have %d records; want fewer, and a remark", flood, len(got))
	}
}

// TestDetailsHoldNoValues: what error messages repeat of a request is masked, wherever it stood.
func TestDetailsHoldNoValues(t *testing.T) {
	n := newLoggedNode(t, storetest.SQLite(t))
	secret := n.organization("acme")
	created := n.send(http.MethodPost, "acme/Users", secret, `{"userName":"u1"}`)
	_, id, _ := strings.Cut(created.Header().Get("Location"), "/Users/")
	patch := func(operation string) {
		n.send(http.MethodPatch, "acme/Users/"+id, secret, `{"Operations":[`+operation+`]}`)
	}
	patch(`{"op":"add","path":"emails[value eq \"lovelace\"].nosuch","value":"x"}`)
	patch(`{"op":"add","path":"title","value":4711815}`)
	patch(`{"op":"lovelace","path":"title","value":"x"}`)
	n.send(http.MethodGet, `acme/Users?count=%22lovelace%22`, secret, "")
	n.send("LOVELACE", "acme/Users", secret, "")
	n.send(http.MethodPost, "acme/Bulk", secret, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
		{"method":"lovelace","path":"/Users"},{"method":"POST","path":"https://lovelace.example/","bulkId":"a","data":{}},
		{"method":"POST","path":"/Users","bulkId":"lovelace","data":{"userName":"u2"}},{"method":"POST","path":"/Users","bulkId":"lovelace","data":{"userName":"u3"}},
		{"method":"PATCH","path":"/Groups/bulkId:lovelace2","data":{"Operations":[{"op":"add","path":"displayName","value":"x"}]}}]}`)
	details := 0
	for _, r := range n.flush("acme") {
		if text := strings.ToLower(fmt.Sprintf("%+v", r)); strings.Contains(text, "lovelace") || strings.Contains(text, "4711815") {
			t.Errorf("a record holds what was sent: %+v", r)
		}
		if r.Detail != "" {
			details++
		}
	}
	if details < 9 {
		t.Errorf("only %d records have a detail: the test does not reach the messages it is about", details)
	}
}
