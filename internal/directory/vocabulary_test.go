package directory_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/scim"
)

// csvNames are the header cells that design/cli.md promises ("CSV files").
func csvNames() []string {
	names := strings.Fields(`userPrincipalName displayName givenName surname mail mailNickname jobTitle department employeeId companyName city state country
		postalCode streetAddress physicalDeliveryOfficeName telephoneNumber mobile preferredLanguage userType accountEnabled manager`)
	for i := 1; i <= 15; i++ {
		names = append(names, fmt.Sprintf("extensionAttribute%d", i))
	}
	return names
}

// Every name of a CSV file can be set, is found again by that name in any letter case and by its path, and can be removed without a trace.
func TestCSVNamesRoundTrip(t *testing.T) {
	all := scim.Resource{}
	for _, name := range csvNames() {
		t.Run(name, func(t *testing.T) {
			text, want := "value of "+name, any("value of "+name)
			if name == "accountEnabled" {
				text, want = "False", false
			}
			o := directory.Object{ID: "1", Type: directory.User, Attributes: scim.Resource{}}
			for _, r := range []scim.Resource{o.Attributes, all} {
				if err := directory.SetAttribute(r, directory.User, strings.ToUpper(name), text); err != nil {
					t.Fatal(err)
				}
			}
			path, err := directory.PathOf(directory.User, name)
			if err != nil {
				t.Fatal(err)
			}
			for _, spelling := range []string{name, strings.ToLower(name), path.String(), strings.ToUpper(path.String())} {
				if got, known := directory.Attribute(o, spelling); !known || got != want {
					t.Errorf("%s: got %v, %v; want %v", spelling, got, known, want)
				}
			}
			err = directory.SetAttribute(o.Attributes, directory.User, name, "")
			if name == "userPrincipalName" {
				if !errors.Is(err, fault.ErrInvalid) {
					t.Errorf("the unique name cannot be removed, got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(o.Attributes) > 0 {
				t.Errorf("removed: got %v", o.Attributes)
			}
		})
	}
	o := directory.Object{Type: directory.User, Attributes: all}
	for _, name := range csvNames() { // no name may write over another
		if got, _ := directory.Attribute(o, name); got != "value of "+name && got != false {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// The fast way and SCIM's own way of reading agree on every name.
func TestVocabularyPaths(t *testing.T) {
	rt := directory.Registry().Type(directory.User)
	seen := map[string]bool{}
	for _, n := range directory.Vocabulary() {
		if seen[strings.ToLower(n.Entra)] || n.Doc == "" {
			t.Errorf("%s: twice, or without documentation", n.Entra)
		}
		seen[strings.ToLower(n.Entra)] = true
		if n.Kept == directory.Computed && n.Path == "" {
			continue
		}
		path, err := rt.ParsePath(n.Path)
		if err != nil {
			t.Errorf("%s: %v", n.Entra, err)
			continue
		}
		if path.String() != n.Path {
			t.Errorf("%s: the path is written %s; want %s", n.Entra, n.Path, path)
		}
		if n.Type != scim.TypeReference && (path.Leaf().Type != n.Type || path.Leaf().MultiValued != n.MultiValued) {
			t.Errorf("%s: %s, multi-valued %v; the schema says %s, %v", n.Entra, n.Type, n.MultiValued, path.Leaf().Type, path.Leaf().MultiValued)
		}
	}
	for _, n := range directory.GroupVocabulary() {
		if _, err := directory.Registry().Type(directory.Group).ParsePath(n.Path); (err != nil && n.Kept == directory.Stored) || n.Doc == "" {
			t.Errorf("%s: %v, %q", n.Entra, err, n.Doc)
		}
	}
}

func TestAttribute(t *testing.T) {
	o := directory.Object{ID: "42", Type: directory.User, Attributes: scim.Resource{
		"userName": "jo", "password": "secret",
		"emails": []any{
			map[string]any{"type": "home", "value": "jo@home"}, map[string]any{"type": "Work"}, map[string]any{"type": "work", "value": "jo@work"},
		},
		"name":                       map[string]any{"familyName": "Doe"},
		scim.URNEnterpriseUser:       map[string]any{"manager": map[string]any{"value": "7", "displayName": "Boss"}, "department": "Sales"},
		directory.URNDirectoryUser:   map[string]any{"proxyAddresses": []any{"a", "b"}, "mailNickname": "jo"},
		"urn:example:other:2.0:User": map[string]any{"x": "y"},
	}}
	tests := []struct {
		name  string
		want  any
		known bool
	}{
		{"objectId", "42", true}, {"id", "42", true}, {"mail", "jo@work", true}, {"surname", "Doe", true}, {"givenName", nil, true},
		{"manager", "7", true}, {"department", "Sales", true}, {"mailNickname", "jo", true}, {"accountEnabled", true, true}, {"active", true, true},
		{"proxyAddresses", []any{"a", "b"}, true}, {"name.familyName", "Doe", true}, {`emails[type eq "home"].value`, "jo@home", true},
		{scim.URNEnterpriseUser + ":manager.value", "7", true}, {directory.URNDirectoryUser + ":mailNickname", "jo", true}, {"mobile", nil, true},
		{"password", nil, false}, {"mial", nil, false}, {"", nil, false}, {"[", nil, false}, {"IsSoftDeleted", nil, false},
	}
	for _, test := range tests {
		got, known := directory.Attribute(o, test.name)
		if known != test.known || cmp.Diff(test.want, got) != "" {
			t.Errorf("%s: got %v, %v; want %v, %v", test.name, got, known, test.want, test.known)
		}
	}
	group := directory.Object{ID: "9", Type: directory.Group, Attributes: scim.Resource{"displayName": "Staff"}}
	for _, test := range []struct {
		name  string
		want  any
		known bool
	}{{"displayName", "Staff", true}, {"objectId", "9", true}, {"members", nil, true}, {"mail", nil, true}, {"userPrincipalName", nil, false}} {
		if got, known := directory.Attribute(group, test.name); known != test.known || got != test.want {
			t.Errorf("group, %s: got %v, %v", test.name, got, known)
		}
	}
	if _, known := directory.Attribute(directory.Object{Type: "Device"}, "x.y"); known {
		t.Error("a device has no attributes")
	}
	o.Attributes["active"] = false
	if got, _ := directory.Attribute(o, "accountEnabled"); got != false {
		t.Errorf("accountEnabled: got %v", got)
	}
}

func TestSetAttribute(t *testing.T) {
	tests := []struct {
		name  string
		value any
		want  scim.Resource
		fails string
	}{
		{"mail", "a@b", scim.Resource{"emails": []any{map[string]any{"type": "work", "value": "a@b"}}}, ""},
		{"manager", "7", scim.Resource{scim.URNEnterpriseUser: map[string]any{"manager": map[string]any{"value": "7"}}}, ""},
		{"name.middleName", "X", scim.Resource{"name": map[string]any{"middleName": "X"}}, ""},
		{"otherMails", "a@b", scim.Resource{directory.URNDirectoryUser: map[string]any{"otherMails": []any{"a@b"}}}, ""},
		{"accountEnabled", true, scim.Resource{"active": true}, ""},
		{"accountEnabled", "perhaps", nil, `the value is "perhaps": expected true or false`},
		{"employeeHireDate", "2026-03-01T08:00:00Z", scim.Resource{directory.URNDirectoryUser: map[string]any{"employeeHireDate": "2026-03-01T08:00:00Z"}}, ""},
		{"employeeHireDate", "1.3.2026", nil, "expected a date and time"},
		{"mial", "x", nil, `unknown attribute "mial": did you mean mail?`},
		{"extensionAttribute16", "x", nil, "did you mean extensionAttribute1"},
		{"msExchResourceCapacity", "12", scim.Resource{directory.URNEntraUser: map[string]any{"msExchResourceCapacity": int64(12)}}, ""},
		{"msExchResourceCapacity", "a dozen", nil, `the value is "a dozen": expected a whole number`},
		{"employeeOrgData.costCenter", "7", scim.Resource{scim.URNEnterpriseUser: map[string]any{"costCenter": "7"}}, ""},
		{"createdDateTime", "2026-03-01T08:00:00Z", nil, "it can be read, and not set"},
		{"shoeSizeInCentimetres", "x", nil, "expected a name such as jobTitle, or a SCIM path"},
	}
	for _, test := range tests {
		r := scim.Resource{}
		err := directory.SetAttribute(r, directory.User, test.name, test.value)
		if test.fails != "" {
			if err == nil || !strings.Contains(err.Error(), test.fails) || !errors.Is(err, fault.ErrInvalid) || len(r) > 0 {
				t.Errorf("%s: got %v, %v; want %q", test.name, r, err, test.fails)
			}
			continue
		}
		if diff := cmp.Diff(test.want, r); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", test.name, err, diff)
		}
	}
	if _, err := directory.PathOf("Device", "mail"); !errors.Is(err, fault.ErrInvalid) {
		t.Errorf("a device: got %v", err)
	}
}

func TestRegistry(t *testing.T) {
	r := directory.Registry()
	if r != directory.Registry() {
		t.Error("the registry is made once")
	}
	s := r.Schema(directory.URNDirectoryUser)
	if s == nil {
		t.Fatal("the extension is not published")
	}
	for _, a := range s.Attributes {
		if a.Description == "" {
			t.Errorf("%s: no description, which some clients reject", a.Name)
		}
	}
	if s.Attribute("extensionattribute15") == nil || s.Attribute("companyName") == nil || scim.Core().Schema(directory.URNDirectoryUser) != nil {
		t.Error("the extension belongs to the directory's registry alone")
	}
}

func FuzzAttribute(f *testing.F) {
	for _, n := range directory.Vocabulary() {
		f.Add(n.Entra)
		f.Add(n.Path)
	}
	f.Fuzz(func(t *testing.T, name string) {
		o := directory.Object{ID: "1", Type: directory.User, Attributes: scim.Resource{"userName": "jo", "password": "secret"}}
		if v, known := directory.Attribute(o, name); !known && v != nil || v == "secret" {
			t.Fatalf("%q: got %v, %v", name, v, known)
		}
		directory.NearestName(directory.User, name)
		if err := directory.SetAttribute(o.Attributes, directory.User, name, "x"); err != nil && !errors.Is(err, fault.ErrInvalid) {
			t.Fatalf("%q: %v", name, err)
		}
	})
}

func BenchmarkAttribute(b *testing.B) {
	o := directory.Object{Type: directory.User, Attributes: scim.Resource{}}
	if err := directory.SetAttribute(o.Attributes, directory.User, "mail", "a@b"); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if v, _ := directory.Attribute(o, "mail"); v != "a@b" {
			b.Fatal(v)
		}
	}
}

// TestPublished: the endpoint shows dates and lists of the own extension as read-only; the directory itself goes on writing them.
func TestPublished(t *testing.T) {
	shown, err := directory.Published(directory.Registry())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range shown.Schema(directory.URNDirectoryUser).Attributes {
		want := scim.ReadWrite
		if a.Type == scim.TypeDateTime || a.MultiValued {
			want = scim.ReadOnly
		}
		if a.Mutability != want {
			t.Errorf("%s is published as %s; want %s", a.Name, a.Mutability, want)
		}
	}
	for _, urn := range []string{directory.URNEntraUser, directory.URNEntraGroup} {
		if shown.Schema(urn) != nil || directory.Registry().Schema(urn) == nil {
			t.Errorf("%s is published, or missing", urn)
		}
	}
	if _, err := shown.Type(directory.User).ParseFilter(`ageGroup eq "Adult"`); err == nil {
		t.Error("what is not published can be searched")
	}
	for _, a := range directory.Registry().Schema(directory.URNDirectoryUser).Attributes {
		if a.Mutability != scim.ReadWrite {
			t.Errorf("%s has become %s for imports", a.Name, a.Mutability)
		}
	}
}

// TestVocabularySize: an administrator finds the attributes that Entra's mappings name, and every word leads somewhere.
func TestVocabularySize(t *testing.T) {
	own := 0
	for _, n := range directory.Vocabulary() {
		if n.Of == "" {
			own++
		}
		if n.Path == "" && n.Kept != directory.Computed {
			t.Errorf("%s leads nowhere", n.Entra)
		}
		switch n.Type {
		case scim.TypeString, scim.TypeBoolean, scim.TypeInteger, scim.TypeDateTime, scim.TypeReference:
		default:
			t.Errorf("%s has the type %q", n.Entra, n.Type)
		}
		if strings.ContainsAny(n.Entra, " {}") {
			t.Errorf("%q is no name", n.Entra)
		}
	}
	if own < 200 {
		t.Errorf("there are %d attributes of users, want at least 200", own)
	}
	for _, themes := range [][]directory.Theme{directory.Themes(directory.User), directory.Themes(directory.Group)} {
		for _, theme := range themes {
			if theme.Title == "" || theme.Intro == "" || len(theme.Names) == 0 {
				t.Errorf("the theme %q is not complete", theme.Title)
			}
		}
	}
	t.Logf("%d attributes of users with %d words, %d words for groups", own, len(directory.Vocabulary()), len(directory.GroupVocabulary()))
}

// TestComputedAttributes are those that the directory works out.
func TestComputedAttributes(t *testing.T) {
	made := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		userName, name string
		want           any
	}{
		{"jo_contoso.com#EXT#@fabrikam.example", "userPrincipalName", "jo@contoso.com"},
		{"jo_contoso.com#EXT#@fabrikam.example", "userName", "jo_contoso.com#EXT#@fabrikam.example"},
		{"jo_contoso.com#EXT#@fabrikam.example", "originalUserPrincipalName", "jo_contoso.com#EXT#@fabrikam.example"},
		{"jo_ann_x.example#EXT#@fabrikam.example", "USERPRINCIPALNAME", "jo_ann@x.example"},
		{"jo#EXT#@fabrikam.example", "userPrincipalName", "jo#EXT#@fabrikam.example"},
		{"jo_b@x.example", "userPrincipalName", "jo_b@x.example"},
		{"jo", "createdDateTime", "2026-03-01T08:00:00.000Z"}, {"jo", "deletedDateTime", nil}, {"jo", "accountEnabled", true}, {"jo", "objectId", "1"},
	} {
		o := directory.Object{ID: "1", Type: directory.User, Created: made, Attributes: scim.Resource{"userName": test.userName}}
		if got, known := directory.Attribute(o, test.name); !known || got != test.want {
			t.Errorf("%s of %s: got %v, %v; want %v", test.name, test.userName, got, known, test.want)
		}
	}
	left := directory.Object{Type: directory.Group, Deleted: made}
	if got, _ := directory.Attribute(left, "deletedDateTime"); got != "2026-03-01T08:00:00.000Z" {
		t.Errorf("a group that is gone: %v", got)
	}
}
