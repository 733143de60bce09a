package record

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if seen[c.Name] {
			t.Errorf("%s is in the table twice", c.Name)
		}
		seen[c.Name] = true
		if c.Meaning == "" || strings.HasSuffix(c.Meaning, ".") {
			t.Errorf("%s: the meaning is %q; expected a phrase", c.Name, c.Meaning)
		}
		if c.Category != "" && c.Advice == "" {
			t.Errorf("%s is a failure without advice", c.Name)
		}
		if c.Category == "" && c.Retried == RetryEscrow {
			t.Errorf("%s is no failure and retried like one", c.Name)
		}
		if got, ok := CodeNamed(c.Name); !ok || got != c {
			t.Errorf("CodeNamed(%s) is %+v, %v", c.Name, got, ok)
		}
	}
	if c, ok := CodeNamed("Nonsense"); ok || c.Advice != "" {
		t.Errorf("an unknown code has the advice %q", c.Advice)
	}
}

// TestEveryCodeIsInTheTable reads the packages that make codes: what is given as one is in the table, and nothing is in the table that nobody makes.
func TestEveryCodeIsInTheTable(t *testing.T) {
	made := map[string]string{}
	for _, dir := range []string{"../provisioning", "../target/scim"} {
		for name, at := range codesOf(t, dir) {
			made[name] = at
		}
	}
	if len(made) < 30 {
		t.Fatalf("only %d codes were found: this test no longer knows how they are written", len(made))
	}
	for name, at := range made {
		if _, ok := CodeNamed(name); !ok {
			t.Errorf("%s: %s is not in the table of codes; add it to code_table.go with its meaning and advice", at, name)
		}
	}
	for _, c := range Codes() {
		if made[c.Name] == "" {
			t.Errorf("%s is in the table, and nothing makes it", c.Name)
		}
	}
}

// codesOf finds codes by how they are written: the field or variable Code, the first argument of skip and fail, constants whose name begins with code, and
// the constants of the target's error codes.
func codesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	fset, found := token.NewFileSet(), map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && path != dir || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			if err == nil && d.IsDir() && path != dir {
				return filepath.SkipDir
			}
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, e := range codeExpressions(n, filepath.Base(path) == "errors.go") {
				if name := codeLiteral(e); name != "" {
					found[name] = fset.Position(e.Pos()).String()
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// codeExpressions are the expressions in a node that give a code.
func codeExpressions(n ast.Node, constants bool) []ast.Expr {
	switch n := n.(type) {
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
			return []ast.Expr{n.Value}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "skip" || f.Name == "fail") && len(n.Args) > 0 {
			return n.Args[:1]
		}
	case *ast.ReturnStmt:
		return n.Results // skipCode
	case *ast.AssignStmt:
		for _, l := range n.Lhs {
			if s, ok := l.(*ast.SelectorExpr); ok && s.Sel.Name == "Code" {
				return n.Rhs
			}
		}
	case *ast.ValueSpec:
		if constants || strings.HasPrefix(n.Names[0].Name, "code") {
			return n.Values
		}
	}
	return nil
}

var codeName = regexp.MustCompile(`^([A-Z][a-z]+){2,}$|^Conflict$|^Unauthorized$|^Timeout$`)

func codeLiteral(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil || !codeName.MatchString(s) {
		return ""
	}
	return s
}
