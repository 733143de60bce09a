package scimtest

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/rollcall-id/rollcall/scim"
)

// listFaults are services whose lists and pages are not what they should be.
func listFaults() []fault {
	everything := func(r *http.Request, _ []byte, a *answer) *http.Request {
		if a.body["scimType"] != scim.InvalidFilter || r.Method != http.MethodGet {
			return nil
		}
		r.URL.RawQuery = ""
		return r
	}
	return []fault{
		{"itemsPerPage is the requested count", "List/pages", list(func(r *http.Request, body map[string]any) {
			if n, err := strconv.Atoi(r.URL.Query().Get("count")); err == nil {
				body["itemsPerPage"] = n
			}
		})},
		{"totalResults is the size of the page", "List/pages", list(func(_ *http.Request, body map[string]any) { body["totalResults"] = body["itemsPerPage"] })},
		{"totalResults as text", "List/pages", list(func(_ *http.Request, body map[string]any) { body["totalResults"] = "5" })},
		{"startIndex shown from 0", "List/pages", list(func(_ *http.Request, body map[string]any) {
			if n, ok := body["startIndex"].(float64); ok {
				body["startIndex"] = n - 1
			}
		})},
		{"404 for an empty result", "List/pages", answers(func(_ *http.Request, a *answer) {
			if a.body["totalResults"] == 0.0 {
				a.status, a.body = http.StatusNotFound, map[string]any{"schemas": []any{scim.URNError}, "status": "404", "detail": "none"}
			}
		})},
		{"resources in lower case", "List/pages", list(func(_ *http.Request, body map[string]any) {
			body["resources"] = body["Resources"]
			delete(body, "Resources")
		})},
		{"Resources null when there are none", "List/pages", list(func(_ *http.Request, body map[string]any) {
			if body["itemsPerPage"] == 0.0 {
				body["Resources"] = nil
			}
		})},
		{"a list with the schema of a user", "List/pages", list(func(_ *http.Request, body map[string]any) { body["schemas"] = []any{scim.URNUser} })},
		{"everybody twice", "List/pages follow one another", list(func(_ *http.Request, body map[string]any) {
			if all, ok := body["Resources"].([]any); ok {
				body["Resources"] = append(append([]any{}, all...), all...)
			}
		})},
		{"a page is short by one", "List/pages follow one another", list(func(_ *http.Request, body map[string]any) {
			if all, ok := body["Resources"].([]any); ok && len(all) > 1 {
				body["Resources"] = all[:len(all)-1]
			}
		})},
		{"an unknown attribute in a filter finds everybody", "Filter/refused", again(everything)},
		{"an unknown attribute in a filter finds nobody", "Filter/refused", answers(func(_ *http.Request, a *answer) {
			if a.body["scimType"] == scim.InvalidFilter {
				a.status, a.body = http.StatusOK, map[string]any{"schemas": []any{scim.URNListResponse}, "totalResults": 0, "Resources": []any{}}
			}
		})},
		{"nextCursor missing", "Cursor/pages follow one another", list(func(_ *http.Request, body map[string]any) { delete(body, "nextCursor") })},
		{"nextCursor leads to the same page", "Cursor/pages follow one another", list(func(r *http.Request, body map[string]any) {
			if cursor := r.URL.Query().Get("cursor"); cursor != "" {
				body["nextCursor"] = cursor
			}
		})},
		{"nextCursor on the last page", "Cursor/pages follow one another", list(func(r *http.Request, body map[string]any) {
			if r.URL.Query().Has("cursor") && body["nextCursor"] == nil {
				body["nextCursor"] = "end"
			}
		})},
		{"startIndex in cursor mode", "Cursor/pages follow one another", list(func(_ *http.Request, body map[string]any) { body["startIndex"] = 1 })},
		{"cursors that need escaping", "Cursor/pages follow one another", list(func(_ *http.Request, body map[string]any) {
			if next, ok := body["nextCursor"].(string); ok {
				body["nextCursor"] = next + "=="
			}
		})},
		{"a filter on schemas is answered", "Discovery/filters", query(func(q url.Values) {
			if q.Get("filter") == "id pr" {
				q.Del("filter")
			}
		})},
	}
}

// list changes every ListResponse.
func list(change func(r *http.Request, body map[string]any)) func(http.Handler) http.Handler {
	return answers(func(r *http.Request, a *answer) {
		if a.body["totalResults"] != nil {
			change(r, a.body)
		}
	})
}
