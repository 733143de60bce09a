package scim

import (
	"slices"
	"strings"
	"testing"
)

const projectedUser = `{"id":"1","externalId":"e","meta":{"resourceType":"User","version":"1"},"userName":"a","password":"x","title":"t",
	"name":{"familyName":"f","givenName":"g"},"emails":[{"value":"v","type":"work"},{"type":"home"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d","manager":{"value":"m","displayName":"M"}}}`

func TestProject(t *testing.T) {
	const ent = URNEnterpriseUser
	all := "emails[type value] externalId id meta[resourceType version] name[familyName givenName] schemas title " +
		ent + "[department manager[displayName value]] userName"
	without := func(drop ...string) string {
		words := all
		for _, d := range drop {
			words = strings.Replace(words, d+" ", "", 1)
		}
		return words
	}
	for _, tt := range []struct{ name, attributes, excluded, want string }{
		{"default", "", "", all},
		{"blank is absent", " , ", "", all},
		{"one", "userName", "", "id schemas userName"},
		{"any case, blanks", " USERNAME , Title", "", "id schemas title userName"},
		{"complex", "name", "", "id name[familyName givenName] schemas"},
		{"sub-attribute", "name.givenName", "", "id name[givenName] schemas"},
		{"sub and whole", "name.givenName,name", "", "id name[familyName givenName] schemas"},
		{"sub of list", "emails.value", "", "emails[value] id schemas"},
		{"meta", "meta.version", "", "id meta[version] schemas"},
		{"never", "password,userName", "", "id schemas userName"},
		{"unknown only", "colour", "", "id schemas"},
		{"with URN", URNUser + ":name.familyName", "", "id name[familyName] schemas"},
		{"extension", ent, "", "id schemas " + ent + "[department manager[displayName value]]"},
		{"extension attribute", strings.ToLower(ent) + ":department", "", "id schemas " + ent + "[department]"},
		{"extension sub-attribute", ent + ":manager.value", "", "id schemas " + ent + "[manager[value]]"},
		{"own schema", URNUser, "", "emails[type value] id name[familyName givenName] schemas title userName"},
		{"exclude", "", "emails,title", without("emails[type value]", "title")},
		{"exclude always", "", "id,schemas", all},
		{"exclude sub-attribute", "", "name.givenName", strings.Replace(all, " givenName", "", 1)},
		{"exclude extension", "", ent, strings.Replace(all, ent+"[department manager[displayName value]] ", "", 1)},
		{"exclude unknown", "", "colour", all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParseProjection([]string{tt.attributes}, []string{tt.excluded})
			if err != nil {
				t.Fatal(err)
			}
			r := decodeTest(t, projectedUser)
			before := string(Encode(r))
			out := user(t).Project(r, p)
			if got := outline(map[string]any(out)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			_, hasExtension := out[ent]
			if listed := slices.Contains(out["schemas"].([]any), any(ent)); listed != hasExtension {
				t.Errorf("schemas %v, but the extension is there: %v", out["schemas"], hasExtension)
			}
			if string(Encode(r)) != before {
				t.Error("Project modified its input")
			}
		})
	}
}

// outline prints the names of an object, those of objects inside in brackets, and of a list those of its elements together.
func outline(m map[string]any) string {
	var words []string
	for _, k := range sortedKeys(m) {
		inner, _ := asMap(m[k])
		if list, ok := m[k].([]any); ok && k != "schemas" {
			inner = map[string]any{}
			for _, e := range list {
				for name, v := range e.(map[string]any) {
					inner[name] = v
				}
			}
		}
		if inner != nil {
			k += "[" + outline(inner) + "]"
		}
		words = append(words, k)
	}
	return strings.Join(words, " ")
}

func TestProjectReturned(t *testing.T) {
	rt := gadget(t)
	for _, tt := range []struct{ attributes, excluded, want string }{
		{"", "", "label origin[country seal] schemas urn:example:gadget:ext[owner]"},
		{"note", "", "label note origin[seal] schemas"},
		{"origin.country", "", "label origin[country seal] schemas"},
		{"", "label,origin", "label origin[seal] schemas urn:example:gadget:ext[owner]"},
		{"pin,urn:example:gadget:ext:secret", "", "label origin[seal] schemas"},
	} {
		p, err := ParseProjection([]string{tt.attributes}, []string{tt.excluded})
		if err != nil {
			t.Fatal(err)
		}
		r := decodeTest(t, `{"label":"l","note":"n","pin":"p","origin":{"country":"NO","seal":"s"},"urn:example:gadget:ext":{"owner":"o","secret":"s"}}`)
		if got := outline(map[string]any(rt.Project(r, p))); got != tt.want {
			t.Errorf("attributes %q, excluded %q: got %s, want %s", tt.attributes, tt.excluded, got, tt.want)
		}
	}
	members := decodeTest(t, `{"displayName":"g","members":[{"value":"a","display":"A"},{"value":"b"}]}`)
	for attributes, want := range map[string]string{
		"":                "displayName members[value] schemas",
		"members":         "members[value] schemas",
		"members.display": "members[display] schemas",
	} {
		p, err := ParseProjection([]string{attributes}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := outline(map[string]any(group(t).Project(members, p))); got != want {
			t.Errorf("attributes %q: got %s, want %s", attributes, got, want)
		}
	}
}

func TestProjectionErrors(t *testing.T) {
	_, err := ParseProjection([]string{"a"}, []string{"b"})
	wantError(t, err, 400, InvalidValue, "exclude each other")
	_, err = ParseProjection([]string{strings.Repeat("a,", maxProjected+1)}, nil)
	wantError(t, err, 400, InvalidValue, "at most 500")
}

func TestWants(t *testing.T) {
	for _, tt := range []struct {
		attributes, excluded string
		want                 bool
	}{
		{"", "", true},
		{"id", "", false},
		{"Members", "", true},
		{"members.value", "", true},
		{URNGroup + ":members", "", true},
		{URNGroup, "", true},
		{"", "MEMBERS", false},
		{"", URNGroup + ":members", false},
		{"", "members.display", true},
		{"", "displayName", true},
	} {
		p, err := ParseProjection([]string{tt.attributes}, []string{tt.excluded})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Wants("members"); got != tt.want {
			t.Errorf("attributes %q, excluded %q: got %v, want %v", tt.attributes, tt.excluded, got, tt.want)
		}
	}
}
