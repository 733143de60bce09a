package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
)

// step is a request. {{N}} stands for the id of what step N created, {{N.M}} for what operation M of its bulk did, {{tag N}} for its last version that was
// seen, {{old N}} for its first one, and {{cursor}} for the last nextCursor.
type step struct {
	serial             int
	method, path, body string
	headers            []string
}

// world is a service and what a client knows of it.
type world struct {
	h        http.Handler
	ids      map[string]string   // by reference
	refs     map[string]string   // the other way
	versions map[string][]string // by reference, as they were first seen
	cursor   string
}

var placeholder = regexp.MustCompile(`\{\{(tag |old |)([0-9.]+|cursor)\}\}`)

func (w *world) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		part := placeholder.FindStringSubmatch(found)
		kind, ref := part[1], part[2]
		versions := w.versions[ref]
		switch {
		case ref == "cursor":
			return w.cursor
		case kind == "" && w.ids[ref] != "":
			return w.ids[ref]
		case kind == "":
			return "nobody-" + ref
		case len(versions) == 0:
			return `W/"none"`
		case kind == "old ":
			return versions[0]
		}
		return versions[len(versions)-1]
	})
}

// send returns the status, and the answer in a form in which ids, versions and times are the same for every service.
func (w *world) send(st step) (int, string) {
	r := httptest.NewRequest(st.method, w.fill(st.path), strings.NewReader(w.fill(st.body)))
	for i := 0; i+1 < len(st.headers); i += 2 {
		r.Header.Set(st.headers[i], w.fill(st.headers[i+1]))
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	var body map[string]any
	if rec.Body.Len() > 0 {
		if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil || body["schemas"] == nil {
			return 500, fmt.Sprintf("not a SCIM message: %q", rec.Body)
		}
	}
	w.learn(st, rec, body)
	plain, _ := json.Marshal(w.plain("", body))
	return rec.Code, fmt.Sprintf("%d %s %s", rec.Code, w.name(rec.Header().Get("Location")), plain)
}

// learn keeps the ids of what was created, and the cursor.
func (w *world) learn(st step, rec *httptest.ResponseRecorder, body map[string]any) {
	know := func(ref, location string) {
		id := location[strings.LastIndexByte(location, '/')+1:]
		if w.refs[id] == "" {
			w.ids[ref], w.refs[id] = id, ref
		}
	}
	if st.method == http.MethodPost && rec.Code == http.StatusCreated {
		know(fmt.Sprint(st.serial), rec.Header().Get("Location"))
	}
	list, _ := body["Operations"].([]any)
	for i, v := range list {
		operation, _ := v.(map[string]any)
		if location, ok := operation["location"].(string); ok && operation["status"] == "201" {
			know(fmt.Sprintf("%d.%d", st.serial, i), location)
		}
	}
	if next, ok := body["nextCursor"].(string); ok {
		w.cursor = next
	}
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// name puts references in the place of ids.
func (w *world) name(text string) string {
	return uuid.ReplaceAllStringFunc(text, func(id string) string {
		if ref := w.refs[id]; ref != "" {
			return "{{" + ref + "}}"
		}
		return id
	})
}

// plain is a value of an answer without what may differ between services.
func (w *world) plain(name string, v any) any {
	switch v := v.(type) {
	case string:
		return w.name(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for member, value := range v {
			switch member {
			case "detail":
			case "created", "lastModified":
				out[member] = "a time"
			case "nextCursor", "previousCursor":
				out[member] = "a cursor"
			case "version":
				out[member] = w.version(v, value)
			default:
				out[member] = w.plain(member, value)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, element := range v {
			out = append(out, w.plain("", element))
		}
		if name == "members" || name == "groups" { // in no order
			slices.SortFunc(out, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
		return out
	}
	return v
}

// version is the number of a version among those that were seen of the resource: which text it is differs, when there is a new one does not.
func (w *world) version(of map[string]any, v any) any {
	location, _ := of["location"].(string)
	text, ok := v.(string)
	if !ok {
		return v
	}
	ref := w.refs[location[strings.LastIndexByte(location, '/')+1:]]
	n := slices.Index(w.versions[ref], text)
	if n < 0 {
		n = len(w.versions[ref])
		w.versions[ref] = append(w.versions[ref], text)
	}
	return n + 1
}
