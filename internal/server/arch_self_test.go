package server_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// A rule that nobody has seen fail may be checking nothing. Each case breaks one rule on purpose; `want` is what the finding must say, and "" means
// that the source is fine and no rule may complain.
var brokenSources = []struct {
	name string
	rule string // the rule that must notice; with want "" every rule is asked
	want string
	path string
	text string
}{
	{"protocol imports ours", "protocol libraries stand alone", "scim imports internal/fault", "scim/x.go", `package scim; import _ "example.org/m/internal/fault"`},
	{"a protocol test too", "protocol libraries stand alone", "scim imports internal/store", "scim/filter/x_test.go", `package filter; import _ "example.org/m/internal/store"`},
	{"protocol imports protocol", "", "", "scim/x.go", `package scim; import _ "example.org/m/scim/filter"`},

	{"domain with SQL", "domain packages know no technology", "imports database/sql/driver", "internal/scope/x.go", `package scope; import _ "database/sql/driver"`},
	{"domain with HTTP", "domain packages know no technology", "imports net/http", "internal/record/x.go", `package record; import _ "net/http"`},
	{"domain test with HTTP", "", "", "internal/record/x_test.go", `package record; import _ "net/http"`},

	{"domain edge", "domain packages import only what they build on", "internal/directory imports internal/organization", "internal/directory/x.go", `package directory; import _ "example.org/m/internal/organization"`},
	{"agreed edge", "", "", "internal/application/x.go", `package application; import (_ "example.org/m/internal/directory"; _ "example.org/m/internal/fault"; _ "example.org/m/scim")`},
	{"domain imports adapter", "domain packages import only what they build on", "imports internal/store, which is adapter", "internal/fault/x.go", `package fault; import _ "example.org/m/internal/store"`},

	{"adapter to adapter", "adapters never import one another", "internal/source/csv imports internal/store", "internal/source/csv/x.go", `package csv; import _ "example.org/m/internal/store"`},
	{"sibling sources", "adapters never import one another", "internal/source/csv imports internal/source/scim", "internal/source/csv/x.go", `package csv; import _ "example.org/m/internal/source/scim"`},
	{"adapter with its own helper", "", "", "internal/store/storetest/x.go", `package storetest; import _ "example.org/m/internal/store"`},
	{"adapter test with adapter", "", "", "internal/source/csv/x_test.go", `package csv; import _ "example.org/m/internal/store/storetest"`},

	{"demo with adapter", "only the wiring imports adapters", "internal/demo imports internal/store", "internal/demo/x.go", `package demo; import _ "example.org/m/internal/store"`},
	{"server with adapter", "", "", "internal/server/x.go", `package server; import _ "example.org/m/internal/store"`},
	{"adapter imports the server", "the top stays on top", "internal/console imports internal/server", "internal/console/x.go", `package console; import _ "example.org/m/internal/server"`},
	{"bench drives the server", "", "", "internal/bench/x.go", `package bench; import _ "example.org/m/internal/server"`},
	{"demo drives the server", "the top stays on top", "internal/demo imports internal/server", "internal/demo/x.go", `package demo; import _ "example.org/m/internal/server"`},
	{"server imports the commands", "the top stays on top", "internal/server imports internal/cli", "internal/server/x.go", `package server; import _ "example.org/m/internal/cli"`},

	{"driver elsewhere", "technology has one owner", "only internal/store may", "internal/schedule/x.go", `package schedule; import _ "github.com/jackc/pgx/v5/stdlib"`},
	{"goose elsewhere", "technology has one owner", "only internal/store may", "internal/server/x.go", `package server; import _ "github.com/pressly/goose/v3"`},
	{"River elsewhere", "technology has one owner", "only internal/schedule may", "internal/store/x.go", `package store; import _ "github.com/riverqueue/river"`},
	{"like a driver's name", "", "", "internal/server/x.go", `package server; import _ "github.com/jackc/pgxtras"`},

	{"a new package", "every package has a layer", `"internal/novelty" belongs to no layer`, "internal/novelty/x.go", `package novelty`},
	{"not in the guide", "the guide names every package", "has no row", "saml/x.go", `package saml`},
	{"name without meaning", "package names say something", "package util", "internal/server/util/x.go", `package util`},
	{"no package comment", "packages say what they own", `begins "Package mail "`, "internal/notify/x.go", "// Something else.\npackage mail"},
	{"comment apart from the clause", "packages say what they own", `begins "Package mail "`, "internal/notify/x.go", "// Package mail sends.\n\npackage mail"},
	{"init", "no init functions", "func init", "internal/scope/x.go", `package scope; func init() {}`},
	{"a method init", "", "", "internal/scope/x.go", `package scope; type T struct{}; func (T) init() {}`},
	{"long file", "files stay readable", "801 lines", "internal/scope/x.go", "package scope\n" + strings.Repeat("\n", 800)},
	{"sleeping test", "tests neither sleep nor skip silently", "time.Sleep in a test", "internal/scope/x_test.go", `package scope; import "time"; func F() { time.Sleep(1) }`},
	{"sleep in a bubble", "", "", "internal/scope/x_test.go", `package scope; import ("testing/synctest"; "time"); func F() { synctest.Wait(); time.Sleep(1) }`},
	{"silent skip", "tests neither sleep nor skip silently", "skips without a reason", "internal/scope/x_test.go", `package scope; import "testing"; func TestX(t *testing.T) { t.Skip() }`},

	{"counter", stateRule, "package variable n is assigned", "internal/scope/x.go", `package scope; var n int; func F() { n++ }`},
	{"assigned", stateRule, "package variable n is assigned", "internal/scope/x.go", `package scope; var n = f(); func F() { n = f() }; func f() int { return 1 }`},
	{"table changed", stateRule, "package variable m is assigned", "internal/scope/x.go", `package scope; var m = map[string]int{}; func F() { m["a"] = 1 }`},
	{"table emptied", stateRule, "package variable m is emptied", "internal/scope/x.go", `package scope; var m = map[string]int{}; func F() { delete(m, "a") }`},
	{"field changed", stateRule, "package variable c is assigned", "internal/scope/x.go", `package scope; var c struct{ a []int }; func F() { c.a[0] = 1 }`},
	{"address taken", stateRule, "package variable n is handed out by address", "internal/scope/x.go", `package scope; var n int; func F() *int { return &n }`},
	{"lock", stateRule, "var mu has a type that exists to change", "internal/scope/x.go", `package scope; import "sync"; var mu sync.Mutex`},
	{"atomic", stateRule, "var p has a type that exists to change", "internal/scope/x.go", `package scope; import "sync/atomic"; var p atomic.Pointer[int]`},
	{"channel", stateRule, "var c has a type that exists to change", "internal/scope/x.go", `package scope; var c = make(chan int)`},
	{"another package's", stateRule, "fault.Limit, a variable of example.org/m/internal/fault, is assigned", "internal/scope/x.go", `package scope; import "example.org/m/internal/fault"; func F() { fault.Limit = 1 }`},
	{"exported table", stateRule, "exported var Table is a map or slice", "internal/scope/x.go", `package scope; var Table = []string{"a"}`},
	{"a local of the same name", "", "", "internal/scope/x.go", `package scope; var n = 1; func F() int { n := n; n++; return n }`},
	{"a parameter of the same name", "", "", "internal/scope/x.go", `package scope; var m = map[string]int{"a": 1}; func F(m map[string]int) { m["a"] = 2 }`},
	{"constants in disguise", "", "", "internal/scope/x.go", `package scope; import ("errors"; "regexp"; "sync"); var (ErrX = errors.New("x"); word = regexp.MustCompile("a"); table = map[string]int{"a": 1}; pool sync.Pool; _ error = ErrX)`},
	{"a test's variable", "", "", "internal/scope/x_test.go", `package scope; var n int; func F() { n++ }`},
}

const stateRule = "no mutable state in packages"

// soundSources is a tree that keeps every rule; a case is laid over it.
func soundSources() fstest.MapFS {
	tree := fstest.MapFS{"go.mod": {Data: []byte("module example.org/m\n\ngo 1.26\n")}}
	var guide strings.Builder
	for dir := range layerOf() {
		guide.WriteString("| `" + dir + "` | things | |\n")
		name := dir[strings.LastIndexByte(dir, '/')+1:]
		text := "// Package " + name + " owns things.\npackage " + name + "\n"
		if dir == "cmd/rollcall" {
			text = "// Command rollcall runs.\npackage main\n"
		}
		tree[dir+"/doc.go"] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, dir := range []string{"scim/filter", "internal/store/storetest"} {
		name := dir[strings.LastIndexByte(dir, '/')+1:]
		tree[dir+"/doc.go"] = &fstest.MapFile{Data: []byte("// Package " + name + " owns things.\npackage " + name + "\n")}
	}
	tree["docs/architecture.md"] = &fstest.MapFile{Data: []byte(guide.String())}
	return tree
}

func TestArchitectureRulesNotice(t *testing.T) {
	for _, c := range brokenSources {
		t.Run(c.name, func(t *testing.T) {
			fsys := soundSources()
			if c.rule == "packages say what they own" {
				delete(fsys, c.path[:strings.LastIndexByte(c.path, '/')]+"/doc.go")
			}
			if c.rule == "the guide names every package" {
				text := strings.ReplaceAll(string(fsys["docs/architecture.md"].Data), "`saml`", "`SAML`")
				fsys["docs/architecture.md"] = &fstest.MapFile{Data: []byte(text)}
			}
			fsys[c.path] = &fstest.MapFile{Data: []byte(c.text)}
			tree := load(t, fsys)
			var got []string
			for _, rule := range archRules() {
				for _, f := range rule.check(tree) {
					if rule.name == c.rule || c.want == "" {
						got = append(got, f.where+": "+f.what)
					}
				}
			}
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("sound source is refused: %q", got)
			case c.want != "" && len(got) != 1:
				t.Fatalf("got %d findings %q, want 1 that says %q", len(got), got, c.want)
			case c.want != "" && (!strings.Contains(got[0], c.want) || !strings.HasPrefix(got[0], c.path[:strings.LastIndexByte(c.path, '/')])):
				t.Errorf("got %q, want a place in %s and the words %q", got[0], c.path, c.want)
			}
		})
	}
}

// Every rule must have a case that breaks it: a rule without one could be checking nothing.
func TestArchitectureRulesAreTested(t *testing.T) {
	for _, rule := range archRules() {
		n := 0
		for _, c := range brokenSources {
			if c.rule == rule.name && c.want != "" {
				n++
			}
		}
		if n == 0 {
			t.Errorf("rule %q has no broken source in this file", rule.name)
		}
		if rule.why == "" {
			t.Errorf("rule %q gives no reason", rule.name)
		}
	}
}

// What another module, testdata and fetched packages hold is not ours to judge.
func TestArchitectureSkipsForeignFolders(t *testing.T) {
	fsys := soundSources()
	for _, name := range []string{
		"internal/scope/testdata/util/x.go", "interop/scimmy/node_modules/m/x.go", ".cache/x.go", "_old/x.go", "vendor/x/x.go", "tools/x.go",
	} {
		fsys[name] = &fstest.MapFile{Data: []byte("package util; func init() {}")}
	}
	fsys["tools/go.mod"] = &fstest.MapFile{Data: []byte("module example.org/tools\n")}
	for _, f := range load(t, fsys).files {
		if strings.HasPrefix(string(fsys[f.path].Data), "package util") {
			t.Errorf("read %s, which is not a source of this module", f.path)
		}
	}
}
