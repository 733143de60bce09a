package server_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// archTree is the parsed source of the module.
type archTree struct {
	module string // path of the module, as go.mod says
	fset   *token.FileSet
	files  []*archFile
	guide  string // text of docs/architecture.md
}

type archFile struct {
	path    string // from the module's root, with slashes
	dir     string // the package's folder; "" is the root
	test    bool   // *_test.go
	lines   int
	syntax  *ast.File
	imports []archImport
}

type archImport struct {
	path string // as written
	ours string // the folder inside this module, or "" when the package is somebody else's
	pos  token.Pos
}

// load parses every Go file below fsys, build tags or not.
func load(t *testing.T, fsys fs.FS) *archTree {
	t.Helper()
	guide, err := fs.ReadFile(fsys, "docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	tree := &archTree{module: modulePath(t, fsys), fset: token.NewFileSet(), guide: string(guide)}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipDir(fsys, name):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		return tree.parse(fsys, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func modulePath(t *testing.T, fsys fs.FS) string {
	t.Helper()
	text, err := fs.ReadFile(fsys, "go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return strings.TrimSpace(name)
		}
	}
	t.Fatal("go.mod names no module")
	return ""
}

func (tr *archTree) parse(fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	syntax, err := parser.ParseFile(tr.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f := &archFile{path: name, test: strings.HasSuffix(name, "_test.go"), lines: strings.Count(string(text), "\n"), syntax: syntax}
	if f.dir = path.Dir(name); f.dir == "." {
		f.dir = ""
	}
	for _, spec := range syntax.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("%s: import %s: %w", name, spec.Path.Value, err)
		}
		ours, _ := strings.CutPrefix(imported, tr.module+"/")
		if ours == imported {
			ours = ""
		}
		f.imports = append(f.imports, archImport{path: imported, ours: ours, pos: spec.Pos()})
	}
	tr.files = append(tr.files, f)
	return nil
}

// at renders a position as file:line.
func (tr *archTree) at(pos token.Pos) string {
	p := tr.fset.Position(pos)
	return p.Filename + ":" + strconv.Itoa(p.Line)
}

// packages groups the files that are not tests by folder, and lists the folders in order.
func (tr *archTree) packages() ([]string, map[string][]*archFile) {
	byDir := map[string][]*archFile{}
	for _, f := range tr.files {
		if !f.test {
			byDir[f.dir] = append(byDir[f.dir], f)
		}
	}
	dirs := make([]string, 0, len(byDir))
	for dir := range byDir {
		dirs = append(dirs, dir)
	}
	slices.Sort(dirs)
	return dirs, byDir
}

// resolve finds out what each identifier of a package means: whether `x` is the package's variable or a local one of the same name. Imports are not
// read (their packages look empty), which leaves the types of much unknown, but not the scopes.
func (tr *archTree) resolve(dir string, files []*archFile) (*types.Package, *types.Info) {
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	syntax := make([]*ast.File, len(files))
	for i, f := range files {
		syntax[i] = f.syntax
	}
	conf := types.Config{Importer: emptyImporter{}, Error: func(error) {}, DisableUnusedImportCheck: true}
	pkg, _ := conf.Check(tr.module+"/"+dir, tr.fset, syntax, info) // errors are expected: nothing imported is known
	return pkg, info
}

// emptyImporter answers every import with a package that declares nothing.
type emptyImporter struct{}

func (emptyImporter) Import(name string) (*types.Package, error) {
	if name == "C" {
		return nil, errors.New("no cgo here")
	}
	base := path.Base(name)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" { // example.org/thing/v2 is package thing
		base = path.Base(path.Dir(name))
	}
	pkg := types.NewPackage(name, strings.NewReplacer("-", "", ".", "").Replace(base))
	pkg.MarkComplete()
	return pkg, nil
}
