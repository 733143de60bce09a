package server

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/store"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
	"github.com/rollcall-id/rollcall/scim"
	"github.com/rollcall-id/rollcall/scim/scimserver"
	"github.com/rollcall-id/rollcall/scim/scimtest"
)

// kind is an attribute of the type that has every kind of attribute.
type kind struct {
	*scim.Attribute
	path string // as clients name it
}

const urnThing = "urn:example:thing:1.0:"

// everyKind is a resource type with every combination of type, mutability, returned, uniqueness, caseExact and multiValued that makes sense: the single ones in
// its own schema and in a required extension, the others in two more.
func everyKind() (*scim.Definitions, []kind) {
	d := &scim.Definitions{Types: []scim.TypeDefinition{{Name: "Thing", Endpoint: "/Things", Schema: urnThing + "Thing"}}}
	var kinds []kind
	for i, name := range []string{"Thing", "Exact", "Many", "ManyExact"} {
		s := &scim.Schema{ID: urnThing + name, Name: name}
		prefix := ""
		if i > 0 {
			prefix = s.ID + ":"
			d.Types[0].Extensions = append(d.Types[0].Extensions, scim.ExtensionDefinition{Schema: s.ID, Required: name == "Exact"})
		}
		for _, a := range combinations(i%2 == 1, i >= 2) {
			s.Attributes = append(s.Attributes, a)
			kinds = append(kinds, kind{a, prefix + a.Name})
		}
		d.Schemas = append(d.Schemas, s)
	}
	return d, kinds
}

func combinations(exact, many bool) []*scim.Attribute {
	var out []*scim.Attribute
	add := func(a scim.Attribute) {
		a.Name, a.CaseExact, a.MultiValued = fmt.Sprintf("%s%d", a.Type, len(out)), exact, many
		out = append(out, &a)
	}
	for _, access := range []scim.Access{scim.ReadOnly, scim.ReadWrite, scim.Immutable, scim.WriteOnly} {
		for _, returned := range []scim.Returned{scim.ReturnedAlways, scim.ReturnedDefault, scim.ReturnedRequest, scim.ReturnedNever} {
			if access == scim.ReadOnly && returned == scim.ReturnedNever || access == scim.WriteOnly && returned != scim.ReturnedNever {
				continue // contradictions, which are refused
			}
			for _, t := range simpleTypes {
				for _, unique := range []string{scim.UniquenessNone, scim.UniquenessServer, scim.UniquenessGlobal} {
					add(scim.Attribute{Type: t, Mutability: access, Returned: returned, Uniqueness: unique})
				}
			}
			add(scim.Attribute{Type: scim.TypeComplex, Mutability: access, Returned: returned, SubAttributes: []*scim.Attribute{
				{Name: "value", CaseExact: exact, Mutability: access, Returned: returned}, {Name: "n", Type: scim.TypeInteger, Mutability: access, Returned: returned},
			}})
		}
	}
	return out
}

var simpleTypes = []scim.Type{
	scim.TypeString, scim.TypeBoolean, scim.TypeDecimal, scim.TypeInteger, scim.TypeDateTime, scim.TypeBinary, scim.TypeReference,
}

// value is a value of an attribute; those with different n differ, but for booleans.
func (k kind) value(n int) any {
	var v any
	switch k.Type {
	case scim.TypeBoolean:
		v = n%2 == 0
	case scim.TypeDecimal:
		v = float64(n) + 0.5
	case scim.TypeInteger:
		v = n
	case scim.TypeDateTime:
		v = fmt.Sprintf("2026-01-%02dT10:00:00.000Z", n+1)
	case scim.TypeBinary:
		v = fmt.Sprintf("YW%02d", n)
	case scim.TypeReference:
		v = fmt.Sprintf("https://example.com/%d", n)
	case scim.TypeComplex:
		v = map[string]any{"value": fmt.Sprint("Sub ", n), "n": n}
	default:
		v = fmt.Sprint("Some Text ", n)
	}
	if k.MultiValued {
		return []any{v}
	}
	return v
}

func thing(kinds []kind, n int) string {
	r := map[string]any{"externalId": fmt.Sprint("x", n)}
	for _, k := range kinds {
		at := r
		if urn, _, ok := strings.Cut(k.path, ":"+k.Name); ok {
			if r[urn] == nil {
				r[urn] = map[string]any{}
			}
			at = r[urn].(map[string]any)
		}
		at[k.Name] = k.value(n)
	}
	doc, _ := json.Marshal(r)
	return string(doc)
}

// twin sends every request to the server and to the reference implementation in memory, and wants the same answers.
type twin struct {
	t              *testing.T
	server, oracle string
	secret         string
	newest         string // id of the resource that the server made last: the oracle takes it too, because ids break ties
}

// do returns the body of the server's answer.
func (w *twin) do(method, path, body string) map[string]any {
	w.t.Helper()
	status, got := send(w.t, method, w.server+path, w.secret, body)
	if status == http.StatusCreated {
		w.newest, _ = got["id"].(string)
	}
	wantStatus, want := send(w.t, method, w.oracle+path, "", body)
	if status != wantStatus || !reflect.DeepEqual(bare(got), bare(want)) {
		w.t.Errorf("%s %.200s %.200s: status %d, want %d\n%.1500s\nwant\n%.1500s", method, path, body, status, wantStatus, fmt.Sprint(bare(got)), fmt.Sprint(bare(want)))
	}
	return got
}

// bare is an answer without what two servers cannot have in common.
func bare(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, x := range v {
			if name != "meta" && name != "detail" {
				out[name] = bare(x)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = bare(v[i])
		}
		return out
	}
	return v
}

func send(t *testing.T, method, target, secret, body string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("%s %s: %v\n%s", method, target, err, raw)
		}
	}
	return res.StatusCode, out
}

// newTwin registers the definitions for an organization of a new server.
func newTwin(t *testing.T, n *node, slug string, d *scim.Definitions) *twin {
	t.Helper()
	secret := n.organization(slug)
	n.register(slug, string(d.AppendJSON(nil)))
	types, err := directory.RegistryOf(d)
	if err != nil {
		t.Fatal(err)
	}
	w := &twin{t: t, secret: secret}
	memory := &scimtest.Memory{NewID: func() string { return w.newest }}
	server, oracle := httptest.NewServer(n.handler), httptest.NewServer(scimserver.New(scimserver.Config{Registry: types, Backend: memory}))
	t.Cleanup(server.Close)
	t.Cleanup(oracle.Close)
	w.server, w.oracle = server.URL+"/api/scim/"+slug, oracle.URL
	return w
}

func (n *node) register(slug, doc string) {
	n.t.Helper()
	o, err := n.sys.Organization(n.t.Context(), slug)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.sys.RegisterTypes(n.t.Context(), o, []byte(doc), directory.Origin{Actor: "test"}); err != nil {
		n.t.Fatal(err)
	}
}

// TestEveryKindOfAttribute: a registered type with every kind of attribute behaves through HTTP as the reference implementation does.
func TestEveryKindOfAttribute(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newNode(t, c, ServeOptions{})
		d, kinds := everyKind()
		w := newTwin(t, n, "acme", d)
		ids := make([]string, 3)
		for i := range ids {
			ids[i], _ = w.do("POST", "/Things", thing(kinds, i))["id"].(string)
		}
		w.do("POST", "/Things", `{"externalId":"without the required extension"}`)
		w.do("GET", "/Things/"+ids[0], "")
		for chunk := range slices.Chunk(kinds, 40) {
			var names []string
			for _, k := range chunk {
				names = append(names, k.path)
			}
			w.do("GET", "/Things/"+ids[1]+"?attributes="+url.QueryEscape(strings.Join(names, ",")), "")
			w.do("GET", "/Things/"+ids[1]+"?excludedAttributes="+url.QueryEscape(strings.Join(names, ",")), "")
		}
		for i, k := range kinds {
			if testing.Short() && i%7 != 0 {
				continue
			}
			w.filters(i, k)
			w.patches(i, k, ids[2])
			if t.Failed() {
				t.Fatalf("attribute %+v", *k.Attribute)
			}
		}
		w.do("PUT", "/Things/"+ids[0], thing(kinds, 0))
		w.do("DELETE", "/Things/"+ids[0], "")
		w.do("GET", "/Things/"+ids[0], "")
		w.do("POST", "/Things", thing(kinds, 0)) // every unique value is free again
	})
}

// filters compares what some filters on an attribute find, and the order by it.
func (w *twin) filters(i int, k kind) {
	w.t.Helper()
	path, v := k.path, k.value(1)
	if list, ok := v.([]any); ok {
		v = list[0]
	}
	if m, ok := v.(map[string]any); ok {
		path, v = path+".value", m["value"]
	}
	literal, _ := json.Marshal(v)
	text := string(literal)
	if i%2 == 0 {
		text = strings.ToUpper(text)
	}
	op := []string{"eq", "ne", "co", "sw", "ew", "gt", "le", "pr"}[i/3%8]
	if op == "pr" {
		text = ""
	}
	w.do("GET", "/Things?attributes=externalId&filter="+url.QueryEscape(path+" "+op+" "+text), "")
	if i%5 == 0 {
		w.do("GET", "/Things?attributes=externalId&sortOrder=descending&sortBy="+url.QueryEscape(path), "")
	}
}

// patches compares operations on an attribute.
func (w *twin) patches(i int, k kind, id string) {
	w.t.Helper()
	if i%4 != 0 {
		return
	}
	value, _ := json.Marshal(k.value(20))
	only := "/Things/" + id + "?attributes=" + url.QueryEscape(k.path)
	for _, op := range []string{`"op":"replace","value":` + string(value), `"op":"add","value":` + string(value), `"op":"remove"`} {
		w.do("PATCH", only, `{"Operations":[{"path":"`+k.path+`",`+op+`}]}`)
	}
}

// TestUniqueKinds: of every unique attribute, whatever its other characteristics, the value of one resource is refused for another one.
func TestUniqueKinds(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		n := newNode(t, c, ServeOptions{})
		d, kinds := everyKind()
		w := newTwin(t, n, "acme", d)
		w.do("POST", "/Things", thing(kinds, 1))
		required := kinds[slices.IndexFunc(kinds, func(k kind) bool {
			return strings.HasPrefix(k.path, urnThing+"Exact:") && k.Type == scim.TypeComplex && k.Mutability == scim.ReadWrite
		})]
		checked := 0
		for i, k := range kinds {
			if testing.Short() && i%5 != 0 {
				continue
			}
			if k.Uniqueness == scim.UniquenessNone || k.Mutability == scim.ReadOnly || k.Type == scim.TypeBoolean || k.Type == scim.TypeComplex {
				continue
			}
			body := thing([]kind{k, required}, 1)
			if k.Folds() {
				body = strings.ReplaceAll(body, "Some Text", "SOME tEXT")
			}
			if status, answer := send(t, "POST", w.server+"/Things", w.secret, body); status != 409 || answer["scimType"] != "uniqueness" {
				t.Fatalf("%+v: status %d, %v; want 409", *k.Attribute, status, answer)
			}
			checked++
		}
		if checked < 400 && !testing.Short() {
			t.Errorf("only %d attributes were checked", checked)
		}
	})
}

// TestOrganizationsHaveTheirOwnTypes: what one organization registers counts at once on every node, and for no other organization.
func TestOrganizationsHaveTheirOwnTypes(t *testing.T) {
	storetest.ForEachConfig(t, func(t *testing.T, c store.Config) {
		here, there := newNode(t, c, ServeOptions{}), newNode(t, c, ServeOptions{})
		const device = `[{"name":"Device","endpoint":"/Devices","schema":"urn:example:Device"},{"id":"urn:example:Device","name":"Device","attributes":[{"name":"%s"}]}]`
		secrets := map[string]string{"acme": here.organization("acme"), "other": here.organization("other")}
		ask := func(slug, path string, want int) {
			t.Helper()
			for _, n := range []*node{here, there} {
				r := httptest.NewRequest("GET", "/api/scim/"+slug+path, nil)
				r.Header.Set("Authorization", "Bearer "+secrets[slug])
				rec := httptest.NewRecorder()
				n.handler.ServeHTTP(rec, r)
				if rec.Code != want {
					t.Errorf("%s %s: status %d, want %d: %s", slug, path, rec.Code, want, rec.Body)
				}
			}
		}
		ask("acme", "/Devices", 404)
		here.register("acme", fmt.Sprintf(device, "serial"))
		there.register("other", fmt.Sprintf(device, "label"))
		for slug, own := range map[string][2]string{"acme": {"serial", "label"}, "other": {"label", "serial"}} {
			ask(slug, "/Devices?filter="+own[0]+"+pr", 200)
			ask(slug, "/Devices?filter="+own[1]+"+pr", 400)
			ask(slug, "/?filter="+own[1]+"+pr", 400)
			ask(slug, "/Schemas/urn:example:Device", 200)
		}
		o, err := here.sys.Organization(t.Context(), "acme")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := here.sys.RemoveType(t.Context(), o, "Device", false, directory.Origin{}); err != nil {
			t.Fatal(err)
		}
		ask("acme", "/Devices", 404)
		ask("acme", "/Schemas/urn:example:Device", 404)
		ask("other", "/Devices", 200)
		if shared, err := here.mount.services.of("x", directory.Registry()); err != nil || shared != here.mount.services.standard {
			t.Error("an organization without types of its own does not share the service")
		}
	})
}

// TestExampleTypes: the documents that the guide shows can be registered, and used.
func TestExampleTypes(t *testing.T) {
	n := newNode(t, storetest.SQLite(t), ServeOptions{})
	for file, request := range map[string][2]string{
		"devices.json": {"/Devices", `{"displayName":"Lamp","serialNumber":"S-1","active":true}`},
		"agents.json":  {"/Agents", `{"name":"travel","protocols":[{"type":"A2A","specificationUrl":"https://example.com/a2a.json"}]}`},
	} {
		doc, err := os.ReadFile("../../docs/examples/" + file)
		if err != nil {
			t.Fatal(err)
		}
		slug := strings.TrimSuffix(file, ".json")
		secret := n.organization(slug)
		n.register(slug, string(doc))
		server := httptest.NewServer(n.handler)
		defer server.Close()
		status, answer := send(t, "POST", server.URL+"/api/scim/"+slug+request[0], secret, request[1])
		if status != 201 || answer["id"] == "" {
			t.Errorf("%s: status %d, %v", file, status, answer)
		}
	}
}
