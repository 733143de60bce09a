package scimclient

import (
	"net/http"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

func TestAnswersToGet(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	plain := map[string]string{"Content-Type": "text/plain"}
	for _, tt := range []struct {
		name  string
		reply reply
		kind  Kind   // "": success
		want  string // part of the detail
		typ   string
	}{
		{"SCIM", reply{status: 200, body: `{"id":"7"}`}, "", "", ""},
		{"byte order mark", reply{status: 200, body: "\ufeff{\"id\":\"7\"}"}, "", "", ""},
		{"numeric id, other letter case", reply{status: 200, body: `{"ID":7}`}, "", "", ""},
		{"JSON sent as text", reply{status: 200, header: plain, body: `{"id":"7"}`}, "", "", ""},
		{"login page", reply{status: 200, header: html, body: "<html><head><title>\nSign  in</title>"}, KindHTML, `titled "Sign in"`, ""},
		{"page without a type", reply{status: 200, body: " <!DOCTYPE HTML><p>x"}, KindHTML, "web page", ""},
		{"text", reply{status: 200, header: plain, body: "hello " + secret}, KindContentType, "text/plain: hello [secret token]", ""},
		{"broken JSON", reply{status: 200, body: `{"id":`}, KindUnparsable, "not JSON", ""},
		{"two documents", reply{status: 200, body: `{"id":"7"}{}`}, KindUnparsable, "follows", ""},
		{"deep", reply{status: 200, body: `{"id":` + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "}"}, KindUnparsable, "deeper than 64", ""},
		{"empty", reply{status: 200}, KindUnparsable, "empty body", ""},
		{"a list", reply{status: 200, body: `[]`}, KindNotSCIM, "not an object", ""},
		{"somebody else", reply{status: 200, body: `{"id":"8"}`}, KindNotSCIM, `returned the id "8"`, ""},
		{"too large", reply{status: 200, body: `{"id":"7","x":"` + strings.Repeat("x", 2000) + `"}`}, KindTooLarge, "1000 bytes", ""},
		{"SCIM error", reply{status: 400, body: scimErrorBody(400, "invalidValue", "userName is required")}, KindStatus, "userName is required", "invalidValue"},
		{"error with a numeric status", reply{status: 404, body: `{"Detail":"gone","status":404}`}, KindStatus, "gone", ""},
		{"error of a gateway", reply{status: 400, body: `{"message":"bad ` + secret + `"}`}, KindStatus, "bad [secret token]", ""},
		{"error as text", reply{status: 400, header: plain, body: "line one\r\nline two"}, KindStatus, "400 Bad Request: line one line two", ""},
		{"error page", reply{status: 403, header: html, body: "<html><title>Blocked</title>"}, KindStatus, `titled "Blocked"`, ""},
		{"error without words", reply{status: 418}, KindStatus, "418", ""},
		{"endless detail", reply{status: 400, body: scimErrorBody(400, "", strings.Repeat("ä", 10000))}, KindStatus, "…", ""},
	} {
		c := newClient(t, &script{replies: []reply{tt.reply}}, func(cfg *Config) { cfg.MaxBody = 1000; cfg.Retry.Attempts = 1 })
		if tt.name == "deep" || tt.name == "endless detail" {
			c.cfg.MaxBody = 1 << 20
		}
		r, _, err := c.Get(t.Context(), "User", "7")
		if tt.kind == "" {
			if err != nil || r.ID() != "7" {
				t.Errorf("%s: got %v, %v; want the resource 7", tt.name, r, err)
			}
			continue
		}
		e := asError(t, err)
		if e.Kind != tt.kind || !strings.Contains(e.Detail, tt.want) || e.ScimType != tt.typ || e.Ambiguous {
			t.Errorf("%s: got kind %s, scimType %q, ambiguous %v, detail %q; want %s, %q with %q", tt.name, e.Kind, e.ScimType, e.Ambiguous, e.Detail, tt.kind, tt.typ, tt.want)
		}
		if len(e.Detail) > 700 || strings.ContainsAny(e.Detail, "\r\n") {
			t.Errorf("%s: the detail is not one short line: %q", tt.name, e.Detail)
		}
	}
}

func TestAnswersToCreate(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply reply
		id    string
		kind  Kind
	}{
		{"201 and the resource", reply{status: 201, body: `{"id":"7"}`}, "7", ""},
		{"200 instead", reply{status: 200, body: `{"id":"7"}`}, "7", ""},
		{"only a location", reply{status: 201, header: map[string]string{"Location": "https://app.example/scim/Users/7"}}, "7", ""},
		{"a relative location", reply{status: 201, header: map[string]string{"Location": "/scim/Users/a%20b"}}, "a b", ""},
		{"neither", reply{status: 201}, "", KindUnparsable},
		{"no id", reply{status: 201, body: `{"userName":"x"}`}, "", KindNotSCIM},
		{"login page", reply{status: 200, header: map[string]string{"Content-Type": "text/html"}, body: "<html>"}, "", KindHTML},
	} {
		c := newClient(t, &script{replies: []reply{tt.reply}}, nil)
		r, err := c.Create(t.Context(), "User", scim.Resource{"userName": "x"})
		if tt.kind == "" {
			if err != nil || r.ID() != tt.id {
				t.Errorf("%s: got %v, %v; want id %q", tt.name, r, err, tt.id)
			}
			continue
		}
		if e := asError(t, err); e.Kind != tt.kind || !e.Ambiguous {
			t.Errorf("%s: got %+v; want ambiguous %s: the account may be there", tt.name, e, tt.kind)
		}
	}
}

func TestWrites(t *testing.T) {
	noContent := reply{status: 204}
	page := reply{status: 200, header: map[string]string{"Content-Type": "text/html"}, body: "<html>"}
	s := &script{replies: []reply{noContent}}
	c := newClient(t, s, nil)
	ops := []Operation{{Op: "replace", Path: "active", Value: false}, {Op: "remove", Path: `members[value eq "x"]`}}
	for _, tt := range []struct {
		do         func() error
		line, body string
	}{
		{func() error { return c.Patch(t.Context(), "Group", "a/b", ops) }, "PATCH /scim/Groups/a%2Fb?flag",
			`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false},{"op":"remove","path":"members[value eq \"x\"]"}]}`},
		{func() error { return c.Put(t.Context(), "User", "7", scim.Resource{"userName": "x"}, `W/"3"`) }, "PUT /scim/Users/7?flag", `{"userName":"x"}`},
		{func() error { return c.Delete(t.Context(), "Device", "7") }, "DELETE /scim/Device/7?flag", ""},
	} {
		if err := tt.do(); err != nil {
			t.Errorf("%s: %v", tt.line, err)
		}
		n := len(s.asked) - 1
		if s.asked[n] != tt.line || !sameJSON(t, s.bodies[n], tt.body) {
			t.Errorf("sent %s with %s; want %s with %s", s.asked[n], s.bodies[n], tt.line, tt.body)
		}
	}
	if got := s.headers[1].Get("If-Match"); got != `W/"3"` {
		t.Errorf("If-Match is %q; want the version", got)
	}
	if err := c.Delete(t.Context(), "User", ".."); asError(t, err).Kind != KindRequest || len(s.asked) != 3 {
		t.Errorf("an id of two dots was sent: %v", err)
	}

	c = newClient(t, &script{replies: []reply{page}}, nil)
	if e := asError(t, c.Delete(t.Context(), "User", "7")); e.Kind != KindHTML || !e.Ambiguous {
		t.Errorf("a login page counts as a deletion: %+v", e)
	}
}

func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	if want == "" {
		return got == ""
	}
	a, err := decode([]byte(got))
	if err != nil {
		t.Errorf("%s: %v", got, err)
		return false
	}
	b, err := decode([]byte(want))
	if err != nil {
		t.Fatal(err)
	}
	return scim.Equal(a, b)
}

func TestGetVersion(t *testing.T) {
	for _, tt := range []struct {
		reply reply
		want  string
	}{
		{reply{status: 200, header: map[string]string{"ETag": `W/"9"`}, body: `{"id":"7","meta":{"version":"W/\"1\""}}`}, `W/"9"`},
		{reply{status: 200, body: `{"id":"7","Meta":{"Version":"W/\"1\""}}`}, `W/"1"`},
		{reply{status: 200, body: `{"id":"7"}`}, ""},
	} {
		s := &script{replies: []reply{tt.reply}}
		_, got, err := newClient(t, s, nil).Get(t.Context(), "Group", "7", "members", "x")
		if err != nil || got != tt.want {
			t.Errorf("version is %q, %v; want %q", got, err, tt.want)
		}
		if want := "GET /scim/Groups/7?flag&excludedAttributes=members%2Cx"; s.asked[0] != want {
			t.Errorf("asked %s; want %s", s.asked[0], want)
		}
	}
}

func TestBadToken(t *testing.T) {
	u, err := ValidateBaseURL("https://app.example", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{"a b", "abc\n", "tökén", "\x00"} {
		if _, err := New(Config{BaseURL: u, Token: token}); err == nil || strings.Contains(err.Error(), token) {
			t.Errorf("New with the token %q: got %v; want an error that does not repeat it", token, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{`{"id":"7"}`, `{"Resources":null,"totalResults":"3"}`, `<html><title>x</title>`, `{"resources":[{"id":1}]}`, `{"detail":5,"scimType":[]}`,
		`{"Resources":[{"id":"a","emails":[null,"x",{"VALUE":1}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"Manager":"m"}}]}`, "\xff\xfe{"} {
		f.Add([]byte(s), "application/scim+json", 200)
	}
	u, err := ValidateBaseURL("https://app.example", false)
	if err != nil {
		f.Fatal(err)
	}
	c, err := New(Config{BaseURL: u, Token: secret})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string, status int) {
		a := &answer{status: status, header: http.Header{"Content-Type": {contentType}}, body: body}
		r := &request{method: http.MethodGet, segments: []string{"Users"}, list: true}
		p, e := c.list(r, a)
		if e == nil {
			for _, m := range p.resources {
				res := c.Schemas("User").normalise(m)
				if _, ok := res["id"].(string); !ok && res.ID() != "" {
					t.Fatalf("id is %T", res["id"])
				}
				scim.Encode(res)
			}
		}
		if e := c.refused(r, a); strings.Contains(e.Detail, secret) || len(e.Detail) > 2000 {
			t.Fatalf("detail %q", e.Detail)
		}
		d := &Discovery{}
		if m, e := c.object(r, a, "x"); e == nil {
			readConfig(m, d)
			readTypes(m, d)
			readSchemas(m, d)
		}
	})
}
