package requirements

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// mostOpenMusts is how many MUSTs may be without a full proof. It may only go down.
const mostOpenMusts = 0

func TestEveryNamedTestExists(t *testing.T) {
	tree := NewTree(os.DirFS("../../.."))
	for _, area := range load(t) {
		for _, r := range area.Requirements {
			for _, test := range r.Tests {
				if err := tree.Check(test); err != nil {
					t.Errorf("%s names the test %q: %v", r.ID, test, err)
				}
			}
		}
	}
}

func TestMustsStayProven(t *testing.T) {
	open := 0
	for _, area := range load(t) {
		c := Of(area)
		if c.Proven < 10 {
			t.Errorf("%s: only %d requirements are proven; a table that is empty proves nothing", c.Area, c.Proven)
		}
		for _, r := range c.UncoveredMust {
			open++
			t.Logf("%s is not proven: %s", r.ID, r.Open)
		}
	}
	if open > mostOpenMusts {
		t.Errorf("%d MUSTs are not proven, expected at most %d: add tests and name them", open, mostOpenMusts)
	}
}

// TestRulesAndLessonsAreComplete expects every rule and every lesson of the specification.
func TestRulesAndLessonsAreComplete(t *testing.T) {
	found := map[string]bool{}
	for _, area := range load(t) {
		for _, r := range area.Requirements {
			found[r.ID] = true
		}
	}
	for prefix, count := range map[string]int{"N": 20, "L": 60} {
		for n := 1; n <= count; n++ {
			if id := prefix + strconv.Itoa(n); !found[id] {
				t.Errorf("%s is missing", id)
			}
		}
	}
}

func TestDocumentIsCurrent(t *testing.T) {
	var want strings.Builder
	if err := Markdown(&want, load(t)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		t.Error("docs/requirements.md is not what the data say: run go generate ./scim/scimtest/requirements")
	}
}

func load(t *testing.T) []Area {
	t.Helper()
	areas, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return areas
}
