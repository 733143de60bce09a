package graphschema_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// An edited mapping changes the document where it was edited: the rest, with keys that nobody knows, stays.
func TestExportKeepsWhatIsNotOurs(t *testing.T) {
	set, _, err := graphschema.Import(read(t, "complex.json"), checks())
	if err != nil {
		t.Fatal(err)
	}
	m := set.For("User")
	row := func(target string) *mapping.AttributeMapping {
		return &m.Attributes[slices.IndexFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == target })]
	}
	row("displayName").Value, row("title").WhenEmpty = `Trim([displayName])`, mapping.Leave
	m.Attributes = slices.DeleteFunc(m.Attributes, func(a mapping.AttributeMapping) bool { return a.Target == "userType" })
	m.Scope = []byte(strings.Replace(string(m.Scope), "Interns", "Trainees", 1))
	set.Objects = slices.DeleteFunc(set.Objects, func(o mapping.ObjectMapping) bool { return o.Source == "Group" })
	out, err := graphschema.Export(set, graphschema.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	for _, kept := range []string{
		`"exportedBy": "provisioning-backup"`, `"at": 1.5`, `"ticket"`, `"reviewedBy": "ops"`, `"customerNote": "keep"`, `"annotation": "from facilities"`,
		`"vendorHint"`, `"colour": "blue"`, `"hint": 7`, `"categoryFilterGroups"`, `"PoliteGreeting([preferredLanguage])"`, `"[favouriteTimezone]"`,
		`"Provision Azure Active Directory Devices"`, `"USER_FROM_APP"`, `"USER_SECOND"`, `"OU=Staff,DC=contoso,DC=com"`,
		`"expression": "Trim([displayName])"`, `"Trainees"`, `"version": "v1.205"`, `"key": "Rollcall:User:whenEmpty:title"`,
	} {
		if !strings.Contains(text, kept) {
			t.Errorf("%s is missing", kept)
		}
	}
	for _, gone := range []string{`"targetAttributeName": "userType"`, `"Interns"`, `"Provision Azure Active Directory Groups"`} {
		if strings.Contains(text, gone) {
			t.Errorf("%s is still there", gone)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// PowerShell writes the keys with capitals, and adds one of its own to each object.
func TestPowerShellsSpelling(t *testing.T) {
	var plain any
	if err := json.Unmarshal(read(t, "complex.json"), &plain); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(capitals(plain))
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := graphschema.Import(read(t, "complex.json"), checks())
	if err != nil {
		t.Fatal(err)
	}
	got, remarks, err := graphschema.Import(append([]byte("\xef\xbb\xbf"), data...), checks())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Objects, got.Objects); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, r := range remarks {
		if strings.HasSuffix(r.Path, "AdditionalProperties") {
			t.Errorf("%+v: nobody needs to know", r)
		}
	}
	out, err := graphschema.Export(got, graphschema.Meta{})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"SynchronizationRules", "ProvisioningTaskIdentifier", "Directories", "DiscoveryDateTime"} {
		if got := strings.Count(string(out), `"`+key+`"`); got > 0 {
			t.Errorf("%s is spelt so %d times", key, got)
		}
	}
	roundTrip(t, got)
}

// capitals gives every key a capital, and every object the key that PowerShell adds.
func capitals(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{"AdditionalProperties": map[string]any{}}
		for key, value := range v {
			out[strings.ToUpper(key[:1])+key[1:]] = capitals(value)
		}
		return out
	case []any:
		for i := range v {
			v[i] = capitals(v[i])
		}
	}
	return v
}

// The same application gets the same document, another one other ids.
func TestIDsAreStable(t *testing.T) {
	id := func(meta string) string {
		out, err := graphschema.Export(mapping.Set{Objects: []mapping.ObjectMapping{{Name: "Users", Source: "User", Target: "User", Enabled: true}}}, graphschema.Meta{ID: meta})
		if err != nil {
			t.Fatal(err)
		}
		var doc struct{ ID string }
		if err := json.Unmarshal(out, &doc); err != nil || len(doc.ID) != 36 {
			t.Fatal(doc, err)
		}
		return doc.ID
	}
	first, again, other := id("a"), id("a"), id("b")
	if first != again || first == other {
		t.Errorf("got %s, %s for a and %s for b", first, again, other)
	}
}

// A new document defines everything that the source is known to have, once, and what the mapping reads besides.
func TestExportDefinesTheSource(t *testing.T) {
	set := mapping.Set{Objects: []mapping.ObjectMapping{{
		Name: "Users", Source: "User", Target: "User", Enabled: true,
		Attributes: []mapping.AttributeMapping{
			{Target: "userName", Kind: mapping.Expression, Value: `Join("", [mail], [extra])`, Matching: 1, Apply: mapping.Always, Type: mapping.String},
		},
	}}}
	out, err := graphschema.Export(set, graphschema.Meta{Users: []mapping.Definition{{Name: "mail", Type: mapping.String}, {Name: "accountEnabled", Type: mapping.Boolean}}})
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Directories []struct {
			Name    string
			Objects []struct{ Attributes []struct{ Name, Type string } }
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range doc.Directories[0].Objects[0].Attributes {
		got = append(got, a.Name+" "+a.Type)
	}
	if diff := cmp.Diff([]string{"mail String", "accountEnabled Boolean", "extra String", "objectId String"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestExportRefuses(t *testing.T) {
	tests := []struct {
		name string
		set  mapping.Set
		want string
	}{
		{"object type", mapping.Set{Objects: []mapping.ObjectMapping{{Name: "D", Source: "Device"}}}, `the mapping "D" is for objects of the type "Device": expected User or Group`},
		{
			"expression", mapping.Set{Objects: []mapping.ObjectMapping{{
				Name: "U", Source: "User", Attributes: []mapping.AttributeMapping{{Target: "title", Kind: mapping.Expression, Value: "Trim("}},
			}}}, `U: row 1 (title): character 6: `,
		},
		{
			"attribute", mapping.Set{Objects: []mapping.ObjectMapping{{
				Name: "U", Source: "User", Attributes: []mapping.AttributeMapping{{Target: "title", Kind: mapping.Direct, Value: "a] & [b"}},
			}}}, `U: row 1 (title): the source attribute "a] & [b" cannot be written as [a] & [b]: expected a name`,
		},
		{"imported", mapping.Set{Imported: []byte(`{"id": 1}`)}, `the document that the mapping was imported from: id: found the number 1`},
		{"scope", mapping.Set{Objects: []mapping.ObjectMapping{{Name: "U", Source: "User", Scope: []byte(`{"groups": 1}`)}}}, `U: scope.groups: found the number 1: expected a list`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := graphschema.Export(test.set, graphschema.Meta{})
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
