package scimtest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/rollcall-id/rollcall/scim"
)

// writeFaults are services that change something else than they were asked to.
func writeFaults() []fault {
	return slices.Concat(memberFaults(), []fault{
		{"active has no effect", "Patch/a disabled user is still found, disabled", patches(func(o map[string]any) map[string]any {
			if value, ok := o["value"].(map[string]any); ok {
				delete(value, "active")
				value["nickName"] = "x"
			}
			return o
		})},
		{"PATCH without a path replaces everything", "Patch/operations", requests(func(r *http.Request, body map[string]any) bool {
			first := at(body, "Operations", 0)
			value, ok := at(first, "value").(map[string]any)
			if r.Method != http.MethodPatch || !ok || at(first, "path") != nil || at(first, "op") != "replace" {
				return false
			}
			r.Method = http.MethodPut
			clear(body)
			body["userName"] = "replace leaves the rest alone"
			for name, v := range value {
				body[name] = v
			}
			return true
		})},
		{"PATCH without a path refused", "Patch/operations", patches(func(o map[string]any) map[string]any {
			if o["path"] == nil {
				o["path"] = "noSuchThing"
			}
			return o
		})},
		{"op in lower case only", "Patch/operations", patches(func(o map[string]any) map[string]any {
			if op, _ := o["op"].(string); op != strings.ToLower(op) {
				o["op"] = "none"
			}
			return o
		})},
		{"a filter in a path ignored", "Patch/operations", patches(func(o map[string]any) map[string]any {
			path, _ := o["path"].(string)
			if value, ok := o["value"].(string); ok && strings.HasPrefix(path, "emails[") {
				o["path"], o["value"] = "emails", []any{map[string]any{"value": value}}
			}
			return o
		})},
		{"add replaces the list", "Patch/operations", patches(func(o map[string]any) map[string]any {
			if o["op"] == "add" && o["path"] == "emails" {
				o["op"] = "replace"
			}
			return o
		})},
		{"two primaries kept", "Patch/operations", answers(func(r *http.Request, a *answer) {
			emails, _ := a.body["emails"].([]any)
			for _, v := range emails {
				if r.Method == http.MethodPatch && len(emails) > 1 {
					v.(map[string]any)["primary"] = true
				}
			}
		})},
		{"two primaries accepted", "Create/refused bodies", requests(func(_ *http.Request, body map[string]any) bool {
			emails, _ := body["emails"].([]any)
			if len(emails) != 2 || at(emails, 1, "primary") != true {
				return false
			}
			body["emails"] = emails[:1]
			return true
		})},
		{"booleans as text refused", "Create/tolerated bodies", requests(func(_ *http.Request, body map[string]any) bool {
			if body["active"] != "False" {
				return false
			}
			body["active"] = "none"
			return true
		})},
		{"what cannot be applied is 200 without effect", "Patch/refused operations change nothing", again(func(r *http.Request, _ []byte, a *answer) *http.Request {
			if r.Method != http.MethodPatch || a.status != http.StatusBadRequest {
				return nil
			}
			r.Method = http.MethodGet
			return r
		})},
		{"PATCH is not atomic", "Patch/refused operations change nothing", oneByOne},
		{"PUT merges", "Put/what is omitted is cleared, but for active", requests(func(r *http.Request, body map[string]any) bool {
			if r.Method != http.MethodPut {
				return false
			}
			value := map[string]any{}
			for name, v := range body {
				value[name] = v
			}
			clear(body)
			body["Operations"] = []any{map[string]any{"op": "replace", "value": value}}
			r.Method = http.MethodPatch
			return true
		})},
		{"PUT creates", "Put/it never creates", again(func(r *http.Request, _ []byte, a *answer) *http.Request {
			if r.Method != http.MethodPut || a.status != http.StatusNotFound {
				return nil
			}
			r.Method, r.URL.Path = http.MethodPost, "/Users"
			return r
		})},
		{"PUT without active enables", "Put/what is omitted is cleared, but for active", requests(func(r *http.Request, body map[string]any) bool {
			if _, ok := body["active"]; r.Method == http.MethodPut && !ok && body != nil {
				body["active"] = true
			}
			return true
		})},
		{"DELETE leaves the resource", "Delete/a user is gone everywhere", func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodDelete {
					w.WriteHeader(http.StatusNoContent)
					return
				}
				next.ServeHTTP(w, r)
			})
		}},
		{"DELETE only disables", "Delete/a user is gone everywhere", disableInstead},
		{"DELETE of nobody is 204", "Delete/a user is gone everywhere", answers(func(r *http.Request, a *answer) {
			if r.Method == http.MethodDelete && a.status == http.StatusNotFound {
				a.status, a.body, a.raw = http.StatusNoContent, nil, nil
			}
		})},
		{"DELETE with a body", "Delete/a user is gone everywhere", answers(func(r *http.Request, a *answer) {
			if r.Method == http.MethodDelete && a.status == http.StatusNoContent {
				a.status, a.body = http.StatusOK, map[string]any{"schemas": []any{scim.URNUser}}
				a.header.Set("Content-Type", "application/scim+json")
			}
		})},
		{"the id of the client taken", "Create/what the server decides is ignored in the body", ownID},
		{"a taken userName accepted", "Create/a taken userName in any letter case is 409", again(func(r *http.Request, body []byte, a *answer) *http.Request {
			if a.status != http.StatusConflict {
				return nil
			}
			return with(r, regexp.MustCompile(`(?i)mia@example.com|"sales"`).ReplaceAll(body, []byte(`${0}.second`)))
		})},
		{"no-op makes a new version", "Version/what changes nothing keeps version and lastModified", func(next http.Handler) http.Handler {
			var serial atomic.Int64
			return answers(func(r *http.Request, a *answer) {
				if meta, ok := a.body["meta"].(map[string]any); ok && r.Method == http.MethodPatch {
					meta["version"] = fmt.Sprintf(`W/"n%d"`, serial.Add(1))
					a.header.Set("ETag", meta["version"].(string))
				}
			})(next)
		}},
	})
}
