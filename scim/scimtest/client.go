package scimtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
)

// client talks to a service under test. Every answer is checked for what holds always; see check.
type client struct {
	t    reporter
	base string
}

// serve starts a service over the backend.
func serve(t reporter, cfg scimserver.Config) *client {
	t.Helper()
	cfg.BaseURL = func(r *http.Request) string { return "http://" + r.Host }
	return serveHandler(t, scimserver.New(cfg))
}

func serveHandler(t reporter, h http.Handler) *client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &client{t: t, base: srv.URL}
}

// reply is an answer of the service.
type reply struct {
	t       reporter
	request string
	status  int
	header  http.Header
	raw     string
	body    map[string]any
}

// do sends a request. headers are pairs of name and value. A body is sent as application/scim+json unless the headers say otherwise.
func (c *client) do(method, path, body string, headers ...string) *reply {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	transport := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := transport.Do(req)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	r := &reply{t: c.t, request: method + " " + path, status: res.StatusCode, header: res.Header, raw: string(raw)}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &r.body); err != nil {
			c.t.Fatalf("%s: body is not a JSON object: %v\n%s", r.request, err, raw)
		}
	}
	r.check(method)
	return r
}

// check holds every answer to the rules that have no exception.
func (r *reply) check(method string) {
	r.t.Helper()
	if r.status >= 300 && r.status < 400 && r.status != http.StatusNotModified {
		r.t.Errorf("%s: status %d, but resource traffic is never redirected", r.request, r.status)
	}
	if r.raw == "" {
		if r.status != http.StatusNoContent && r.status != http.StatusNotModified && method != http.MethodHead {
			r.t.Errorf("%s: status %d without a body", r.request, r.status)
		}
		return
	}
	if got := r.header.Get("Content-Type"); got != "application/scim+json" {
		r.t.Errorf("%s: Content-Type %q, want exactly application/scim+json", r.request, got)
	}
	if got := r.header.Get("Content-Length"); got != strconv.Itoa(len(r.raw)) {
		r.t.Errorf("%s: Content-Length %q for %d bytes", r.request, got, len(r.raw))
	}
	if r.status >= 400 {
		r.checkError()
	} else {
		r.checkResource()
	}
}

func (r *reply) checkError() {
	r.t.Helper()
	if got, want := r.body["schemas"], []any{scim.URNError}; !reflect.DeepEqual(got, want) {
		r.t.Errorf("%s: schemas of the error are %v, want %v", r.request, got, want)
	}
	if got, want := r.body["status"], strconv.Itoa(r.status); got != any(want) {
		r.t.Errorf("%s: status in the body is %#v, want the string %q", r.request, got, want)
	}
	if detail, _ := r.body["detail"].(string); detail == "" {
		r.t.Errorf("%s: the error has no detail", r.request)
	}
	for name := range r.body {
		if name != "schemas" && name != "status" && name != "scimType" && name != "detail" {
			r.t.Errorf("%s: the error has the unknown member %q", r.request, name)
		}
	}
	if r.status == http.StatusUnauthorized && !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer ") {
		r.t.Errorf("%s: 401 with WWW-Authenticate %q", r.request, r.header.Get("WWW-Authenticate"))
	}
}

// checkResource holds the headers of a single resource to what its meta says.
func (r *reply) checkResource() {
	r.t.Helper()
	if schemas, _ := r.body["schemas"].([]any); len(schemas) == 0 {
		r.t.Errorf("%s: no schemas in %s", r.request, r.raw)
	}
	r.checkValue("", r.body)
	meta, _ := r.body["meta"].(map[string]any)
	version, _ := meta["version"].(string)
	if version == "" {
		return // a list, a discovery document, or meta was not asked for
	}
	if got := r.header.Get("ETag"); got != version || !strings.HasPrefix(got, `W/"`) {
		r.t.Errorf("%s: ETag %q and meta.version %q; both want the same weak tag", r.request, got, version)
	}
	for _, name := range []string{"Location", "Content-Location"} {
		if got := r.header.Get(name); got != meta["location"] || !strings.HasPrefix(got, "http") {
			r.t.Errorf("%s: %s %q and meta.location %q; both want the same absolute URL", r.request, name, got, meta["location"])
		}
	}
}

// checkValue holds everything in an answer to two rules: what is unassigned is left out, and of several elements at most one is the primary.
func (r *reply) checkValue(name string, v any) {
	r.t.Helper()
	switch v := v.(type) {
	case nil:
		r.t.Errorf("%s: %s is null; what is unassigned is left out", r.request, name)
	case map[string]any:
		for name, member := range v {
			r.checkValue(name, member)
		}
	case []any:
		primaries := 0
		for _, element := range v {
			r.checkValue(name, element)
			if at(element, "primary") == true {
				primaries++
			}
		}
		if primaries > 1 {
			r.t.Errorf("%s: %d elements of %s are primary, want one at most", r.request, primaries, name)
		}
	}
}

// want ends the test unless the answer has the status and, for an error, the scimType.
func (r *reply) want(status int, scimType ...string) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d\n%s", r.request, r.status, status, r.raw)
	}
	if len(scimType) > 0 {
		if got, _ := r.body["scimType"].(string); got != scimType[0] {
			r.t.Fatalf("%s: scimType %q, want %q\n%s", r.request, got, scimType[0], r.raw)
		}
	}
	return r
}

func (r *reply) id() string {
	r.t.Helper()
	id, _ := r.body["id"].(string)
	if id == "" {
		r.t.Fatalf("%s: no id in %s", r.request, r.raw)
	}
	return id
}

// at returns the value at a path of member names and list indexes, nil when there is none.
func (r *reply) at(path ...any) any { return at(r.body, path...) }

func at(v any, path ...any) any {
	for _, step := range path {
		switch s := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[s]
		case int:
			list, _ := v.([]any)
			if s >= len(list) {
				return nil
			}
			v = list[s]
		}
	}
	return v
}

// is checks the value at a path. want is given as JSON; the word absent stands for no value.
func (r *reply) is(want string, path ...any) *reply {
	r.t.Helper()
	if got := r.at(path...); !sameJSON(got, want) {
		text, _ := json.Marshal(got)
		r.t.Errorf("%s: %v is %s, want %s\n%s", r.request, path, text, want, r.raw)
	}
	return r
}

const absent = "absent"

func sameJSON(got any, want string) bool {
	if want == absent {
		return got == nil
	}
	var w any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		panic(fmt.Sprintf("scimtest: %q is not JSON: %v", want, err))
	}
	return reflect.DeepEqual(got, w)
}

// names returns a member of each resource of a list, in order.
func (r *reply) names(member string) []string {
	list, _ := r.body["Resources"].([]any)
	out := make([]string, len(list))
	for i := range list {
		out[i], _ = at(list[i], member).(string)
	}
	return out
}

// quote is a Go string as a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
