package requirements

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Tree answers which tests a source tree has.
type Tree struct {
	files    fs.FS
	packages map[string]*pkg
}

// NewTree reads a source tree; files is the folder with go.mod.
func NewTree(files fs.FS) *Tree { return &Tree{files: files, packages: map[string]*pkg{}} }

// pkg is what a folder declares, by name. Its test packages count as one with it: only names matter here.
type pkg struct {
	functions map[string]*ast.FuncDecl
	values    map[string]ast.Node
}

const suiteDir = "scim/scimtest"

// Check returns an error for a test that does not exist. A case has to stand as a text in the test function or in something of its package that it names.
func (t *Tree) Check(test string) error {
	if rest, ok := strings.CutPrefix(test, "suite/"); ok {
		return t.checkSuite(rest)
	}
	dir, name, ok := strings.Cut(test, ".")
	if !ok {
		return errors.New(`it has to be "suite/Area/name" or "directory.TestName"`)
	}
	name, sub, _ := strings.Cut(name, "/")
	if !strings.HasPrefix(name, "Test") && !strings.HasPrefix(name, "Fuzz") && !strings.HasPrefix(name, "Example") {
		return fmt.Errorf("%q is not the name of a test", name)
	}
	p, err := t.load(dir)
	if err != nil {
		return err
	}
	f := p.functions[name]
	if f == nil {
		return fmt.Errorf("%s has no %s", dir, name)
	}
	if sub != "" && !p.texts(f, map[string]bool{})[sub] {
		return fmt.Errorf("%s in %s has no case %q", name, dir, sub)
	}
	return nil
}

// checkSuite looks for Area/name[/case]. An area is a function of suiteTest literals; RunBackend names it.
func (t *Tree) checkSuite(test string) error {
	p, err := t.load(suiteDir)
	if err != nil {
		return err
	}
	area, rest, _ := strings.Cut(test, "/")
	list := p.area(area)
	if list == nil {
		return fmt.Errorf("the suite has no area %q", area)
	}
	for _, element := range pairs(list) {
		name := text(element.Elts[0])
		if name != rest && !strings.HasPrefix(rest, name+"/") {
			continue
		}
		sub := strings.TrimPrefix(strings.TrimPrefix(rest, name), "/")
		if sub == "" || p.texts(element.Elts[1], map[string]bool{})[sub] {
			return nil
		}
		return fmt.Errorf("%q of the suite's area %s has no case %q", name, area, sub)
	}
	return fmt.Errorf("the suite's area %s has no test %q", area, rest)
}

// area finds the function that lists the tests of an area: the one that a literal {"Area", function()} names.
func (p *pkg) area(name string) *ast.FuncDecl {
	for _, f := range p.functions {
		for _, element := range pairs(f) {
			call, ok := element.Elts[1].(*ast.CallExpr)
			if !ok || text(element.Elts[0]) != name {
				continue
			}
			if called, ok := call.Fun.(*ast.Ident); ok && p.functions[called.Name] != nil {
				return p.functions[called.Name]
			}
		}
	}
	return nil
}

// pairs returns the literals below n that begin with a text and go on, such as {"name", function}.
func pairs(n ast.Node) []*ast.CompositeLit {
	var found []*ast.CompositeLit
	ast.Inspect(n, func(n ast.Node) bool {
		if c, ok := n.(*ast.CompositeLit); ok && len(c.Elts) >= 2 && text(c.Elts[0]) != "" {
			found = append(found, c)
		}
		return true
	})
	return found
}

// texts returns the string literals in n, and in what n names in its package.
func (p *pkg) texts(n ast.Node, seen map[string]bool) map[string]bool {
	found := map[string]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			found[text(n)] = true
		case *ast.Ident:
			if seen[n.Name] {
				return true
			}
			seen[n.Name] = true
			for _, declared := range p.named(n.Name) {
				for s := range p.texts(declared, seen) {
					found[s] = true
				}
			}
		}
		return true
	})
	return found
}

func (p *pkg) named(name string) []ast.Node {
	var nodes []ast.Node
	if f := p.functions[name]; f != nil {
		nodes = append(nodes, f)
	}
	if v := p.values[name]; v != nil {
		nodes = append(nodes, v)
	}
	return nodes
}

// text is the value of a string literal, "" for anything else.
func text(e ast.Expr) string {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return s
}

// load parses the test files of a folder; of the suite all files, because it is no test file itself.
func (t *Tree) load(dir string) (*pkg, error) {
	if p := t.packages[dir]; p != nil {
		return p, nil
	}
	names, err := fs.Glob(t.files, path.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("there are no Go files in %q", dir)
	}
	p := &pkg{functions: map[string]*ast.FuncDecl{}, values: map[string]ast.Node{}}
	for _, name := range names {
		if dir != suiteDir && !strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := fs.ReadFile(t.files, name)
		if err != nil {
			return nil, fmt.Errorf("reading the tests: %w", err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the tests: %w", err)
		}
		p.declare(file)
	}
	t.packages[dir] = p
	return p, nil
}

func (p *pkg) declare(file *ast.File) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || p.functions[d.Name.Name] == nil {
				p.functions[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok {
					for _, name := range v.Names {
						p.values[name.Name] = v
					}
				}
			}
		}
	}
}
