package scim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const patchedUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"kim","title":"Buyer",
	"name":{"givenName":"Kim","familyName":"Lee"},
	"emails":[{"type":"work","value":"w@x.example","primary":true},{"type":"home","value":"h@x.example"},{"type":"other","value":"o@x.example"}]}`

const ent = URNEnterpriseUser

// patchCase patches `stored` (patchedUser when empty) with Operations and looks at one path, or expects an error.
type patchCase struct {
	name, stored, ops string
	path, want        string // the value at path as JSON; "" is no value
	changed           string // changed paths joined by blanks; "-" is not checked
	err               string // scimType
}

func TestPatchUser(t *testing.T) {
	const add, rep, rem = `{"op":"add",`, `{"op":"replace",`, `{"op":"remove",`
	for _, tt := range []patchCase{
		// no path
		{"add without path appends and merges", "", add + `"value":{"emails":[{"value":"n@x.example"}],"name":{"middleName":"J"}}}`, "emails",
			`[{"primary":true,"type":"work","value":"w@x.example"},{"type":"home","value":"h@x.example"},{"type":"other","value":"o@x.example"},` +
				`{"value":"n@x.example"}]`, "emails name", ""},
		{"replace without path leaves the rest", "", rep + `"value":{"title":"Boss"}}`, "userName", `"kim"`, "title", ""},
		{"remove without path", "", rem + `"value":{"title":"x"}}`, "", "", "", NoTarget},
		{"path of the own schema", "", rep + `"path":"` + URNUser + `","value":{"title":"Boss"}}`, "title", `"Boss"`, "title", ""},
		{"own schema in a path", "", rep + `"path":"` + strings.ToLower(URNUser) + `:TITLE","value":"Boss"}`, "title", `"Boss"`, "title", ""},
		{"value is not an object", "", rep + `"value":"x"}`, "", "", "", InvalidValue},
		{"unknown key is ignored", "", rep + `"value":{"colour":"red"}}`, "title", `"Buyer"`, "", ""},
		{"read-only keys are ignored", "", rep + `"value":{"id":"2","meta":{},"groups":[{"value":"g"}],"schemas":[]}}`, "id", `"1"`, "", ""},
		{"broken filter in a key", "", rep + `"value":{"emails[type eq].value":"x"}}`, "", "", "", InvalidFilter},
		// single simple
		{"add sets", "", add + `"path":"title","value":"Boss"}`, "title", `"Boss"`, "title", ""},
		{"equal value is no change", "", add + `"path":"title","value":"Buyer"}`, "title", `"Buyer"`, "", ""},
		{"remove", "", rem + `"path":"title"}`, "title", "", "title", ""},
		{"remove a boolean", `{"userName":"kim","active":false}`, rem + `"path":"active"}`, "active", "", "active", ""},
		{"remove what is not there", "", rem + `"path":"nickName"}`, "nickName", "", "", ""},
		{"remove required", "", rem + `"path":"userName"}`, "", "", "", Mutability},
		{"replace required by nothing", "", rep + `"path":"userName","value":""}`, "", "", "", InvalidValue},
		{"replace required by null", "", rep + `"path":"userName","value":null}`, "", "", "", InvalidValue},
		{"replace by null", "", rep + `"path":"title","value":null}`, "title", "", "title", ""},
		{"wrong type", "", rep + `"path":"title","value":5}`, "", "", "", InvalidValue},
		{"wrong type, boolean", "", rep + `"path":"active","value":"yes"}`, "", "", "", InvalidValue},
		{"boolean text", "", rep + `"path":"active","value":"FALSE"}`, "active", `false`, "active", ""},
		{"no value", "", rep + `"path":"title"}`, "", "", "", InvalidValue},
		{"read-only", "", rep + `"path":"id","value":"2"}`, "", "", "", Mutability},
		{"read-only list", "", add + `"path":"groups","value":[{"value":"g"}]}`, "", "", "", Mutability},
		{"read-only meta", "", rep + `"path":"meta.version","value":"2"}`, "", "", "", Mutability},
		{"schemas are computed", "", rep + `"path":"schemas","value":["x"]}`, "schemas", `["` + URNUser + `"]`, "", ""},
		{"unknown path", "", rep + `"path":"colour","value":"red"}`, "", "", "", InvalidPath},
		{"unknown sub-attribute", "", rep + `"path":"name.nick","value":"red"}`, "", "", "", InvalidPath},
		{"unknown URN", "", rep + `"path":"urn:example:2.0:User:x","value":"red"}`, "", "", "", InvalidPath},
		{"broken path", "", rep + `"path":"emails[type eq \"work\"]x","value":"red"}`, "", "", "", InvalidPath},
		{"broken filter", "", rep + `"path":"emails[type is \"work\"]","value":"red"}`, "", "", "", InvalidFilter},
		{"unknown in filter", "", rep + `"path":"emails[kind eq \"work\"].value","value":"red"}`, "", "", "", InvalidFilter},
		{"brackets on a single value", "", rep + `"path":"name[givenName eq \"Kim\"]","value":{}}`, "", "", "", InvalidPath},
		// single complex
		{"replace complex merges", "", rep + `"path":"name","value":{"givenName":"Kimberly"}}`, "name", `{"familyName":"Lee","givenName":"Kimberly"}`, "name", ""},
		{"null sub-attribute unassigns", "", rep + `"path":"name","value":{"givenName":null}}`, "name", `{"familyName":"Lee"}`, "name", ""},
		{"all sub-attributes null", "", rep + `"path":"name","value":{"givenName":null,"familyName":""}}`, "name", "", "name", ""},
		{"empty object unassigns", "", rep + `"path":"name","value":{}}`, "name", "", "name", ""},
		{"remove complex", "", rem + `"path":"name"}`, "name", "", "name", ""},
		{"remove sub-attribute", "", rem + `"path":"name.givenName"}`, "name", `{"familyName":"Lee"}`, "name", ""},
		{"parent goes with its last", "", rem + `"path":"name.givenName"},` + rem + `"path":"name.familyName"}`, "name", "", "name", ""},
		{"parent comes with its first", `{"userName":"kim"}`, add + `"path":"name.givenName","value":"K"}`, "name", `{"givenName":"K"}`, "name", ""},
		// multi-valued
		{"add equal element", "", add + `"path":"emails","value":[{"type":"home","value":"H@X.example"}]}`, "emails[type eq \"home\"].value", `"h@x.example"`, "", ""},
		{"add bare strings", "", add + `"path":"emails","value":["s@x.example"]}`, "emails[value sw \"s@\"]", `{"value":"s@x.example"}`, "emails", ""},
		{"add primary flips", "", add + `"path":"emails","value":{"value":"p@x.example","primary":true}}`, "emails[type eq \"work\"].primary", `false`, "emails", ""},
		{"add makes an equal element primary", "", add + `"path":"emails","value":{"type":"home","value":"h@x.example","primary":true}}`,
			"emails[primary eq true].type", `"home"`, "emails", ""},
		{"two primaries in one value", "", add + `"path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":"True"}]}`, "", "", "", InvalidValue},
		{"replace list", "", rep + `"path":"emails","value":[{"value":"a"}]}`, "emails", `[{"value":"a"}]`, "emails", ""},
		{"replace list by nothing", "", rep + `"path":"emails","value":[]}`, "emails", "", "emails", ""},
		{"add nothing", "", add + `"path":"emails","value":[]}`, "emails[type eq \"work\"].value", `"w@x.example"`, "", ""},
		{"remove list", "", rem + `"path":"emails"}`, "emails", "", "emails", ""},
		{"remove by value", "", rem + `"path":"emails","value":[{"value":"H@x.example"}]}`, "emails[type eq \"home\"]", "", "emails", ""},
		{"remove by other sub-attributes", "", rem + `"path":"emails","value":{"type":"home"}}`, "emails[type eq \"home\"]", "", "emails", ""},
		{"remove nothing", "", rem + `"path":"emails","value":[]}`, "emails[type eq \"home\"].value", `"h@x.example"`, "", ""},
		{"remove something else", "", rem + `"path":"emails","value":[{"value":"z"},{}]}`, "emails[type eq \"home\"].value", `"h@x.example"`, "", ""},
		// multi[filter]
		{"add merges into matches", "", add + `"path":"emails[type eq \"home\"]","value":{"display":"H"}}`, "emails[type eq \"home\"]",
			`{"display":"H","type":"home","value":"h@x.example"}`, "emails", ""},
		{"add makes an element", "", add + `"path":"emails[type eq \"fax\"]","value":{"value":"f"}}`, "emails[type eq \"fax\"]", `{"type":"fax","value":"f"}`, "emails", ""},
		{"add cannot satisfy the filter", "", add + `"path":"emails[type eq \"fax\"]","value":{"type":"pager","value":"f"}}`, "", "", "", NoTarget},
		{"replace puts the value in place", "", rep + `"path":"emails[type eq \"work\"]","value":{"value":"n"}}`, "emails[value eq \"n\"]",
			`{"type":"work","value":"n"}`, "emails", ""},
		{"replace finds nothing", "", rep + `"path":"emails[type eq \"fax\"]","value":{"value":"f"}}`, "", "", "", NoTarget},
		{"replace with null removes", "", rep + `"path":"emails[type eq \"work\"]","value":null}`, "emails[type eq \"work\"]", "", "emails", ""},
		{"remove matches", "", rem + `"path":"emails[type eq \"work\" or type eq \"home\"]"}`, "emails", `[{"type":"other","value":"o@x.example"}]`, "emails", ""},
		{"remove finds nothing", "", rem + `"path":"emails[type eq \"fax\"]"}`, "emails[type eq \"home\"].value", `"h@x.example"`, "", ""},
		// multi[filter].sub
		{"set on every match", "", rep + `"path":"emails[type ne \"work\"].display","value":"D"}`, "emails[type eq \"other\"].display", `"D"`, "emails", ""},
		{"add creates", "", add + `"path":"emails[type eq \"fax\" and display eq \"F\"].value","value":"f"}`, "emails[type eq \"fax\"]",
			`{"display":"F","type":"fax","value":"f"}`, "emails", ""},
		{"add cannot derive", "", add + `"path":"emails[type sw \"f\"].value","value":"f"}`, "", "", "", NoTarget},
		{"replace has no target", "", rep + `"path":"emails[type eq \"fax\"].value","value":"f"}`, "", "", "", NoTarget},
		{"replace by nothing drops the element", "", rep + `"path":"emails[type eq \"home\"].value","value":""}`, "emails[type eq \"home\"]", "", "emails", ""},
		{"replace by nothing where nothing is", "", rep + `"path":"emails[type eq \"fax\"].value","value":""}`, "emails[type eq \"fax\"]", "", "", ""},
		{"remove sub-attribute drops the element", "", rem + `"path":"emails[type eq \"work\"].value"}`, "emails[type eq \"work\"]", "", "emails", ""},
		{"primary by path flips", "", rep + `"path":"emails[type eq \"home\"].primary","value":"True"}`, "emails[type eq \"work\"].primary", `false`, "emails", ""},
		{"several made primary", "", rep + `"path":"emails[type pr].primary","value":true}`, "", "", "", InvalidValue},
		// multi.sub
		{"sub of several", "", rep + `"path":"emails.value","value":"x"}`, "", "", "", InvalidPath},
		{"sub of one", `{"userName":"kim","emails":[{"type":"work","value":"a"}]}`, rep + `"path":"emails.value","value":"x"}`, "emails",
			`[{"type":"work","value":"x"}]`, "emails", ""},
		{"sub of none", `{"userName":"kim"}`, add + `"path":"emails.value","value":"x"}`, "emails", `[{"value":"x"}]`, "emails", ""},
		{"remove sub of all", "", rem + `"path":"emails.primary"}`, "emails.primary", "", "emails", ""},
		// extension
		{"extension object", "", add + `"path":"` + ent + `","value":{"department":"D","manager":"m"}}`, ent, `{"department":"D","manager":{"value":"m"}}`,
			ent + ":department " + ent + ":manager", ""},
		{"extension attribute adds the URN", "", add + `"path":"` + ent + `:department","value":"D"}`, "schemas", `["` + URNUser + `","` + ent + `"]`, "-", ""},
		{"extension sub-attribute", "", add + `"path":"` + ent + `:manager.value","value":"m"}`, ent + ":manager", `{"value":"m"}`, "-", ""},
		{"remove extension", `{"userName":"kim","` + ent + `":{"department":"D","costCenter":"1"}}`, rem + `"path":"` + ent + `"}`, ent, "",
			ent + ":costCenter " + ent + ":department", ""},
		{"last attribute takes the URN along", `{"userName":"kim","` + ent + `":{"department":"D"}}`, rem + `"path":"` + ent + `:department"}`, "schemas",
			`["` + URNUser + `"]`, "-", ""},
		{"read-only in extension", "", rep + `"path":"` + ent + `:manager.displayName","value":"x"}`, "", "", "", Mutability},
		{"read-only manager name is ignored", `{"userName":"kim","` + ent + `":{"manager":{"value":"m"}}}`, add + `"path":"` + ent + `:manager","value":{"displayName":"x"}}`,
			ent + ":manager", `{"value":"m"}`, "", ""},
		// several operations
		{"in order", "", rep + `"path":"title","value":"A"},` + rep + `"path":"title","value":"B"}`, "title", `"B"`, "title", ""},
		{"there and back", "", rep + `"path":"title","value":"A"},` + rep + `"path":"title","value":"Buyer"}`, "title", `"Buyer"`, "", ""},
		{"second fails", "", rep + `"path":"title","value":"A"},` + rem + `"path":"userName"}`, "", "", "", Mutability},
	} {
		t.Run(tt.name, func(t *testing.T) { runPatch(t, user(t), tt) })
	}
}

func runPatch(t *testing.T, rt *ResourceType, tt patchCase) {
	t.Helper()
	if tt.stored == "" {
		tt.stored = patchedUser
	}
	stored := decodeTest(t, tt.stored)
	p, err := rt.DecodePatch(fmt.Appendf(nil, `{"schemas":["%s"],"Operations":[%s]}`, URNPatchOp, tt.ops), DecodeOptions{})
	var out Resource
	var changed []string
	if err == nil {
		out, changed, err = applyTwice(t, rt, p, stored)
	}
	if tt.err != "" {
		wantError(t, err, 400, tt.err, "")
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(changed, " "); tt.changed != "-" && got != tt.changed {
		t.Errorf("changed: got %q, want %q", got, tt.changed)
	}
	path, err := rt.ParsePath(tt.path)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	if v, ok := Lookup(out, path); ok {
		got = string(AppendJSON(nil, v))
	}
	if got != tt.want {
		t.Errorf("%s: got %s, want %s\nin %s", tt.path, got, tt.want, Encode(out))
	}
}

func TestPatchGroup(t *testing.T) {
	const stored = `{"displayName":"G","members":[{"value":"a","type":"User"},{"value":"b","type":"User"}]}`
	for _, tt := range []patchCase{
		{"immutable sub-attribute", stored, `{"op":"replace","path":"members[value eq \"a\"].value","value":"c"}`, "", "", "", Mutability},
		{"equal immutable", stored, `{"op":"replace","path":"members[value eq \"a\"].type","value":"User"}`, "members[value eq \"a\"].type", `"User"`, "", ""},
		{"remove immutable", stored, `{"op":"remove","path":"members[value eq \"a\"].type"}`, "", "", "", Mutability},
		{"read-only display", stored, `{"op":"replace","path":"members[value eq \"a\"].display","value":"A"}`, "", "", "", Mutability},
		{"whole element in place", stored, `{"op":"replace","path":"members[value eq \"a\"]","value":{"value":"c"}}`, "", "", "", Mutability},
		{"add with filter", stored, `{"op":"add","path":"members[value eq \"c\"]","value":{"type":"User"}}`, "members[value eq \"c\"]", `{"type":"User","value":"c"}`, "members", ""},
		{"letter case of ids matters", stored, `{"op":"remove","path":"members","value":[{"value":"A"}]}`, "members[value eq \"a\"].type", `"User"`, "", ""},
		{"only read-only in the list", stored, `{"op":"replace","path":"members","value":[{"display":"x"}]}`, "members[value eq \"a\"].type", `"User"`, "", ""},
		{"remove all", stored, `{"op":"remove","path":"members"}`, "members", "", "members", ""},
		{"same members in another order", stored, `{"op":"replace","path":"members","value":[{"value":"b","type":"User"},{"value":"a","type":"User"}]}`,
			"displayName", `"G"`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) { runPatch(t, group(t), tt) })
	}
}

func TestDecodePatchRefuses(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"op":"add","path":"title","value":"x"},`, MaxOperations+1), ",")
	for _, tt := range []struct{ name, body, scimType, want string }{
		{"not JSON", `[`, InvalidSyntax, "cut off"},
		{"not an object", `[]`, InvalidSyntax, "expected a JSON object"},
		{"no operations", `{}`, InvalidSyntax, "Operations is missing"},
		{"empty operations", `{"Operations":[]}`, InvalidSyntax, "Operations is empty"},
		{"operations twice", `{"Operations":[{"op":"add"}],"operations":[]}`, InvalidSyntax, "twice"},
		{"another message", `{"schemas":["` + URNBulkRequest + `"],"Operations":[{"op":"add"}]}`, InvalidSyntax, "another message"},
		{"schemas of a wrong type", `{"schemas":5,"Operations":[{"op":"add"}]}`, InvalidSyntax, "expected an array"},
		{"operation of a wrong type", `{"Operations":["add"]}`, InvalidSyntax, "expected an object"},
		{"no op", `{"Operations":[{"path":"title"}]}`, InvalidSyntax, "no op"},
		{"unknown op", `{"Operations":[{"op":"move","path":"title","value":"x"}]}`, InvalidSyntax, `"move"`},
		{"path of a wrong type", `{"Operations":[{"op":"add","path":["title"],"value":"x"}]}`, InvalidPath, "an array"},
		{"remove without path", `{"Operations":[{"op":"remove"}]}`, NoTarget, "no path"},
		{"which operation", `{"Operations":[{"op":"add","path":"title","value":"x"},{"op":"add","path":"x","value":"x"}]}`, InvalidPath, "operation 2 of 2"},
		{"too many", `{"Operations":[` + many + `]}`, InvalidValue, "at most 1000"},
		{"list of two for a single value", `{"Operations":[{"op":"add","path":"name","value":[{},{}]}]}`, InvalidValue, "expected an object"},
		{"key twice in different case", `{"Operations":[{"op":"add","value":{"title":"a","Title":"b"}}]}`, InvalidSyntax, "twice"},
		{"object twice in different case", `{"Operations":[{"op":"add","path":"name","value":{"givenName":"a","GivenName":"b"}}]}`, InvalidSyntax, "twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := user(t).DecodePatch([]byte(tt.body), DecodeOptions{})
			wantError(t, err, 400, tt.scimType, tt.want)
		})
	}
}

func TestPatchKeepsWhatWasWrongBefore(t *testing.T) {
	stored := Resource{"emails": []any{map[string]any{"value": "a", "primary": true}, map[string]any{"value": "b", "primary": true}}}
	p, err := user(t).DecodePatch([]byte(`{"Operations":[{"op":"add","path":"title","value":"x"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, changed, err := p.Apply(user(t), stored)
	if err != nil || cmp.Diff([]string{"title"}, changed) != "" {
		t.Errorf("got %v, %v: a resource without userName and with two primaries must still take other changes", changed, err)
	}
}

func TestPatchNames(t *testing.T) {
	p, err := user(t).DecodePatch([]byte(`{"Operations":[{"op":"add","path":"emails[type eq \"work\"].value","value":"secret"},
		{"op":"add","value":{"title":"x","emails":[]}},{"op":"remove","path":"title"}]}`), DecodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"emails.value", "title"}, p.Names()); diff != "" {
		t.Error(diff)
	}
}

func TestPatchWorkIsBounded(t *testing.T) {
	many := `{"userName":"kim","emails":[{"value":"v"}` + strings.Repeat(`,{"value":"v"}`, 1999) + `]}`
	op := `{"op":"remove","path":"emails[value eq \"a\" or value eq \"b\" or not (value sw \"v\" or value pr)]"}`
	for count, err := range map[int]string{250: "", 251: TooMany} { // of 4 × 2,000 comparisons
		runPatch(t, user(t), patchCase{stored: many, ops: op + strings.Repeat(","+op, count-1), path: "title", changed: "-", err: err})
	}
}
