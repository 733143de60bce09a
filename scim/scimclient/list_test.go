package scimclient

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

// people answers listings of n people as the fields say.
type people struct {
	n     int
	most  int    // resources in a page
	flaw  string // see the test
	asked []string
}

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked = append(p.asked, r.URL.RawQuery)
	q := r.URL.Query()
	start, _ := strconv.Atoi(q.Get("startIndex"))
	count, _ := strconv.Atoi(q.Get("count"))
	start = max(start, 1)
	if q.Has("cursor") && strings.HasPrefix(p.flaw, "cursor") {
		start, _ = strconv.Atoi("0" + strings.TrimPrefix(q.Get("cursor"), "c"))
		start++
	}
	if p.flaw == "ignores startIndex" {
		start = 1
	}
	size := min(count, p.most)
	end := min(start-1+size, p.n)
	var list []string
	for i := start; i <= end; i++ {
		list = append(list, fmt.Sprintf(`{"id":"%d"}`, i))
	}
	resources, total, extra := "["+strings.Join(list, ",")+"]", fmt.Sprintf(`"totalResults":%d,`, p.n), ""
	switch p.flaw {
	case "no totals":
		total = ""
	case "totals as text":
		total = fmt.Sprintf(`"totalResults":"%d",`, p.n)
	case "null for empty":
		if len(list) == 0 {
			resources = "null"
		}
		total = ""
	case "overlap": // the last of a page comes again as the first of the next
		if start > 1 {
			resources = fmt.Sprintf(`[{"id":"%d"},`, start-1) + resources[1:]
		}
	case "cursor", "cursor with an empty page":
		total = ""
		if end < p.n {
			extra = fmt.Sprintf(`"nextCursor":"c%d",`, end)
		}
		if p.flaw == "cursor with an empty page" && q.Get("cursor") == "c2" && !strings.Contains(r.URL.RawQuery, "x") && len(p.asked) == 2 {
			resources, extra = "[]", `"nextCursor":"c02",`
		}
	case "cursor for ever":
		extra = `"nextCursor":"same",`
	}
	name := "Resources"
	if p.flaw == "lower case" {
		name = "resources"
	}
	_, _ = fmt.Fprintf(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],%s%s%q:%s}`, total, extra, name, resources)
}

func TestList(t *testing.T) {
	for _, tt := range []struct {
		flaw     string
		n, most  int
		requests int
		want     int
		err      string
	}{
		{"", 0, 100, 1, 0, ""},
		{"", 7, 100, 3, 7, ""}, // pages of 3 are asked for
		{"", 6, 100, 2, 6, ""},
		{"", 5, 2, 3, 5, ""}, // the service gives 2 at most
		{"no totals", 5, 100, 3, 5, ""},
		{"totals as text", 6, 100, 2, 6, ""},
		{"null for empty", 3, 100, 2, 3, ""},
		{"lower case", 4, 100, 2, 4, ""},
		{"ignores startIndex", 5, 100, 2, 3, ""}, // cannot be listed, but ends
		{"overlap", 7, 100, 3, 7, ""},
		{"cursor", 5, 2, 3, 5, ""},
		{"cursor with an empty page", 5, 2, 4, 5, ""},
		{"cursor for ever", 5, 2, 2, 0, "would never end"},
	} {
		h := &people{n: tt.n, most: tt.most, flaw: tt.flaw}
		c := newClient(t, h, func(cfg *Config) { cfg.PageSize = 3 })
		got, err := collect(t.Context(), c, Query{})
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: got %v; want an error with %q", tt.flaw, err, tt.err)
			}
			continue
		}
		if err != nil || len(got) != tt.want || len(h.asked) != tt.requests {
			t.Errorf("%q with %d people: got %d in %d requests, %v; want %d in %d (%q)", tt.flaw, tt.n, len(got), len(h.asked), err, tt.want, tt.requests, h.asked)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != tt.want {
			t.Errorf("%q: somebody was returned twice: %q", tt.flaw, got)
		}
	}
}

func TestListStopsWhenTheReaderDoes(t *testing.T) {
	h := &people{n: 100, most: 100}
	c := newClient(t, h, nil)
	for r, err := range c.List(t.Context(), "User", Query{Filter: `active eq true`, Attributes: []string{"id", "userName"}, PageSize: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		if r.ID() == "3" {
			break
		}
	}
	want := []string{"flag&attributes=id%2CuserName&count=2&filter=active%20eq%20true&startIndex=1",
		"flag&attributes=id%2CuserName&count=2&filter=active%20eq%20true&startIndex=3"}
	if !slices.Equal(h.asked, want) {
		t.Errorf("asked %q; want %q", h.asked, want)
	}
}

func TestListRefuses(t *testing.T) {
	for body, want := range map[string]string{
		`{"Resources":[{"userName":"x"}]}`: "without id",
		`{"Resources":["x"]}`:              "not all objects",
		`{"Resources":{"id":"1"}}`:         "not a list",
		`{"id":"7","userName":"x"}`:        "another object",
		`{"error":"no"}`:                   "another object",
		`{"totalResults":3}`:               "another object",
		`[{"id":"7"}]`:                     "not an object",
	} {
		c := newClient(t, &script{replies: []reply{{status: 200, body: body}}}, nil)
		_, err := collect(t.Context(), c, Query{})
		if e := asError(t, err); e.Kind != KindNotSCIM || !strings.Contains(e.Detail, want) {
			t.Errorf("%s: got %s %q; want not-scim with %q", body, e.Kind, e.Detail, want)
		}
	}
	c := newClient(t, &script{replies: []reply{{status: 404, body: scimErrorBody(404, "", "no such thing")}}}, nil)
	_, err := collect(t.Context(), c, Query{})
	if e := asError(t, err); e.Kind != KindListNotFound || !strings.Contains(e.Detail, "expected 200") {
		t.Errorf("404 on a list: got %+v", e)
	}
}

func TestFind(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	for _, tt := range []struct {
		name, attribute, value string
		filter                 string
		found                  []string // what the service returns
		want                   []string // ids that are believed
	}{
		{"nobody", "userName", "ann@x", `userName eq "ann@x"`, nil, nil},
		{"somebody", "userName", "ann@x", `userName eq "ann@x"`, []string{`{"id":"1","userName":"Ann@X"}`}, []string{"1"}},
		{"spelling", "USERNAME", "ann@x", `userName eq "ann@x"`, []string{`{"id":"1","UserName":"ann@x"}`}, []string{"1"}},
		{"two", "userName", "ann@x", `userName eq "ann@x"`, []string{`{"id":"1","userName":"ann@x"}`, `{"id":"2","userName":"ann@x"}`}, []string{"1", "2"}},
		{"somebody else", "userName", "ann@x", `userName eq "ann@x"`, []string{`{"id":"1","userName":"bob@x"}`}, nil},
		{"value not shown", "userName", "ann@x", `userName eq "ann@x"`, []string{`{"id":"1"}`}, nil},
		{"letter case of externalId counts", "externalId", "AbC", `externalId eq "AbC"`, []string{`{"id":"1","externalId":"abc"}`, `{"id":"2","externalId":"AbC"}`}, []string{"2"}},
		{"numeric externalId", "externalId", "17", `externalId eq "17"`, []string{`{"id":"1","externalId":17}`}, []string{"1"}},
		{"escapes", "userName", "a\"b\\c\n<é>", `userName eq "a\"b\\c\n<é>"`, []string{`{"id":"1","userName":"a\"b\\c\n<é>"}`}, []string{"1"}},
		{"element", `emails[type eq "work"].value`, "a@x", `emails[type eq "work" and value eq "a@x"]`,
			[]string{`{"id":"1","emails":[{"type":"home","value":"a@x"}]}`, `{"id":"2","emails":[{"type":"WORK","value":"A@x"}]}`}, []string{"2"}},
		{"every element", `emails.value`, "a@x", `emails.value eq "a@x"`, []string{`{"id":"1","emails":[{"value":"b@x"},{"value":"a@x"}]}`}, []string{"1"}},
		{"extension", enterprise + ":employeeNumber", "0017", enterprise + `:employeeNumber eq "0017"`,
			[]string{`{"id":"1","` + enterprise + `":{"employeeNumber":"0017"}}`, `{"id":"2","` + enterprise + `":{"employeeNumber":"17"}}`}, []string{"1"}},
		{"unknown extension", "urn:x:2.0:User:badge", "z", `urn:x:2.0:User:badge eq "z"`, []string{`{"id":"1","urn:x:2.0:user":{"Badge":"Z"}}`}, []string{"1"}},
		{"part of a complex value", "name.familyName", "Li", `name.familyName eq "Li"`, []string{`{"id":"1","name":{"familyName":"LI"}}`}, []string{"1"}},
	} {
		s := &script{replies: []reply{{status: 200, body: listBody(len(tt.found), tt.found...)}}}
		var filters []string
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			filters = append(filters, r.URL.Query().Get("filter"))
			s.ServeHTTP(w, r)
		})
		got, err := newClient(t, h, nil).Find(t.Context(), "User", tt.attribute, tt.value)
		var ids []string
		for _, r := range got {
			ids = append(ids, r.ID())
		}
		if err != nil || !slices.Equal(ids, tt.want) {
			t.Errorf("%s: found %q, %v; want %q", tt.name, ids, err, tt.want)
		}
		if len(filters) != 1 || filters[0] != tt.filter {
			t.Errorf("%s: asked %q; want once %q", tt.name, filters, tt.filter)
		}
	}
}

func TestFindAtAServiceThatIgnoresFilters(t *testing.T) {
	everybody := func(n int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start, _ := strconv.Atoi(r.URL.Query().Get("startIndex"))
			var list []string
			for i := max(start, 1); i < max(start, 1)+50 && i <= n; i++ {
				list = append(list, fmt.Sprintf(`{"id":"%d","userName":"u%d"}`, i, i))
			}
			_, _ = fmt.Fprint(w, listBody(n, list...))
		})
	}
	got, err := newClient(t, everybody(120), nil).Find(t.Context(), "User", "userName", "u117")
	if err != nil || len(got) != 1 || got[0].ID() != "117" {
		t.Errorf("of 120 people: got %v, %v; want the one on the last page", got, err)
	}
	_, err = newClient(t, everybody(5000), nil).Find(t.Context(), "User", "userName", "u4000")
	if e := asError(t, err); e.Kind != KindFilterIgnored || !e.Incompatible() {
		t.Errorf("of 5000 people: got %+v; want to be told that filters are ignored", e)
	}
}

// TestSurveyWantsOneTotal: somebody who leaves between two pages moves others to a page that was read already.
func TestSurveyWantsOneTotal(t *testing.T) {
	for _, tt := range []struct {
		totals   [2]int
		complete bool
	}{{[2]int{3, 3}, true}, {[2]int{4, 3}, false}, {[2]int{2, 3}, false}} {
		c := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/scim+json")
			if start, _ := strconv.Atoi(r.URL.Query().Get("startIndex")); start > 1 {
				fmt.Fprint(w, listBody(tt.totals[1], `{"id":"2"}`, `{"id":"3"}`))
				return
			}
			fmt.Fprint(w, listBody(tt.totals[0], `{"id":"1"}`))
		}), nil)
		complete, err := c.Survey(t.Context(), "User", Query{}, 10, func(scim.Resource) {})
		if err != nil || complete != tt.complete {
			t.Errorf("totals %v: complete is %t, %v; want %t", tt.totals, complete, err, tt.complete)
		}
	}
}
