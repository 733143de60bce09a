package graphschema_test

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// A source says twice where a value comes from. Which half counts, what it becomes here, and what is remarked.
func TestSource(t *testing.T) {
	tests := []struct{ name, source, kind, value, remark string }{
		{"attribute", `{"type":"Attribute","name":"jobTitle","expression":"[jobTitle]","parameters":[]}`, "direct", "jobTitle", ""},
		{"constant", `{"type":"Constant","name":"1","expression":"\"1\"","parameters":[]}`, "constant", "1", ""},
		{"function", `{"type":"Function","name":"Not","expression":"Not([a])","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}}]}`, "expression", "Not([a])", ""},
		{"none", `null`, "none", "", ""},
		{"none, written out", `{"type":null,"name":null,"expression":null,"parameters":[]}`, "none", "", ""},
		{"no type", `{"expression":"[jobTitle]"}`, "direct", "jobTitle", ""},
		{"types in small letters", `{"type":"attribute","name":"jobTitle"}`, "direct", "jobTitle", ""},
		{"no expression", `{"type":"Function","name":"Not","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}}]}`, "expression", "Not([a])", ""},
		{"no parameters", `{"type":"Function","name":"Not","expression":"Not( [a] )","parameters":[]}`, "expression", "Not( [a] )", ""},
		{"an attribute in spite of its type", `{"type":"Function","name":"jobTitle","expression":" [jobTitle] "}`, "direct", "jobTitle", ""},
		{
			"another attribute", `{"type":"Attribute","name":"city","expression":"[jobTitle]"}`, "direct", "jobTitle",
			`type, name and parameters do not say the same as the expression "[jobTitle]": the expression counts`,
		},
		{
			"other parameters", `{"type":"Function","name":"Not","expression":"Not([b])","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}}]}`,
			"expression", "Not([b])", `the expression counts`,
		},
		{
			"empty slot at the end", `{"type":"Function","name":"ToLower","expression":"ToLower([a], )","parameters":[{"key":"source","value":{"type":"Attribute","name":"a"}}]}`,
			"expression", "ToLower([a], )", "",
		},
		{"parameters of a newer Entra", `{"type":"Function","name":"Not","expression":"Not([b])","parameters":[{"key":"new","value":{"type":"Attribute","name":"a"}}]}`, "expression", "Not([b])", ""},
		{"name without brackets", `{"type":"Attribute","name":"jobTitle","expression":"jobTitle"}`, "direct", "jobTitle", `the expression "jobTitle" is none: the name "jobTitle" counts`},
		{"text without quotes", `{"type":"Constant","name":"Sales, EU","expression":"Sales, EU"}`, "constant", "Sales, EU", `the name "Sales, EU" counts`},
		{"number", `{"type":"Constant","name":"5","expression":"5"}`, "constant", "5", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := strings.Replace(string(read(t, "small.json")), `{"type": "Attribute", "name": "jobTitle", "expression": "[jobTitle]"}`, test.source, 1)
			set, remarks, err := graphschema.Import([]byte(document), graphschema.Checks{})
			if err != nil {
				t.Fatal(err)
			}
			rows := set.Objects[0].Attributes
			row := rows[len(rows)-1]
			if row.Target != "title" || string(row.Kind) != test.kind || row.Value != test.value {
				t.Errorf("got %+v", row)
			}
			switch {
			case test.remark == "" && len(remarks) > 0:
				t.Errorf("got %+v: expected no remark", remarks)
			case test.remark != "" && (len(remarks) != 1 || !strings.Contains(remarks[0].Text, test.remark)):
				t.Errorf("got %+v\nwant %s", remarks, test.remark)
			}
			roundTrip(t, set)
		})
	}
}

// What matches twice, or cannot match, is put in order and remarked on.
func TestMatching(t *testing.T) {
	small := string(read(t, "small.json"))
	for _, test := range []struct{ name, old, replacement, want string }{
		{"twice", `"flowType": "Always"`, `"matchingPriority": 1`, "userName 1, active 0, title 2"},
		{"gaps stay", `"flowType": "Always"`, `"matchingPriority": 7`, "userName 1, active 0, title 7"},
		{"a constant", `{"type": "Attribute", "name": "jobTitle", "expression": "[jobTitle]"}, "flowType": "Always"`, `{"expression": "\"x\""}, "matchingPriority": 2`, "userName 1, active 0, title 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			set, remarks, err := graphschema.Import([]byte(strings.Replace(small, test.old, test.replacement, 1)), graphschema.Checks{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range set.Objects[0].Attributes {
				got = append(got, a.Target+" "+string(rune('0'+a.Matching)))
			}
			if text := strings.Join(got, ", "); text != test.want || (len(remarks) > 0) == (test.name == "gaps stay") {
				t.Errorf("got %s, %+v; want %s", text, remarks, test.want)
			}
			roundTrip(t, set)
		})
	}
}
