package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestArchitecture keeps the rules of docs/architecture.md. It reads the sources itself, in this process and through package os, so that the test
// cache notices every change of a file: asking the go command would let a cached "ok" hide a new import.
//
// The rules are in arch_layers_test.go (who may import whom) and arch_source_test.go (what may stand in a file); arch_self_test.go breaks each of them
// on purpose and expects to be told.
func TestArchitecture(t *testing.T) {
	tree := repository(t)
	for _, rule := range archRules() {
		t.Run(rule.name, func(t *testing.T) {
			for _, f := range rule.check(tree) {
				t.Errorf("%s: %s\n\twhy: %s", f.where, f.what, rule.why)
			}
		})
	}
}

// archRule is one rule, with the reason that is told to whoever breaks it.
type archRule struct {
	name  string
	why   string
	check func(*archTree) []finding
}

// finding is one place that breaks a rule.
type finding struct {
	where string // file:line, or a directory
	what  string
}

func archRules() []archRule {
	return append(layerRules(), sourceRules()...)
}

// repository is our own tree: the folder with go.mod above this test.
func repository(t *testing.T) *archTree {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test: run it inside the repository")
		}
		dir = parent
	}
	tree := load(t, os.DirFS(dir))
	if len(tree.files) < 10 {
		t.Fatalf("found %d Go files in %s; a test that sees nothing forbids nothing", len(tree.files), dir)
	}
	return tree
}

// skipDir says which folders hold no source of this module.
func skipDir(fsys fs.FS, name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	if name == "." {
		return false
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "node_modules" || base == "vendor" {
		return true
	}
	_, err := fs.Stat(fsys, name+"/go.mod") // a module of its own has rules of its own
	return err == nil
}
