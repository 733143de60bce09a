package scim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitMembers(t *testing.T) {
	for _, tt := range []struct {
		name, ops string
		want      []MemberOp
		rest      []string
		ok        bool
	}{
		{"add", `{"op":"Add","path":"members","value":[{"value":"a"},{"value":"b","$ref":null},"c"]}`, []MemberOp{{MemberAdd, []string{"a", "b", "c"}}}, nil, true},
		{"remove by value", `{"op":"Remove","path":"members","value":[{"value":"a"}]}`, []MemberOp{{MemberRemove, []string{"a"}}}, nil, true},
		{"remove by filter", `{"op":"remove","path":"members[value eq \"a\"]"}`, []MemberOp{{MemberRemove, []string{"a"}}}, nil, true},
		{"remove by choice", `{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}`, []MemberOp{{MemberRemove, []string{"a", "b"}}}, nil, true},
		{"remove all", `{"op":"remove","path":"members"}`, []MemberOp{{MemberRemoveAll, nil}}, nil, true},
		{"replace", `{"op":"replace","path":"members","value":[{"value":"a"}]}`, []MemberOp{{MemberReplaceAll, []string{"a"}}}, nil, true},
		{"replace by nothing", `{"op":"replace","path":"members","value":[]}`, []MemberOp{{MemberRemoveAll, nil}}, nil, true},
		{"path-less, with a name", `{"op":"replace","value":{"displayName":"n","members":[{"value":"a"}]}}`, []MemberOp{{MemberReplaceAll, []string{"a"}}}, []string{"displayName"}, true},
		{"empty list to remove", `{"op":"remove","path":"members","value":[]}`, []MemberOp{{MemberRemove, []string{}}}, nil, true},
		{"no members at all", `{"op":"replace","path":"displayName","value":"n"}`, nil, []string{"displayName"}, true},
		{"another filter", `{"op":"remove","path":"members[type eq \"User\"]"}`, nil, []string{"members"}, false},
		{"remove by type", `{"op":"remove","path":"members","value":[{"type":"User"}]}`, nil, []string{"members"}, false},
		{"negation", `{"op":"remove","path":"members[not (value eq \"a\")]"}`, nil, []string{"members"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := group(t).DecodePatch([]byte(`{"Operations":[`+tt.ops+`]}`), DecodeOptions{})
			if err != nil {
				t.Fatal(err)
			}
			rest, members, ok := p.SplitMembers()
			if ok != tt.ok {
				t.Fatalf("ok is %v, want %v", ok, tt.ok)
			}
			if diff := cmp.Diff(tt.want, members); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.rest, rest.Names()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
