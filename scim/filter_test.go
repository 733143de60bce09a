package scim

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/scim/filter"
)

const filteredUser = `{"id":"u1","externalId":"Ext-1","userName":"BJensen","displayName":"Éva","active":true,"title":"Buyer",
	"meta":{"resourceType":"User","created":"2026-01-01T10:00:00Z","lastModified":"2026-03-01T10:00:00+02:00","version":"W/\"3\""},
	"name":{"familyName":"Jensen"},"password":"x",
	"emails":[{"type":"work","value":"bj@work.example","primary":true},{"type":"home","value":"bj@home.example"}],
	"x509Certificates":[{"value":"AAEC"}],"addresses":[{"locality":"Oslo"}],"groups":[{"value":"g1"}],"profileUrl":"https://x.example/BJ",
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701","manager":{"value":"m1"}}}`

func TestFilterMatch(t *testing.T) {
	r := decodeTest(t, filteredUser)
	for _, tt := range []struct {
		in   string
		want bool
	}{
		{`userName eq "bjensen"`, true},
		{`USERNAME EQ "BJENSEN"`, true},
		{`userName eq "bjense"`, false},
		{`userName co "JENS"`, true},
		{`userName sw "bj"`, true},
		{`userName ew "SEN"`, true},
		{`userName ew "bj"`, false},
		{`userName gt "bjense"`, true},
		{`userName lt "bjensen"`, false},
		{`userName le "BJENSEN"`, true},
		{`displayName eq "e\u0301va"`, true},
		{`id eq "u1"`, true},
		{`id eq "U1"`, false},
		{`externalId eq "Ext-1"`, true},
		{`externalId eq "ext-1"`, false},
		{`profileUrl eq "https://x.example/bj"`, false},
		{`active eq true`, true},
		{`active eq "True"`, true},
		{`active ne "false"`, true},
		{`title pr`, true},
		{`nickName pr`, false},
		{`nickName eq null`, true},
		{`title eq null`, false},
		{`title ne null`, true},
		{`nickName eq "x"`, false},
		{`nickName ne "x"`, true},
		{`nickName lt "x"`, false},
		{`title eq ""`, false},
		{`name pr`, true},
		{`name.familyName sw "j"`, true},
		{`name.givenName pr`, false},
		{`emails pr`, true},
		{`ims pr`, false},
		{`ims ne "x"`, false},
		{`ims.value eq null`, true},
		{`emails co "home"`, true},
		{`emails.value ne "bj@work.example"`, true},
		{`not (emails.value eq "bj@work.example")`, false},
		{`emails.type eq "work" and emails.value co "home"`, true},
		{`emails[type eq "work" and value co "home"]`, false},
		{`emails[type eq "work"].value co "WORK"`, true},
		{`emails[type eq "work"].value co "home"`, false},
		{`emails[primary eq true]`, true},
		{`emails[primary eq null].type eq "home"`, true},
		{`emails[not (type eq "work")]`, true},
		{`emails[display ne "x"]`, true},
		{`x509Certificates.value eq "AAEC"`, true},
		{`x509Certificates eq "AAEC="`, true},
		{`addresses.locality eq "oslo"`, true},
		{`groups eq "g1"`, true},
		{`groups.value eq "g2"`, false},
		{`manager eq "m1"`, true},
		{`manager.value eq "m1"`, true},
		{`id eq "u1" and manager eq "m2"`, false},
		{`manager pr`, true},
		{URNEnterpriseUser + `:employeeNumber eq "701"`, true},
		{strings.ToUpper(URNEnterpriseUser) + `:manager.value eq "m1"`, true},
		{URNUser + `:userName eq "bjensen"`, true},
		{URNUser + `:name.familyName eq "jensen"`, true},
		{`schemas eq "` + URNEnterpriseUser + `"`, true},
		{`schemas eq "` + URNGroup + `"`, false},
		{`schemas[value co "enterprise"]`, true},
		{`meta.resourceType eq "User"`, true},
		{`meta.version eq "W/\"3\""`, true},
		{`meta.created eq "2026-01-01T11:00:00+01:00"`, true},
		{`meta.lastModified gt "2026-03-01T07:59:59.999Z"`, true},
		{`meta.lastModified ge "2026-03-01T08:00:00"`, true},
		{`meta.lastModified lt "2026-03-01T08:00:00Z"`, false},
		{`title eq "x" or userName pr and active eq false`, false},
		{`(title eq "x" or userName pr) and active eq true`, true},
		{`not (title eq "x" or nickName pr)`, true},
	} {
		f, err := user(t).ParseFilter(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := f.Match(r); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.in, got, tt.want)
		}
		again, err := user(t).ParseFilter(f.String())
		if err != nil || again.String() != f.String() || again.Match(r) != tt.want {
			t.Errorf("%s prints as %s, which does not read as the same filter (%v)", tt.in, f, err)
		}
	}
}

func TestFilterErrors(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{``, "empty"},
		{`userName eq`, "character 12"},
		{`colour eq "red"`, "no attribute"},
		{`email co "x"`, "did you mean emails.value?"},
		{`familyName eq "x"`, "did you mean name.familyName?"},
		{`name.nick pr`, "it has formatted, familyName"},
		{`name eq "x"`, "is complex"},
		{`addresses co "x"`, "is complex"},
		{`password eq "x"`, "never returned"},
		{`active gt true`, "use eq or ne"},
		{`active co "tr"`, "use eq or ne"},
		{`active eq 5`, "expected true or false"},
		{`active eq "yes"`, "expected true or false"},
		{`userName eq 5`, "expected a string"},
		{`userName eq true`, "expected a string"},
		{`userName gt null`, "eq and ne only"},
		{`meta.created gt "yesterday"`, "is a time"},
		{`meta.created co "2026"`, "is a time"},
		{`x509Certificates gt "AAEC"`, "use eq or ne"},
		{`x509Certificates eq "?"`, "expected a string of base64"},
		{`urn:example:User:x eq "y"`, "no schema"},
		{URNEnterpriseUser + ` pr`, "is a schema"},
		{URNEnterpriseUser + `:colour pr`, "no attribute"},
		{`userName[value eq "x"]`, "has no elements"},
		{`emails.value[type eq "x"]`, "has no elements"},
		{`emails[kind eq "x"]`, "no sub-attribute"},
		{`emails[a[b pr]]`, "brackets cannot stand inside brackets"},
	} {
		_, err := user(t).ParseFilter(tt.in)
		wantError(t, err, 400, InvalidFilter, tt.want)
	}
}

func TestFilterShapeAndUses(t *testing.T) {
	f, err := group(t).ParseFilter(`id eq "secret" and members eq "u1" or not (members[type eq "User"]) and externalId eq null`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Shape(), `id eq ? and members.value eq ? or not (members[type eq ?]) and not (externalId pr)`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !f.Uses("Members") || f.Uses("displayName") {
		t.Error("Uses must find members and not displayName")
	}
}

func TestRootFilter(t *testing.T) {
	u, g := decodeTest(t, filteredUser), Resource{"displayName": "Éva"}
	for _, tt := range []struct {
		in          string
		user, group bool
	}{
		{`displayName eq "éva"`, true, true},
		{`userName pr`, true, false},
		{`userName eq "bjensen" or displayName pr`, true, true},
		{`not (userName eq "x")`, true, true},
		{`userName eq null`, false, true},
		{`userName ne null`, true, false},
		{`userName ne "x"`, true, true},
		{`members pr`, false, false},
		{`emails[type eq "work"]`, true, false},
		{`meta.resourceType eq "User"`, true, false},
	} {
		filters, err := Core().ParseFilter(tt.in, filter.BodyLimits())
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := filters["User"].Match(u); got != tt.user {
			t.Errorf("%s: the user: got %v, want %v", tt.in, got, tt.user)
		}
		if got := filters["Group"].Match(g); got != tt.group {
			t.Errorf("%s: the group: got %v, want %v", tt.in, got, tt.group)
		}
	}
	_, err := Core().ParseFilter(`colour pr`, filter.Limits{})
	wantError(t, err, 400, InvalidFilter, "no resource type has")
	_, err = Core().ParseFilter(`meta.created co "x"`, filter.Limits{})
	wantError(t, err, 400, InvalidFilter, "is a time")
}

func BenchmarkFilter(b *testing.B) {
	rt, r := user(b), decodeTest(b, filteredUser)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := rt.ParseFilter(`userName eq "bjensen@example.com"`); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("match", func(b *testing.B) {
		f, err := rt.ParseFilter(`emails[type eq "work"].value co "home" or userName eq "bjensen"`)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if !f.Match(r) {
				b.Fatal("no match")
			}
		}
	})
}
