package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestDiscovered(t *testing.T) {
	type def = mapping.Definition
	tests := []struct {
		name        string
		listed, say def    // what the list says of the attribute, and the target
		want        def    // afterwards
		difference  string // shown; empty: no change
		remark      string // part of it
	}{
		{name: "new", say: def{Name: "nickName", Type: mapping.String, Doc: "n"}, want: def{Name: "nickName", Type: mapping.String, Doc: "n"}},
		{name: "the same", listed: def{Name: "nickName", Type: mapping.String}, say: def{Name: "NICKNAME", Type: mapping.String, Doc: "n"}, want: def{Name: "nickName", Type: mapping.String, Doc: "n"}},
		{name: "flags on", listed: def{Name: "nickName", Type: mapping.String, Doc: "old"}, say: def{Name: "nickName", Type: mapping.Boolean, MultiValued: true, CaseExact: true, Required: true, ReadOnly: true, Doc: "new"},
			want:       def{Name: "nickName", Type: mapping.Boolean, MultiValued: true, CaseExact: true, Required: true, ReadOnly: true, Doc: "old"},
			difference: "type String → Boolean, required no → yes, multi-value no → yes, exact case no → yes, read-only no → yes"},
		{name: "flags off", listed: def{Name: "nickName", Type: mapping.String, MultiValued: true, CaseExact: true, ReadOnly: true}, say: def{Name: "nickName", Type: mapping.String},
			want: def{Name: "nickName", Type: mapping.String}, difference: "multi-value yes → no, exact case yes → no, read-only yes → no"},
		{name: "required stays", listed: def{Name: "nickName", Type: mapping.String, Required: true}, say: def{Name: "nickName", Type: mapping.String}, want: def{Name: "nickName", Type: mapping.String, Required: true}},
		{name: "a reference stays", listed: def{Name: "manager", Type: mapping.Reference, Reference: "User"}, say: def{Name: "manager", Type: mapping.String, CaseExact: true}, want: def{Name: "manager", Type: mapping.Reference, Reference: "User"}},
		{name: "becomes a reference", listed: def{Name: "buddy", Type: mapping.String}, say: def{Name: "buddy", Type: mapping.Reference, Reference: "User"},
			want: def{Name: "buddy", Type: mapping.Reference, Reference: "User"}, difference: "type String → Reference, refers to nothing → User"},
		{name: "by hand", listed: def{Name: "nickName", Type: mapping.String, Custom: true}, say: def{Name: "nickName", Type: mapping.Integer},
			want: def{Name: "nickName", Type: mapping.String, Custom: true}, remark: "nickName was added by hand and stays as it is; the target says: type String → Integer"},
		{name: "by hand and the same", listed: def{Name: "nickName", Type: mapping.String, Custom: true}, say: def{Name: "nickName", Type: mapping.String}, want: def{Name: "nickName", Type: mapping.String, Custom: true}},
		{name: "the key", say: def{Name: "ID", Type: mapping.Integer, PrimaryKey: true}, want: mapping.ID()},
		{name: "another key", say: def{Name: "key", Type: mapping.String, PrimaryKey: true}},
		{name: "mapped", listed: def{Name: "title", Type: mapping.String}, say: def{Name: "title", Type: mapping.String, CaseExact: true},
			want: def{Name: "title", Type: mapping.String, CaseExact: true}, difference: "exact case no → yes"},
		{name: "mapped and read-only", listed: def{Name: "title", Type: mapping.String}, say: def{Name: "title", Type: mapping.String, ReadOnly: true},
			want: def{Name: "title", Type: mapping.String}, remark: "title stays as it is, because row 2 writes it; the target says: read-only no → yes"},
		{name: "mapped, and the constant would not fit", listed: def{Name: "title", Type: mapping.String}, say: def{Name: "title", Type: mapping.Boolean},
			want: def{Name: "title", Type: mapping.String}, remark: "type String → Boolean; change or remove the row"},
	}
	for _, test := range tests {
		list := []def{mapping.ID(), {Name: "userName", Type: mapping.String}}
		rows := []mapping.AttributeMapping{}
		if test.listed.Name != "" {
			list = append(list, test.listed)
		}
		if test.listed.Name == "title" {
			rows = append(rows, row("title", mapping.Constant, "boss"))
		}
		m := users(rows...)
		m.Definitions = list
		got, changes, remarks := m.Discovered([]def{test.say}, known)
		if test.want.Name != "" {
			if d := got.Definition(test.want.Name); d == nil || cmp.Diff(test.want, *d) != "" {
				t.Errorf("%s: got %+v; want %+v", test.name, d, test.want)
			}
		} else if len(got.Definitions) != 2 {
			t.Errorf("%s: got %+v", test.name, got.Definitions)
		}
		isNew := test.listed.Name == "" && test.want.Name == "nickName"
		switch {
		case isNew && (len(changes) != 1 || changes[0].Before != nil || changes[0].After.Name != test.want.Name),
			!isNew && (test.difference != "") != (len(changes) == 1):
			t.Errorf("%s: changes %+v", test.name, changes)
		case test.difference != "":
			if text := strings.Join(changes[0].Before.Differences(changes[0].After), ", "); text != test.difference {
				t.Errorf("%s: %s; want %s", test.name, text, test.difference)
			}
		}
		if all := strings.Join(remarks, "\n"); (all == "") != (test.remark == "") || !strings.Contains(all, test.remark) {
			t.Errorf("%s: remarks %q; want %q", test.name, all, test.remark)
		}
		if diff := cmp.Diff(list, m.Definitions); diff != "" {
			t.Errorf("%s: the list before was modified: %s", test.name, diff)
		}
	}
}

// Nothing is ever removed, and the list ends at its limit.
func TestDiscoveredBounds(t *testing.T) {
	var found []mapping.Definition
	for i := range mapping.MaxDefinitions + 5 {
		found = append(found, mapping.Definition{Name: fmt.Sprintf("a%d", i), Type: mapping.String})
	}
	m := listed([]mapping.Definition{{Name: "title", Type: mapping.String}})
	got, changes, remarks := m.Discovered(found, known)
	if len(got.Definitions) != mapping.MaxDefinitions || len(changes) != mapping.MaxDefinitions-3 || got.Definition("title") == nil {
		t.Errorf("got %d attributes, %d changes", len(got.Definitions), len(changes))
	}
	if len(remarks) != 1 || !strings.Contains(remarks[0], "8 attributes were left out") {
		t.Errorf("remarks %q", remarks)
	}
}
