package scimclient

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rollcall-id/rollcall/scim"
)

// described serves the three endpoints from a table; what is missing in it is 404.
type described struct {
	mu    sync.Mutex
	pages map[string]reply
	asked int
}

func (d *described) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.asked++
	a, ok := d.pages[strings.TrimPrefix(r.URL.Path, "/scim/")]
	d.mu.Unlock()
	if !ok {
		a = reply{status: 404}
	}
	(&script{replies: []reply{a}}).ServeHTTP(w, r)
}

func fullDescription() map[string]reply {
	return map[string]reply{
		"ServiceProviderConfig": {status: 200, body: `{"Patch":{"supported":"false"},"bulk":{"supported":true,"maxOperations":"50","maxPayloadSize":1048576},
			"filter":{"supported":true,"maxResults":200},"sort":{"supported":false},"pagination":{"cursor":true,"index":true,"maxPageSize":500}}`},
		"ResourceTypes": {status: 200, body: `{"Resources":[{"name":"User","endpoint":"/Users","schema":"` + scim.URNUser + `","schemaExtensions":[{"schema":"urn:acme:2.0:User"}]}]}`},
		"Schemas": {status: 200, body: `{"resources":[{"id":"urn:acme:2.0:User","name":null,"attributes":[{"name":"contractor","type":"Boolean","multiValued":"false"},
			{"name":"badge","type":"string","caseExact":true},{"name":"cars","type":"complex","multiValued":true,"subAttributes":[{"name":"value"}]},{"type":"string"}]}, 5]}`},
	}
}

func TestDiscover(t *testing.T) {
	d := &described{pages: fullDescription()}
	c := newClient(t, d, nil)
	got, err := c.Discover(t.Context())
	if err != nil || !got.Complete() {
		t.Fatalf("got %+v, %v; want everything", got, err)
	}
	want := ProviderConfig{Patch: No, Bulk: Yes, Filter: Yes, Sort: No, CursorPaging: Yes, IndexPaging: Yes, MaxResults: 200, MaxOperations: 50,
		MaxPayload: 1 << 20, MaxPageSize: 500}
	if got.Config != want {
		t.Errorf("config is %+v; want %+v", got.Config, want)
	}
	if len(got.Types) != 1 || !slices.Equal(got.Types[0].Extensions, []string{"urn:acme:2.0:User"}) {
		t.Errorf("types are %+v", got.Types)
	}

	// What was discovered types the attributes of the service's own extension.
	p, err := c.Schemas("User").ParsePath("urn:ACME:2.0:user:Contractor")
	if err != nil || p.Coerce("True") != true || p.Attribute() != "urn:acme:2.0:User:contractor" {
		t.Errorf("a discovered boolean: %v, %v, %v", p.Coerce("True"), p.Attribute(), err)
	}
	if p, err = c.Schemas("User").ParsePath("urn:acme:2.0:User:badge"); err != nil || p.Equal("a", "A") || !p.Equal("a", "a") {
		t.Errorf("a discovered caseExact attribute ignores letter case: %v", err)
	}
}

// What services publish instead of a ListResponse: a bare array, one schema by itself, extensions by their bare URN, and lists that are none.
func TestDiscoverOtherForms(t *testing.T) {
	schema := `{"ID":"urn:acme:2.0:User","attributes":{"name":"tags","type":"COMPLEX","subAttributes":[
		{"name":"type","canonicalValues":["a",null,7,{}]},{"name":"$ref","type":"reference","referenceTypes":"User"},null]}}`
	for name, body := range map[string]string{
		"array": `[` + schema + `,null,5,{"name":"without an id"}]`, "single": schema, "one resource": `{"Resources":` + schema + `}`, "mark": "\xef\xbb\xbf" + schema,
	} {
		pages := fullDescription()
		pages["Schemas"] = reply{status: 200, body: body}
		pages["ResourceTypes"] = reply{status: 200, body: `[{"id":"User","schemaExtensions":["urn:a","",{"schema":"urn:b"},{"schema":null},7]}]`}
		got, err := newClient(t, &described{pages: pages}, nil).Discover(t.Context())
		if err != nil || len(got.Schemas) != 1 || len(got.Types) != 1 {
			t.Errorf("%s: got %+v, %v; want one schema and one type", name, got, err)
			continue
		}
		if e := got.Types[0].Extensions; !slices.Equal(e, []string{"urn:a", "urn:b", "7"}) {
			t.Errorf("%s: extensions %q", name, e)
		}
		tags := got.Schemas[0].Attribute("TAGS")
		if tags == nil || tags.Type != scim.TypeComplex || len(tags.SubAttributes) != 2 {
			t.Errorf("%s: got %+v", name, tags)
			continue
		}
		if c, r := tags.SubAttributes[0].CanonicalValues, tags.SubAttributes[1].ReferenceTypes; !slices.Equal(c, []string{"a", "7"}) || !slices.Equal(r, []string{"User"}) {
			t.Errorf("%s: canonical values %q, reference types %q", name, c, r)
		}
	}
	for name, body := range map[string]string{"text": `"Schemas"`, "null": `null`, "number": `5`} {
		pages := fullDescription()
		pages["Schemas"] = reply{status: 200, body: body}
		got, err := newClient(t, &described{pages: pages}, nil).Discover(t.Context())
		if err != nil || len(got.Missing) != 1 || !strings.Contains(got.Missing[0], "JSON that is not an object") {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestDiscoverSurvives(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(map[string]reply)
		missing []string
		kind    Kind
	}{
		{"nothing there", func(m map[string]reply) { clear(m) }, []string{"ServiceProviderConfig: 404", "ResourceTypes: 404", "Schemas: 404"}, ""},
		{"not implemented", func(m map[string]reply) { m["Schemas"] = reply{status: 501} }, []string{"Schemas: 501"}, ""},
		{"forbidden", func(m map[string]reply) { m["ResourceTypes"] = reply{status: 403} }, []string{"ResourceTypes: 403"}, ""},
		{"a web application that answers everything", func(m map[string]reply) {
			m["Schemas"] = reply{status: 200, header: map[string]string{"Content-Type": "text/html"}, body: "<html>"}
		}, []string{"Schemas: expected"}, ""},
		{"bad token", func(m map[string]reply) { m["ServiceProviderConfig"] = reply{status: 401} }, nil, KindStatus},
		{"no connection", func(m map[string]reply) { m["Schemas"] = reply{broken: "reset"} }, nil, KindNetwork},
	} {
		pages := fullDescription()
		tt.change(pages)
		c := newClient(t, &described{pages: pages}, func(cfg *Config) { cfg.Retry.Attempts = 1 })
		got, err := c.Discover(t.Context())
		if tt.kind != "" {
			if e := asError(t, err); e.Kind != tt.kind || c.Discovered() != nil {
				t.Errorf("%s: got %+v; want kind %s and nothing remembered", tt.name, e, tt.kind)
			}
			continue
		}
		if err != nil || len(got.Missing) != len(tt.missing) {
			t.Errorf("%s: got %+v, %v; want missing %q", tt.name, got, err, tt.missing)
			continue
		}
		for i, want := range tt.missing {
			if !strings.HasPrefix(got.Missing[i], want) {
				t.Errorf("%s: missing %q; want %q", tt.name, got.Missing[i], want)
			}
		}
	}
}

func TestDiscoverOnceForAllAndAgainAfterAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &described{pages: fullDescription()}
		c := newClient(t, d, nil)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if _, err := c.Discover(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if d.asked != 3 {
			t.Errorf("8 callers made %d requests; want 3", d.asked)
		}
		time.Sleep(61 * time.Minute)
		if _, err := c.Discover(t.Context()); err != nil || d.asked != 6 {
			t.Errorf("after an hour: %d requests, %v; want 6", d.asked, err)
		}
	})
}
