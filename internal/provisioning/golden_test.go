package provisioning_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/internal/record"
	"github.com/rollcall-id/rollcall/scim"
)

// line is a record of the provisioning log as golden files show it.
type line struct {
	Kind, Name, Action, Status, Code, Reason, Cycle string
	Modified                                        []record.Property
}

// log returns the records after a position.
func (w *world) log(after int64) []line {
	w.t.Helper()
	var out []line
	for {
		records, position, err := w.store.Records(w.t.Context(), record.Query{Application: w.app.ID, After: after, Limit: 500})
		w.must(err)
		if len(records) == 0 {
			return out
		}
		after = position
		for _, r := range records {
			out = append(out, line{r.Kind, r.Source.Name, string(r.Action), string(r.Status), r.ErrorCode, r.Reason, r.CycleID, r.Modified})
		}
	}
}

func (r *script) logText() string {
	var b strings.Builder
	for _, l := range r.log(0) {
		if l.Cycle != r.result.CycleID {
			continue
		}
		fmt.Fprintf(&b, "%s %s: %s %s", l.Kind, l.Name, l.Action, l.Status)
		if l.Code != "" {
			fmt.Fprintf(&b, " %s", l.Code)
		}
		fmt.Fprintf(&b, ": %s\n", l.Reason)
		for _, p := range l.Modified {
			fmt.Fprintf(&b, "  %s: %s → %s\n", p.Name, show(p.Old), show(p.New))
		}
	}
	return r.readable(b.String())
}

func show(v any) string {
	if v == nil {
		return "∅"
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// requestsText lists the requests of the cycle. Discovery is the target's business, not the engine's, and is left out.
func (r *script) requestsText() string {
	var b strings.Builder
	for _, q := range r.proxy.Requests() {
		if strings.HasPrefix(q.Path, "/ServiceProviderConfig") || strings.HasPrefix(q.Path, "/Schemas") || strings.HasPrefix(q.Path, "/ResourceTypes") {
			continue
		}
		path, err := url.PathUnescape(q.Path)
		r.must(err)
		fmt.Fprintf(&b, "%s %s", q.Method, path)
		if q.Query != "" {
			query, err := url.QueryUnescape(q.Query)
			r.must(err)
			fmt.Fprintf(&b, "?%s", query)
		}
		if q.Body != "" {
			fmt.Fprintf(&b, " %s", strings.TrimSpace(q.Body))
		}
		if q.Status >= 300 || q.Status == 0 {
			fmt.Fprintf(&b, " → %d", q.Status)
		}
		b.WriteByte('\n')
	}
	return r.readable(b.String())
}

// targetText lists the accounts of the service.
func (r *script) targetText() string {
	var b strings.Builder
	for _, typ := range []string{"User", "Group"} {
		var lines []string
		for _, a := range r.service.All(typ) {
			a = a.Clone()
			for _, k := range []string{"id", "meta", "schemas", "groups"} {
				delete(a, k)
			}
			lines = append(lines, typ+" "+flatten(a))
		}
		slices.Sort(lines)
		for _, l := range lines {
			b.WriteString(l + "\n")
		}
	}
	return r.readable(b.String())
}

// flatten writes an account short: references as their ids, no $ref.
func flatten(a scim.Resource) string {
	if members, ok := a["members"].([]any); ok {
		var ids []string
		for _, m := range members {
			ids = append(ids, fmt.Sprint(m.(map[string]any)["value"]))
		}
		slices.Sort(ids)
		a["members"] = ids
	}
	if e, ok := a[scim.URNEnterpriseUser].(map[string]any); ok {
		if m, ok := e["manager"].(map[string]any); ok {
			e["manager"] = m["value"]
		}
		a["enterprise"] = e
		delete(a, scim.URNEnterpriseUser)
	}
	return show(a)
}

var guid = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// readable writes ids as names.
func (w *world) readable(text string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	pairs := []string{scim.URNEnterpriseUser, "enterprise", "urn:acme:2.0:User", "acme", scim.URNUser, "user", scim.URNGroup, "group", "urn:ietf:params:scim:api:messages:2.0:", "", w.url, ""}
	for id, name := range w.names {
		pairs = append(pairs, id, name)
	}
	return guid.ReplaceAllString(strings.NewReplacer(pairs...).Replace(text), "{guid}")
}
