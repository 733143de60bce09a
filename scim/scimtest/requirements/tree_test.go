package requirements

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestTreeCheck(t *testing.T) {
	tree := NewTree(fstest.MapFS{
		"scim/scimtest/suite.go": {Data: []byte(`package scimtest
func Run() { use([]area{{"Patch", patchTests()}}) }
func patchTests() []suiteTest { return []suiteTest{{"one", one}, {"in / out", func() { check("inner") }}} }
func one() { for _, c := range cases { run(c) } }
var cases = []string{"first", "second"}`)},
		"a/b/b_test.go": {Data: []byte(`package b
func TestX() { helper() }
func helper() { run("case one") }
func TestY() { run("case two") }`)},
		"a/b/b.go":      {Data: []byte("package b\nfunc TestNoTest() {}")},
		"bad/x_test.go": {Data: []byte("package")},
	})
	for _, test := range []struct{ name, problem string }{
		{"suite/Patch/one", ""},
		{"suite/Patch/one/second", ""},
		{"suite/Patch/in / out/inner", ""},
		{"suite/Patch/one/third", "no case"},
		{"suite/Patch/two", "no test"},
		{"suite/Put/one", "no area"},
		{"a/b.TestX", ""},
		{"a/b.TestX/case one", ""},
		{"a/b.TestX/case two", "no case"},
		{"a/b.TestZ", "has no TestZ"},
		{"a/b.TestNoTest", "has no TestNoTest"},
		{"a/b.helper", "not the name of a test"},
		{"nowhere.TestX", "no Go files"},
		{"bad.TestX", "reading the tests"},
		{"TestX", "has to be"},
	} {
		err := tree.Check(test.name)
		switch {
		case test.problem == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.problem != "" && (err == nil || !strings.Contains(err.Error(), test.problem)):
			t.Errorf("%s: got %v, want an error with %q", test.name, err, test.problem)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const good = `"id":"X","source":"s","level":"MUST","text":"t"`
	for _, test := range []struct{ requirement, problem string }{
		{`{"id":"X","source":"s","level":"MUST","tests":["a"]}`, "needed"},
		{`{"id":"X","source":"s","level":"must","text":"t","tests":["a"]}`, "level"},
		{`{` + good + `}`, "no test proves it"},
		{`{` + good + `,"moot":"m","tests":["a"]}`, "moot"},
		{`{` + good + `,"open":"a | b"}`, "bar"},
		{`{` + good + `,"test":["a"]}`, "unknown field"},
		{`{` + good + `,"open":"o"},{` + good + `,"open":"o"}`, "twice"},
	} {
		_, err := parse([]byte(`{"name":"A","requirements":[`+test.requirement+`]}`), map[string]bool{})
		if err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: got %v, want an error with %q", test.requirement, err, test.problem)
		}
	}
}

func TestCountSaysWhatIsOpen(t *testing.T) {
	c := Of(Area{Name: "A", Requirements: []Requirement{
		{ID: "1", Level: Must, Tests: []string{"x"}}, {ID: "2", Level: Must, Tests: []string{"x"}, Open: "half"}, {ID: "3", Level: Must, Moot: "m"},
		{ID: "4", Level: Should, Open: "none"},
	}})
	if c.Proven != 1 || c.Open != 2 || c.Moot != 1 || c.Must != 2 || c.MustProven != 1 || len(c.Uncovered()) != 2 || c.Uncovered()[0].ID != "2" {
		t.Errorf("counted %+v", c)
	}
}
