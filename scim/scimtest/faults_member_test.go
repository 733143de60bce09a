package scimtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// memberFaults are services that mistake who is to leave or to join a group.
func memberFaults() []fault {
	return []fault{
		{"removing one member empties the group", "Group/member operations", patches(func(o map[string]any) map[string]any {
			if o["op"] == "Remove" && o["path"] == "members" {
				delete(o, "value")
			}
			return o
		})},
		{"removing by filter empties the group", "Group/member operations", patches(func(o map[string]any) map[string]any {
			if path, _ := o["path"].(string); o["op"] == "remove" && strings.HasPrefix(path, "members[") {
				o["path"] = "members"
			}
			return o
		})},
		{"removing an empty list empties the group", "Group/member operations", patches(func(o map[string]any) map[string]any {
			if list, ok := o["value"].([]any); ok && len(list) == 0 {
				delete(o, "value")
			}
			return o
		})},
		{"removing who is no member is 400", "Group/member operations", patches(func(o map[string]any) map[string]any {
			if at(o, "value", 0, "value") == "nobody" && o["op"] == "Remove" {
				o["op"] = "none"
			}
			return o
		})},
		{"unknown members left out", "Group/refused member operations change nothing", patches(func(o map[string]any) map[string]any {
			if at(o, "value", 0, "value") == "nobody" {
				o["value"] = []any{}
			}
			return o
		})},
		{"unknown members created", "Create/refused bodies", again(func(r *http.Request, body []byte, a *answer) *http.Request {
			if a.status != http.StatusBadRequest || !bytes.Contains(body, []byte(`"members"`)) {
				return nil
			}
			return with(r, regexp.MustCompile(`"members":\[[^\]]*\]`).ReplaceAll(body, []byte(`"members":[]`)))
		})},
		{"members of PUT ignored", "Put/members of a group", requests(func(r *http.Request, body map[string]any) bool {
			if r.Method == http.MethodPut {
				delete(body, "members")
			}
			return true
		})},
		{"members over 100 dropped", "Group/a big group", resource(func(r map[string]any) {
			if list, ok := r["members"].([]any); ok && len(list) > 100 {
				r["members"] = list[:100]
			}
		})},
		{"members of a POST ignored", "Group/members and groups show each other", requests(func(r *http.Request, body map[string]any) bool {
			if r.Method == http.MethodPost {
				delete(body, "members")
			}
			return true
		})},
		{"changes at once lose members", "Group/concurrent changes of members are all kept", readModifyWrite},
	}
}

// patches changes each operation of a PATCH.
func patches(change func(o map[string]any) map[string]any) func(http.Handler) http.Handler {
	return requests(func(r *http.Request, body map[string]any) bool {
		list, _ := body["Operations"].([]any)
		for i, v := range list {
			if o, ok := v.(map[string]any); ok && r.Method == http.MethodPatch {
				list[i] = change(o)
			}
		}
		return true
	})
}

// oneByOne applies each operation of a PATCH for itself.
func oneByOne(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		var body map[string]any
		if r.Method != http.MethodPatch || json.Unmarshal(raw, &body) != nil {
			next.ServeHTTP(w, with(r, raw))
			return
		}
		list, _ := body["Operations"].([]any)
		for i, o := range list {
			body["Operations"] = []any{o}
			if a := ask(next, with(r, encode(body))); a.status >= 400 || i == len(list)-1 {
				a.send(w)
				return
			}
		}
		next.ServeHTTP(w, with(r, raw))
	})
}

// disableInstead makes a DELETE a PATCH of active.
func disableInstead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete {
			next.ServeHTTP(w, r)
			return
		}
		patch := with(r, []byte(`{"Operations":[{"op":"replace","path":"active","value":false}]}`))
		patch.Method = http.MethodPatch
		a := ask(next, patch)
		if a.status == http.StatusOK {
			a.status, a.body, a.raw = http.StatusNoContent, nil, nil
		}
		a.send(w)
	})
}

// ownID shows the id of the body of a POST as that of what was created.
func ownID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		var body map[string]any
		a := ask(next, with(r, raw))
		if json.Unmarshal(raw, &body) == nil && body["id"] != nil && a.status == http.StatusCreated {
			a.body["id"] = body["id"]
		}
		a.send(w)
	})
}

// readModifyWrite makes a PATCH of members a PUT of the list as a replica has it that lags behind: it knows each group as it was first read.
func readModifyWrite(next http.Handler) http.Handler {
	var replica sync.Map // *answer by path
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPatch || !strings.HasPrefix(r.URL.Path, "/Groups/") {
			next.ServeHTTP(w, r)
			return
		}
		get := with(r, nil)
		get.Method = http.MethodGet
		known, _ := replica.LoadOrStore(r.URL.Path, ask(next, get))
		before := known.(*answer)
		ids, _ := before.body["members"].([]any)
		operation := ask(patchOnly, r)
		changed := memberID(at(operation.body, "Operations", 0, "value", 0))
		var after []any
		for _, m := range ids {
			if memberID(m) != changed {
				after = append(after, map[string]any{"value": memberID(m)})
			}
		}
		if at(operation.body, "Operations", 0, "op") == "Add" {
			after = append(after, map[string]any{"value": changed})
		}
		put := with(r, encode(map[string]any{"displayName": before.body["displayName"], "members": after}))
		put.Method = http.MethodPut
		next.ServeHTTP(w, put)
	})
}

// patchOnly answers with the body of the request.
var patchOnly = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
