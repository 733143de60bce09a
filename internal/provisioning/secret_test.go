package provisioning_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

// echo is a service that repeats in its refusals what it was sent, as many do.
func echo(w *world, refused func(r *http.Request, body string) int) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.t.Error(err)
		}
		if status := refused(r, string(body)); status != 0 {
			rw.Header().Set("Content-Type", "application/scim+json")
			rw.WriteHeader(status)
			fmt.Fprintf(rw, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","detail":%q}`, status,
				"not accepted: "+r.URL.RawQuery+" "+strings.ToUpper(string(body)))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.proxy.ServeHTTP(rw, r)
	}))
}

// TestRedactedValuesAreStoredNowhere: values that the mapping marks with Redact() reach the target, changes of them are noticed, and the database does not
// hold them: neither in the log, nor in what was written last, nor in the words of failures and of a quarantine.
func TestRedactedValuesAreStoredNowhere(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		s := storetest.Open(t, c)
		w := newWorld(t, s, "vault-platform")
		locked := false
		server := echo(w, func(r *http.Request, body string) int {
			switch {
			case locked && r.Method == http.MethodPatch:
				return http.StatusUnauthorized
			case strings.Contains(body, "zq-bad"):
				return http.StatusBadRequest
			}
			return 0
		})
		defer server.Close()
		w.url, w.app.TenantURL = server.URL, server.URL
		redacting(w, map[string]string{
			"title": `Redact(Append("zq-", [jobTitle]))`, "displayName": `Redact(Append("zq-name-", [displayName]))`,
			"externalId": `Redact(Append("zq-ext-", [employeeId]))`,
		})
		w.user("ada@x.example", map[string]string{"title": "Chief", "displayName": "Ada", "employeeId": "7"})
		w.user("bob@x.example", map[string]string{"title": "bad", "displayName": "Bob", "employeeId": "8"})
		w.user("cy@x.example", map[string]string{"title": "Cook", "displayName": "Cy", "employeeId": "9"})
		w.account("User", `{"userName":"somebody@x.example","externalId":"zq-ext-9"}`)
		for _, name := range []string{"ada@x.example", "bob@x.example", "cy@x.example"} {
			w.assign(name, "", true)
		}
		if r := w.mustCycle(); r.Created != 1 || r.Linked != 1 || r.Failed != 1 {
			t.Fatalf("the first cycle: %+v", r)
		}
		w.wantAccount("ada@x.example", "zq-Chief")

		w.change("ada@x.example", map[string]string{"city": "Malmö"})
		w.mustCycle()
		if got := w.lastChange("ada@x.example"); got != "addresses[type eq \"work\"].locality" {
			t.Errorf("after a change of the city alone, %s is written", got)
		}
		w.change("ada@x.example", map[string]string{"title": "Boss"})
		w.mustCycle()
		if got := w.lastChange("ada@x.example"); got != "title" {
			t.Errorf("after a change of the title, %s is written", got)
		}
		w.wantAccount("ada@x.example", "zq-Boss")

		locked = true
		w.change("ada@x.example", map[string]string{"title": "Owner"})
		if r := w.mustCycle(); r.Quarantine == nil {
			t.Errorf("a refused token does not quarantine: %+v", r)
		}
		raw := rawDatabase(t, c)
		if !bytes.Contains(raw, []byte("[Redact]")) || !bytes.Contains(bytes.ToLower(raw), []byte("not accepted")) {
			t.Fatal("the raw database has no masked value: the test looks at the wrong place")
		}
		for _, secret := range []string{"zq-Chief", "zq-Boss", "zq-Owner", "zq-bad", "zq-Cook", "zq-ext-7", "zq-ext-9", "zq-name-Ada", "zq-name-Bob"} {
			for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), hex.EncodeToString([]byte(strings.ToUpper(secret)))} {
				if i := bytes.Index(bytes.ToLower(raw), []byte(strings.ToLower(form))); i >= 0 {
					t.Errorf("the database holds %s: …%s…", secret, raw[max(0, i-80):min(len(raw), i+60)])
				}
			}
		}
	})
}

// redacting gives rows of the mapping other expressions.
func redacting(w *world, expressions map[string]string) {
	m := w.app.Mapping.For(directory.User)
	for i := range m.Attributes {
		if e, ok := expressions[m.Attributes[i].Target]; ok {
			m.Attributes[i].Kind, m.Attributes[i].Value = mapping.Expression, e
			delete(expressions, m.Attributes[i].Target)
		}
	}
	if len(expressions) > 0 {
		w.t.Fatalf("no rows for %v", expressions)
	}
	w.save()
}

func (w *world) wantAccount(name, title string) {
	w.t.Helper()
	if _, r := w.accountOf(name); r["title"] != title {
		w.t.Errorf("the account of %s is %v; want the title %s", name, r, title)
	}
}

// lastChange are the attributes that the last update of a person changed.
func (w *world) lastChange(name string) string {
	w.t.Helper()
	list, _, err := w.store.Records(w.t.Context(), record.Query{Application: w.app.ID, User: name, Action: record.Update, Limit: 1, Newest: true})
	w.must(err)
	var names []string
	for _, r := range list {
		for _, p := range r.Modified {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, " ")
}

// rawDatabase is everything that the database holds, as bytes. PostgreSQL shows bytes as digits, so the log's documents are asked for as texts.
func rawDatabase(t *testing.T, c store.Config) []byte {
	t.Helper()
	return append(storetest.Raw(t, c, "*.db*"), storetest.Raw(t, c, "*.db*", "select string_agg(convert_from(doc, 'UTF8'), ' ') from record")...)
}

// Without a key nothing is remembered: the value is written again, and no hash that anybody could guess from is stored.
func TestRedactedValuesWithoutAKey(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t))
	w := newWorld(t, s, "vault-platform")
	w.engine.ConcealKey = nil
	redacting(w, map[string]string{"title": `Redact([jobTitle])`})
	w.user("ada@x.example", map[string]string{"title": "Chief"})
	w.assign("ada@x.example", "", true)
	w.mustCycle()
	w.change("ada@x.example", map[string]string{"city": "Malmö"})
	w.mustCycle()
	if got := w.lastChange("ada@x.example"); !strings.Contains(got, "title") {
		t.Errorf("written is %s; want the title again", got)
	}
	links, err := s.ScanLinks(t.Context(), w.app.ID, directory.User, "", 10)
	if err != nil || len(links) != 1 || links[0].Written["title"] != "[Redact] "+strings.Repeat("0", 32) {
		t.Errorf("links are %+v, %v", links, err)
	}
}
