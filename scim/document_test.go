package scim

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// general is what Splicer.Append is held equal to.
func general(t *testing.T, rt *ResourceType, d *Document, location string) string {
	t.Helper()
	r, err := d.Resource(rt)
	if err != nil {
		t.Fatal(err)
	}
	r["meta"].(map[string]any)["location"] = location
	return string(AppendJSON(nil, rt.Project(r, Projection{})))
}

func document(attributes string, computed Resource) *Document {
	return &Document{
		ID: "id-1", Version: `W/"7"`, Attributes: []byte(attributes), Computed: computed,
		Created: time.Date(2026, 1, 2, 3, 4, 5, 678_900_000, time.UTC), Modified: time.Date(2026, 2, 2, 3, 4, 5, 0, time.FixedZone("", 3600)),
	}
}

func TestSplice(t *testing.T) {
	groups := Resource{"groups": []any{map[string]any{"value": "g1", "$ref": "https://x.example/Groups/g1", "display": `A "B"`, "type": "direct"}}}
	extended := `"` + URNEnterpriseUser + `":{"department":"R&D"}`
	for _, test := range []struct {
		name, attributes string
		computed         Resource
		spliced          bool
	}{
		{"nothing", `{}`, nil, true},
		{"a name", `{"userName":"ada"}`, nil, true},
		{"externalId comes before meta", `{"externalId":"e\"1\\","active":true,"userName":"ada"}`, nil, true},
		{"externalId alone", `{"externalId":"e"}`, nil, true},
		{"an extension", `{"active":false,` + extended + `,"userName":"ada"}`, nil, true},
		{"groups in the middle", `{"active":true,"userName":"ada"}`, groups, true},
		{"groups at the end", `{"active":true}`, groups, true},
		{"groups alone", `{}`, groups, true},
		{"groups after externalId", `{"externalId":"e","userName":"ada"}`, groups, true},
		{"all kinds of values", `{"emails":[{"primary":true,"value":"a\"}]"}],"name":{"givenName":"}{"},"title":"{\\"}`, nil, true},
		{"an empty extension", `{"` + URNEnterpriseUser + `":{},"userName":"a"}`, nil, false},
		{"an unknown attribute", `{"unknown":1}`, nil, false},
		{"an unknown attribute of an extension", `{"` + URNEnterpriseUser + `":{"unknown":1}}`, nil, false},
		{"never returned", `{"password":"x","userName":"a"}`, nil, false},
		{"null", `{"title":null}`, nil, false},
		{"unknown computed", `{}`, Resource{"unknown": "x"}, false},
		{"blanks", `{ "userName": "a" }`, nil, false},
		{"an escaped name", `{"userN\u0061me":"a"}`, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			rt := Core().Type("User")
			d := document(test.attributes, test.computed)
			got, ok := rt.Splicer().Append([]byte("before"), d, "https://x.example/Users/id-1")
			if ok != test.spliced {
				t.Fatalf("spliced: %v, want %v: %s", ok, test.spliced, got)
			}
			want := "before"
			if test.spliced {
				want += general(t, rt, d, "https://x.example/Users/id-1")
			}
			if diff := cmp.Diff(want, string(got)); diff != "" {
				t.Errorf("(-general +spliced):\n%s", diff)
			}
		})
	}
	if Core().Type("Group").Splicer() != nil {
		t.Error("groups hide the display of their members, which splicing cannot")
	}
}

// FuzzSplice: of whatever is accepted as a user, the spliced representation is the general one; and no stored bytes make splicing panic.
func FuzzSplice(f *testing.F) {
	f.Add([]byte(`{"userName":"a","externalId":"b","emails":[{"value":"x"}],"password":"p"}`), true)
	f.Add([]byte(`{"userName":"\u2028\"","name":{"givenName":"\\"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m"}}}`), false)
	f.Add([]byte(`{"userName":"a","x509Certificates":[{"value":"AQID"}],"active":"True","addresses":[{"country":"NO"},{}]}`), true)
	f.Add([]byte(`{"a":"\`), true)
	rt := Core().Type("User")
	s := rt.Splicer()
	f.Fuzz(func(t *testing.T, body []byte, member bool) {
		s.Append(nil, document(string(body), nil), "l")
		r, err := rt.DecodeResource(body, DecodeOptions{})
		if err != nil {
			return
		}
		delete(r, "schemas")
		var computed Resource
		if member {
			computed = Resource{"groups": []any{map[string]any{"value": "g"}}}
		}
		d := document(string(Encode(r)), computed)
		got, ok := s.Append(nil, d, "l")
		if _, secret := r["password"]; !ok && !secret {
			t.Fatalf("not spliced: %s", d.Attributes)
		}
		if ok && string(got) != general(t, rt, d, "l") {
			t.Fatalf("spliced %s, want %s", got, general(t, rt, d, "l"))
		}
	})
}

func TestAppendTime(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Date(999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.FixedZone("", -3600)),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 12, 30, 0, 45_678_901, time.UTC),
	} {
		if got, want := string(appendTime(nil, at)), FormatTime(at); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
