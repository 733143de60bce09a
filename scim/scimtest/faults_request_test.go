package scimtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// requestFaults are services that overlook something in a query or in a header.
func requestFaults() []fault {
	return []fault{
		{"filter ignored", "Filter/users", query(func(q url.Values) { q.Del("filter") })},
		{"right half of a filter ignored", "Filter/users", filter(func(s string) string { return regexp.MustCompile(` (and|or) .*`).ReplaceAllString(s, "") })},
		{"eq behaves as co", "Filter/users", filter(func(s string) string { return strings.ReplaceAll(s, ` eq "`, ` co "`) })},
		{"keywords in one letter case only", "Filter/users", filter(func(s string) string { return strings.ReplaceAll(s, ` Eq `, ` none `) })},
		{"attribute names in one letter case only", "Filter/users", filter(func(s string) string { return strings.ReplaceAll(s, `USERNAME`, `none`) })},
		{"parentheses lost", "Filter/users", filter(func(s string) string { return strings.NewReplacer("(userName", "userName", `"b")`, `"b"`).Replace(s) })},
		{"filter decoded twice", "Protocol/paths are tolerated without a redirect", filter(func(s string) string {
			if twice, err := url.QueryUnescape(s); err == nil {
				return twice
			}
			return s
		})},
		{"userName compared with letter case", "Create/a taken userName in any letter case is 409", filter(func(s string) string {
			return strings.ReplaceAll(s, "MIA@EXAMPLE.COM", "MIA@EXAMPLE.COM ")
		})},
		{"values of a filter any element may have", "Filter/users", filter(func(s string) string {
			return strings.ReplaceAll(s, `emails[type eq "home" and value co "work"]`, `emails.type eq "home" and emails.value co "work"`)
		})},
		{"sortBy ignored", "List/sorting", query(func(q url.Values) { q.Del("sortBy") })},
		{"sortOrder ignored", "List/sorting", query(func(q url.Values) { q.Del("sortOrder") })},
		{"count ignored", "List/pages", query(func(q url.Values) { q.Del("count") })},
		{"count=0 is no count", "List/pages", query(func(q url.Values) {
			if q.Get("count") == "0" {
				q.Del("count")
			}
		})},
		{"startIndex counts from 0", "List/pages follow one another", query(func(q url.Values) {
			if n, err := strconv.Atoi(q.Get("startIndex")); err == nil && n > 1 {
				q.Set("startIndex", strconv.Itoa(n+1))
			}
		})},
		{"attributes ignored", "Projection/attributes and excludedAttributes on a user", query(func(q url.Values) { q.Del("attributes") })},
		{"excludedAttributes ignored", "Group/excludedAttributes=members", query(func(q url.Values) { q.Del("excludedAttributes") })},
		{"attributes and excludedAttributes at once", "Projection/both at once are refused", query(func(q url.Values) {
			if q.Get("attributes") != "" {
				q.Del("excludedAttributes")
			}
		})},
		{"an empty filter is none", "List/refused parameters", query(func(q url.Values) {
			if q.Get("filter") == "" {
				q.Del("filter")
			}
		})},
		{"filter of a search request ignored", "List/a search request is a query", requests(func(r *http.Request, body map[string]any) bool {
			if strings.HasSuffix(r.URL.Path, "/.search") {
				delete(body, "filter")
			}
			return true
		})},
		{"If-Match ignored", "Version/If-Match", header("If-Match")},
		{"If-None-Match ignored", "Version/If-None-Match", header("If-None-Match")},
		{"any Content-Type", "Protocol/media types", requests(func(r *http.Request, _ map[string]any) bool {
			r.Header.Set("Content-Type", "application/json")
			return false
		})},
		{"a cursor that was changed is accepted", "Cursor/count", query(func(q url.Values) {
			if q.Get("cursor") != "" {
				q.Del("count")
			}
		})},
		{"trailing slash redirected", "Protocol/paths are tolerated without a redirect", func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if path := r.URL.Path; len(path) > 1 && strings.HasSuffix(path, "/") {
					http.Redirect(w, r, strings.TrimSuffix(path, "/"), http.StatusMovedPermanently)
					return
				}
				next.ServeHTTP(w, r)
			})
		}},
	}
}

// query changes what the service sees of the query string.
func query(change func(q url.Values)) func(http.Handler) http.Handler {
	return requests(func(r *http.Request, _ map[string]any) bool {
		q := r.URL.Query()
		change(q)
		r.URL.RawQuery = q.Encode()
		return false
	})
}

func filter(change func(string) string) func(http.Handler) http.Handler {
	return query(func(q url.Values) {
		if q.Has("filter") {
			q.Set("filter", change(q.Get("filter")))
		}
	})
}

// header makes the service overlook a header.
func header(name string) func(http.Handler) http.Handler {
	return requests(func(r *http.Request, _ map[string]any) bool {
		r.Header.Del(name)
		return false
	})
}
