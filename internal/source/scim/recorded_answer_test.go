package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/scim"
)

const mediaType = "application/scim+json"

// answered checks what every answer owes its client, whatever was asked.
func (r *recording) answered(req *http.Request, w *httptest.ResponseRecorder, answer any) {
	r.t.Helper()
	if w.Code == http.StatusNoContent || w.Code == http.StatusNotModified {
		if w.Body.Len() > 0 {
			r.t.Errorf("status %d with a body: %s", w.Code, w.Body)
		}
		return
	}
	if got := w.Header().Get("Content-Type"); got != mediaType {
		r.t.Errorf("Content-Type %q, want %q", got, mediaType)
	}
	doc, ok := answer.(map[string]any)
	if schemas, _ := doc["schemas"].([]any); !ok || len(schemas) == 0 {
		r.t.Fatalf("the answer is no object with schemas: %s", w.Body)
	}
	switch {
	case w.Code >= http.StatusBadRequest:
		r.isError(w, doc)
	case doc["totalResults"] != nil:
		r.isList(w, doc)
	case doc["id"] != nil && doc["meta"] != nil:
		r.isResource(req, w, doc)
	}
}

func (r *recording) isError(w *httptest.ResponseRecorder, doc map[string]any) {
	r.t.Helper()
	detail, _ := doc["detail"].(string)
	if doc["schemas"].([]any)[0] != scim.URNError || doc["status"] != fmt.Sprint(w.Code) || detail == "" {
		r.t.Errorf("not an error of status %d with a detail: %s", w.Code, w.Body)
	}
	for name := range doc {
		if !slices.Contains([]string{"schemas", "status", "scimType", "detail"}, name) {
			r.t.Errorf("an error has no member %q: %s", name, w.Body)
		}
	}
}

func (r *recording) isList(w *httptest.ResponseRecorder, doc map[string]any) {
	r.t.Helper()
	resources, _ := doc["Resources"].([]any)
	total, _ := doc["totalResults"].(float64)
	if doc["itemsPerPage"] != float64(len(resources)) || total < float64(len(resources)) || doc["startIndex"] == nil {
		r.t.Errorf("%d resources and totalResults, itemsPerPage and startIndex do not agree: %s", len(resources), w.Body)
	}
	seen := map[any]bool{}
	for _, resource := range resources {
		id := resource.(map[string]any)["id"]
		if seen[id] {
			r.t.Errorf("%v is listed twice", id)
		}
		seen[id] = true
	}
}

// isResource checks the headers, and that a write answered with what a read finds afterwards.
func (r *recording) isResource(req *http.Request, w *httptest.ResponseRecorder, doc map[string]any) {
	r.t.Helper()
	meta := doc["meta"].(map[string]any)
	location, _ := meta["location"].(string)
	if got := w.Header().Get("Location"); got != location || !strings.HasPrefix(location, r.saved["{{base}}"]) {
		r.t.Errorf("Location %q, meta.location %q; want the same, below %s", got, location, r.saved["{{base}}"])
	}
	if version, ok := meta["version"]; ok && w.Header().Get("ETag") != version {
		r.t.Errorf("ETag %q, meta.version %q", w.Header().Get("ETag"), version)
	}
	if req.Method == http.MethodGet || strings.Contains(strings.ToLower(req.URL.RawQuery), "attributes=") {
		return
	}
	read := httptest.NewRecorder()
	r.handler.ServeHTTP(read, httptest.NewRequest(http.MethodGet, strings.TrimPrefix(location, r.saved["{{base}}"]), nil))
	var found any
	if err := json.Unmarshal(read.Body.Bytes(), &found); err != nil || !reflect.DeepEqual(found, any(doc)) {
		r.t.Errorf("a read finds (%v)\n%s\nand %s had answered\n%s", err, read.Body, req.Method, w.Body)
	}
}

// answersMembers checks that a group's answer has exactly these members, in any order.
func (r *recording) answersMembers(list string, answer any) {
	r.t.Helper()
	var got, want []string
	members, _ := lookup(answer, "/members")
	elements, _ := members.([]any)
	for _, e := range elements {
		got = append(got, fmt.Sprint(e.(map[string]any)["value"]))
	}
	for id := range strings.SplitSeq(r.fill(list), ",") {
		if id = strings.TrimSpace(id); id != "" {
			want = append(want, id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		r.t.Errorf("the answer has the members %q, want %q", got, want)
	}
}
