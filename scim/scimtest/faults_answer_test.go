package scimtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// answerFaults are services whose resources and errors are not what they should be.
func answerFaults() []fault {
	return []fault{
		{"booleans as text", "Create/a full user comes back as it was sent", resource(func(r map[string]any) {
			if r["active"] == true {
				r["active"] = "True"
			}
		})},
		{"null for what is unassigned", "Create/a full user comes back as it was sent", resource(func(r map[string]any) { r["nickName"] = nil })},
		{"an empty list for what is unassigned", "Create/tolerated bodies", resource(func(r map[string]any) {
			if r["roles"] == nil {
				r["roles"] = []any{}
			}
		})},
		{"manager as text", "Create/a full user comes back as it was sent", resource(func(r map[string]any) {
			if extension, ok := r[scim.URNEnterpriseUser].(map[string]any); ok {
				extension["manager"] = at(extension, "manager", "value")
			}
		})},
		{"extension merged into the core", "Create/a full user comes back as it was sent", resource(func(r map[string]any) {
			extension, _ := r[scim.URNEnterpriseUser].(map[string]any)
			delete(r, scim.URNEnterpriseUser)
			for name, v := range extension {
				r[name] = v
			}
		})},
		{"schemas lists every extension", "Create/schemas lists only extensions that are carried", resource(func(r map[string]any) {
			r["schemas"] = []any{scim.URNUser, scim.URNEnterpriseUser}
		})},
		{"schemas missing", "Read/an unknown id is 404", resource(func(r map[string]any) { delete(r, "schemas") })},
		{"meta.location relative", "Read/HEAD is GET without the body", answers(func(_ *http.Request, a *answer) {
			if meta, ok := a.body["meta"].(map[string]any); ok {
				meta["location"] = "/Users/x"
			}
			a.header.Set("Location", "/Users/x")
			a.header.Set("Content-Location", "/Users/x")
		})},
		{"groups of a user missing", "Group/members and groups show each other", resource(func(r map[string]any) { delete(r, "groups") })},
		{"members missing", "Group/members and groups show each other", resource(func(r map[string]any) { delete(r, "members") })},
		{"Location missing on 201", "Create/a full user comes back as it was sent", answers(func(_ *http.Request, a *answer) {
			if a.status == http.StatusCreated {
				a.header.Del("Location")
			}
		})},
		{"Location missing on GET", "Create/a full user comes back as it was sent", answers(func(r *http.Request, a *answer) {
			if r.Method == http.MethodGet {
				a.header.Del("Location")
			}
		})},
		{"ETag missing", "Create/a full user comes back as it was sent", answers(func(_ *http.Request, a *answer) { a.header.Del("ETag") })},
		{"charset in the Content-Type", "Read/an unknown id is 404", answers(func(_ *http.Request, a *answer) {
			a.header.Set("Content-Type", "application/scim+json; charset=utf-8")
		})},
		{"lastModified moves without a change", "Version/what changes nothing keeps version and lastModified", answers(func(r *http.Request, a *answer) {
			if meta, ok := a.body["meta"].(map[string]any); ok && r.Method != http.MethodPost {
				meta["lastModified"] = scim.FormatTime(time.Now().Add(time.Second))
			}
		})},
		{"version never changes", "Version/what changes something makes a new version", version(func(string) string { return `W/"1"` })},
		{"password shown", "Create/a full user comes back as it was sent", answers(func(_ *http.Request, a *answer) {
			if a.status == http.StatusCreated {
				a.body["password"] = "never-returned-1"
			}
		})},
		{"500 where 400 belongs", "Create/refused bodies", status(400, 500)},
		{"409 is 400", "Create/a taken userName in any letter case is 409", status(409, 400)},
		{"412 is 409", "Version/If-Match", status(412, 409)},
		{"404 is 400", "Read/an unknown id is 404", status(404, 400)},
		{"errors without schemas", "Read/an unknown id is 404", failure(func(a *answer) { delete(a.body, "schemas") })},
		{"errors without detail", "Read/an unknown id is 404", failure(func(a *answer) { delete(a.body, "detail") })},
		{"errors with a status that is a number", "Read/an unknown id is 404", failure(func(a *answer) { a.body["status"] = a.status })},
		{"errors without scimType", "Create/refused bodies", failure(func(a *answer) { delete(a.body, "scimType") })},
		{"errors with members of their own", "Read/an unknown id is 404", failure(func(a *answer) { a.body["trace"] = "line 1" })},
		{"errors as text", "Read/an unknown id is 404", failure(func(a *answer) {
			a.body, a.raw = nil, []byte("not found")
			a.header.Set("Content-Type", "text/plain")
		})},
		{"405 without Allow", "Protocol/methods", failure(func(a *answer) { a.header.Del("Allow") })},
		{"PATCH said to be unsupported", "Discovery/ServiceProviderConfig says what is true", answers(func(r *http.Request, a *answer) {
			if r.URL.Path == "/ServiceProviderConfig" {
				a.body["patch"] = map[string]any{"supported": false}
			}
		})},
		{"null in schemas", "Discovery/Schemas", answers(func(r *http.Request, a *answer) {
			for _, s := range a.resources() {
				if r.URL.Path == "/Schemas" {
					s["meta"] = nil
				}
			}
		})},
		{"search endpoints missing", "List/a search request is a query", answers(func(r *http.Request, a *answer) {
			if strings.HasSuffix(r.URL.Path, "/.search") {
				a.status, a.body = http.StatusNotFound, map[string]any{"schemas": []any{scim.URNError}, "status": "404", "detail": "nothing here"}
			}
		})},
	}
}

// resource changes every resource that is shown.
func resource(change func(r map[string]any)) func(http.Handler) http.Handler {
	return answers(func(_ *http.Request, a *answer) {
		for _, r := range a.resources() {
			change(r)
		}
	})
}

func failure(change func(a *answer)) func(http.Handler) http.Handler {
	return answers(func(_ *http.Request, a *answer) {
		if a.status >= 400 {
			change(a)
		}
	})
}

func status(from, to int) func(http.Handler) http.Handler {
	return answers(func(_ *http.Request, a *answer) {
		if a.status == from && a.body != nil {
			a.status, a.body["status"] = to, strconv.Itoa(to)
		}
	})
}

// version shows another version than the one of the resource, in the header as in meta.
func version(change func(string) string) func(http.Handler) http.Handler {
	return answers(func(_ *http.Request, a *answer) {
		if meta, ok := a.body["meta"].(map[string]any); ok {
			if v, ok := meta["version"].(string); ok {
				meta["version"] = change(v)
				a.header.Set("ETag", change(v))
			}
		}
	})
}
