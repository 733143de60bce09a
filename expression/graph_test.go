package expression_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

func parse(t *testing.T, text string) *expression.Node {
	t.Helper()
	n, err := expression.Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return n
}

// The example of spec/entra-provisioning.md 3.8, as Graph writes it.
func TestGraphSource(t *testing.T) {
	got, err := json.Marshal(parse(t, `Join(" ",[givenName],  [surname])`).Graph())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"expression":"Join(\" \", [givenName], [surname])","name":"Join","type":"Function","parameters":[` +
		`{"key":"separator","value":{"expression":"\" \"","name":" ","type":"Constant","parameters":[]}},` +
		`{"key":"source","value":{"expression":"[givenName]","name":"givenName","type":"Attribute","parameters":[]}},` +
		`{"key":"source","value":{"expression":"[surname]","name":"surname","type":"Attribute","parameters":[]}}]}`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Without the texts, the parameters alone must say everything.
func TestGraphRoundTrip(t *testing.T) {
	texts := []string{
		`[givenName]`, `"1"`, `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, `Switch([a], , "x", , "y", "z")`, `Guid()`,
		`Replace([telephoneNumber], , "\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})", "phoneNumber", , [mobile])`,
		`Coalesce([mail], [userPrincipalName], "none")`, `SelectUniqueValue([a], [b], "c")`, `IIF([country] = "USA", "a" & [b], )`,
		`InStr([a], "x", 3, vbTextCompare)`, `BitAnd(15, 247)`, `Join("", 1000, [a])`, `Left("", 1)`, `[emails[type eq "work"].value]`,
	}
	for _, text := range texts {
		root := parse(t, text)
		source := root.Graph()
		full, err := source.Text()
		if err != nil || full != root.String() {
			t.Errorf("%s: got %s, %v", text, full, err)
		}
		withoutCalls(&source)
		tree, err := source.Tree()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		// An empty slot at the end is the same as none.
		if got, want := strings.ReplaceAll(tree.String(), ", )", ")"), strings.ReplaceAll(root.String(), ", )", ")"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// withoutCalls takes the texts of functions and attributes away.
func withoutCalls(g *expression.GraphSource) {
	if g.Type != "Constant" {
		g.Expression = ""
	}
	for i := range g.Parameters {
		withoutCalls(&g.Parameters[i].Value)
	}
}

func TestGraphSourceFromOthers(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"the expression counts", `{"type":"Function","name":"Trim","expression":"Not([b])","parameters":[]}`, `Not([b])`},
		{"constant without quotes", `{"type":"Constant","name":"Sales team","expression":"Sales team"}`, `"Sales team"`},
		{"constant of one word", `{"type":"Constant","name":"Sales","expression":"Sales"}`, `"Sales"`},
		{"constant without a name", `{"type":"Constant","expression":"Sales team"}`, `"Sales team"`},
		{"attribute by name", `{"type":"Attribute","name":"mail"}`, `[mail]`},
		{"broken text, good parameters", `{"type":"Function","name":"Not","expression":"Not(","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}}]}`, `Not([a])`},
		{"keys in any order", `{"type":"Function","name":"Append","parameters":[{"key":"suffix","value":{"type":"Constant","name":"x"}},{"key":"Source","value":{"type":"Attribute","name":"a"}}]}`, `Append([a], "x")`},
		{"unknown functions keep their order", `{"type":"Function","name":"New","parameters":[{"key":"b","value":{"type":"Constant","name":"x"}},{"key":"a","value":{"type":"Attribute","name":"a"}}]}`, `New("x", [a])`},
		{"broken text", `{"type":"Function","name":"Not","expression":"Not("}`, `error: character 5`},
		{"nothing", `{}`, `error: the type of the source is "": expected Attribute, Constant or Function`},
		{"no name", `{"type":"Attribute"}`, `error: an attribute without a name`},
		{"empty constant", `{"type":"Constant"}`, `error: the expression is empty`},
		{"unknown key", `{"type":"Function","name":"Not","parameters":[{"key":"what","value":{"type":"Attribute","name":"a"}}]}`, `error: Not has no parameter "what"`},
		{"key twice", `{"type":"Function","name":"Not","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}},{"key":"source","value":{"type":"Attribute","name":"b"}}]}`, `error: Not has the parameter "source" where it is not expected`},
		{"pairs out of order", `{"type":"Function","name":"Switch","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}},{"key":"value","value":{"type":"Constant","name":"b"}},{"key":"key","value":{"type":"Constant","name":"c"}}]}`, `error: Switch has the parameter "value" where it is not expected`},
		{"smuggled text", `{"type":"Function","name":"Trim([x]) & Trim","parameters":[{"key":"a","value":{"type":"Attribute","name":"a"}}]}`, `error: its parts cannot be written`},
		{"operator in operator", `{"type":"Function","name":"=","parameters":[{"key":"left","value":{"type":"Attribute","name":"a"}},{"key":"right","value":{"type":"Function","name":"=","parameters":[{"key":"left","value":{"type":"Attribute","name":"a"}},{"key":"right","value":{"type":"Attribute","name":"a"}}]}}]}`, `error: do not chain`},
		{"operator with one side", `{"type":"Function","name":"=","parameters":[{"key":"left","value":{"type":"Attribute","name":"a"}}]}`, `error: the operator = has 1 parameters`},
		{"deep", strings.Repeat(`{"type":"Function","name":"F","parameters":[{"key":"a","value":`, 40) + `{}` + strings.Repeat(`}]}`, 40), `error: nested more than 32 deep`},
		{"long", `{"type":"Constant","name":"` + strings.Repeat("x", 10_000) + `"}`, `error: at most 10000 are allowed`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var source expression.GraphSource
			if err := json.Unmarshal([]byte(test.source), &source); err != nil {
				t.Fatal(err)
			}
			got, err := source.Text()
			if wanted, fails := strings.CutPrefix(test.want, "error: "); fails {
				if err == nil || !strings.Contains(err.Error(), wanted) {
					t.Errorf("got %q, %v; want the error %q", got, err, wanted)
				}
			} else if err != nil || got != test.want {
				t.Errorf("got %q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestPrint(t *testing.T) {
	for text, want := range map[string]string{
		"Switch( [a],,\"k\"\n,\"v\")":             `Switch([a], , "k", "v")`,
		`Replace([a], "-", , , "_", , )`:          `Replace([a], "-", , , "_", , )`,
		`Replace([a],"-",,,"_",,)`:                `Replace([a], "-", , , "_", , )`,
		`[ country ]="a\\b\"c"`:                   `[country] = "a\\b\"c"`,
		`"a"&[b] &-1& &HfF`:                       `"a" & [b] & -1 & 255`,
		`IIF([a]&"b"<>[c]&1,Guid( ),)`:            `IIF([a] & "b" <> [c] & 1, Guid(), )`,
		`InStr([a],"b",1,vbTextCompare)`:          `InStr([a], "b", 1, vbTextCompare)`,
		`Trim([emails[type eq "work"].value])`:    `Trim([emails[type eq "work"].value])`,
		`Unknown(-9223372036854775807, [é], "é")`: `Unknown(-9223372036854775807, [é], "é")`,
	} {
		root := parse(t, text)
		got := root.String()
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
		if again := parse(t, got); !again.Equal(root) || again.String() != got {
			t.Errorf("%s: the print reads back as %s", text, again)
		}
	}
	for _, pair := range [][2]string{{`"1"`, `1`}, {`[a]`, `[b]`}, {`F([a])`, `F([a], )`}, {`F([a])`, `F([b])`}, {`F()`, `G()`}, {`[a] = 1`, `[a] < 1`}} {
		if parse(t, pair[0]).Equal(parse(t, pair[1])) {
			t.Errorf("%s equals %s", pair[0], pair[1])
		}
	}
}
