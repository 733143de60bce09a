package mapping_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func userMapping(scope string, rows ...mapping.AttributeMapping) mapping.Set {
	return mapping.Set{Objects: []mapping.ObjectMapping{{
		Name: "users", Source: "User", Target: "User", Enabled: true, Create: true, Scope: json.RawMessage(scope), Attributes: rows,
	}}}
}

func TestCompare(t *testing.T) {
	userName := mapping.AttributeMapping{Target: "userName", Kind: mapping.Direct, Value: "userPrincipalName", Matching: 1}
	complete := userName
	complete.Apply, complete.Type = mapping.Always, mapping.String
	title := mapping.AttributeMapping{Target: "title", Kind: mapping.Direct, Value: "jobTitle"}
	shout := title
	shout.Kind, shout.Value, shout.Required = mapping.Expression, "ToUpper([jobTitle])", true
	field := func(name string, from, to any) mapping.FieldDifference {
		return mapping.FieldDifference{Field: name, From: from, To: to}
	}
	grown := userMapping("", userName)
	grown.Objects[0].Definitions = []mapping.Definition{{Name: "nickName", Type: mapping.String}}
	grown.Objects[0].Delete = true
	for _, c := range []struct {
		name     string
		from, to mapping.Set
		want     []mapping.ObjectDifference
		summary  string
	}{
		{"order and words left out make no difference", userMapping("", userName, title), userMapping("", title, complete),
			nil, "nothing that a cycle would notice"},
		{"rows", userMapping("", userName, title), userMapping("", complete, shout), []mapping.ObjectDifference{{
			Rows: []mapping.RowDifference{{Target: "title", Change: "changed", Fields: []mapping.FieldDifference{
				field("kind", "direct", "expression"), field("required", nil, true), field("value", "jobTitle", "ToUpper([jobTitle])"),
			}}},
		}}, "User: 1 row changed"},
		{"added and removed", userMapping("", title), userMapping("", userName), []mapping.ObjectDifference{{
			Rows: []mapping.RowDifference{
				{Target: "userName", Change: "added", Fields: []mapping.FieldDifference{
					field("apply", nil, "always"), field("kind", nil, "direct"), field("matching", nil, 1.0), field("target", nil, "userName"),
					field("type", nil, "String"), field("value", nil, "userPrincipalName"),
				}},
				{Target: "title", Change: "removed", Fields: []mapping.FieldDifference{
					field("apply", "always", nil), field("kind", "direct", nil), field("target", "title", nil),
					field("type", "String", nil), field("value", "jobTitle", nil),
				}},
			},
		}}, "User: 1 row added, 1 removed"},
		{"filters", userMapping(`{"groups": []}`, userName), userMapping(`{"groups":[],"x":1}`, userName), []mapping.ObjectDifference{{
			Filters: &mapping.FieldDifference{Field: "scope", From: json.RawMessage(`{"groups":[]}`), To: json.RawMessage(`{"groups":[],"x":1}`)},
		}}, "User: filters"},
		{"white space of filters", userMapping(`{"groups": []}`, userName), userMapping(`{ "groups":[]}`, userName), nil, "nothing that a cycle would notice"},
		{"actions and definitions", userMapping("", userName), grown, []mapping.ObjectDifference{{
			Fields: []mapping.FieldDifference{field("delete", false, true)},
			Definitions: []mapping.RowDifference{{Target: "nickName", Change: "added", Fields: []mapping.FieldDifference{
				field("name", nil, "nickName"), field("type", nil, "String"),
			}}},
		}}, "User: 1 attribute of the target added, delete"},
	} {
		got := mapping.Compare(c.from, c.to)
		want := mapping.Difference{Objects: []mapping.ObjectDifference{}}
		for _, o := range c.want {
			o.Source, o.Change = "User", mapping.Changed
			for _, list := range []*[]mapping.RowDifference{&o.Rows, &o.Definitions} {
				if *list == nil {
					*list = []mapping.RowDifference{}
				}
			}
			if o.Fields == nil {
				o.Fields = []mapping.FieldDifference{}
			}
			want.Objects = append(want.Objects, o)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
		if got.Summary() != c.summary || got.Empty() != (c.want == nil) {
			t.Errorf("%s: %q, empty %v; want %q", c.name, got.Summary(), got.Empty(), c.summary)
		}
	}
}

func TestCompareObjectTypes(t *testing.T) {
	groups := mapping.Set{Objects: []mapping.ObjectMapping{{Source: "Group", Target: "Group"}}}
	d := mapping.Compare(userMapping(""), groups)
	if got := d.Summary(); got != "User: removed; Group: added" {
		t.Errorf("got %q", got)
	}
	for _, o := range d.Objects {
		if len(o.Fields) == 0 {
			t.Errorf("%s: no fields of what was %s", o.Source, o.Change)
		}
	}
}
