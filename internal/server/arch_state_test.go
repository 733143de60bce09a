package server_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// mutableState finds package variables that change, or that others could change. What it can show without the types of imported packages:
//
//   - an assignment to a package variable, to an element or a field of it, ++, delete, clear, or taking its address, anywhere in the package;
//   - an assignment to a variable of another package of ours;
//   - a variable whose type exists to change: a lock, a Once, a counter, a channel;
//   - an exported map or slice, which every importer could change.
//
// It does not follow aliases (y := x; y[k] = v). sync.Pool and sync.OnceValue are allowed: whether they are used cannot be seen from outside.
func mutableState(tree *archTree) []finding {
	at := map[token.Pos]string{}
	dirs, byDir := tree.packages()
	for _, dir := range dirs {
		s := &stateSearch{module: tree.module, at: at}
		s.pkg, s.info = tree.resolve(dir, byDir[dir])
		for _, f := range byDir[dir] {
			s.declarations(f.syntax)
			ast.Inspect(f.syntax, s.visit)
		}
	}
	return sortFindings(tree, at)
}

type stateSearch struct {
	module string
	pkg    *types.Package
	info   *types.Info
	at     map[token.Pos]string
}

// declarations looks at the package's variables as they are declared.
func (s *stateSearch) declarations(file *ast.File) {
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.VAR {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			for i, name := range v.Names {
				var value ast.Expr
				if i < len(v.Values) {
					value = v.Values[i]
				}
				if what := declared(name, v.Type, value); what != "" {
					s.at[name.Pos()] = what
				}
			}
		}
	}
}

func declared(name *ast.Ident, typ, value ast.Expr) string {
	if name.Name == "_" {
		return ""
	}
	lit, _ := value.(*ast.CompositeLit)
	if typ == nil && lit != nil {
		typ = lit.Type
	}
	if call, ok := value.(*ast.CallExpr); ok && typ == nil && len(call.Args) > 0 {
		if fn, ok := call.Fun.(*ast.Ident); ok && (fn.Name == "make" || fn.Name == "new") {
			typ = call.Args[0]
		}
	}
	if changing(typ) {
		return fmt.Sprintf("var %s has a type that exists to change", name.Name)
	}
	if container(typ) && name.IsExported() {
		return fmt.Sprintf("exported var %s is a map or slice that any importer could change: make it a function that returns it", name.Name)
	}
	return ""
}

// changing recognises types that are pointless unless they change.
func changing(typ ast.Expr) bool {
	switch t := typ.(type) {
	case *ast.StarExpr:
		return changing(t.X)
	case *ast.ChanType:
		return true
	case *ast.IndexExpr: // atomic.Pointer[T]
		return changing(t.X)
	case *ast.SelectorExpr:
		pkg, _ := t.X.(*ast.Ident)
		if pkg == nil {
			return false
		}
		return pkg.Name == "atomic" || pkg.Name == "sync" && slices.Contains([]string{"Mutex", "RWMutex", "Once", "Map", "WaitGroup", "Cond"}, t.Sel.Name)
	}
	return false
}

func container(typ ast.Expr) bool {
	switch t := typ.(type) {
	case *ast.MapType:
		return true
	case *ast.ArrayType:
		return t.Len == nil
	}
	return false
}

// visit looks at statements that change something.
func (s *stateSearch) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			for _, left := range n.Lhs {
				s.changed(left, "assigned")
			}
		}
	case *ast.IncDecStmt:
		s.changed(n.X, "assigned")
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			s.changed(n.Key, "assigned")
			s.changed(n.Value, "assigned")
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			s.changed(n.X, "handed out by address")
		}
	case *ast.CallExpr:
		if fn, ok := n.Fun.(*ast.Ident); ok && (fn.Name == "delete" || fn.Name == "clear") && len(n.Args) > 0 {
			s.changed(n.Args[0], "emptied")
		}
	}
	return true
}

// changed reports expr when the variable at its root belongs to a package.
func (s *stateSearch) changed(expr ast.Expr, how string) {
	for {
		switch e := expr.(type) {
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.SelectorExpr:
			if other := s.imported(e); other != "" {
				s.at[e.Pos()] = fmt.Sprintf("%s.%s, a variable of %s, is %s", e.X.(*ast.Ident).Name, e.Sel.Name, other, how)
				return
			}
			expr = e.X
		case *ast.Ident:
			v, ok := s.info.Uses[e].(*types.Var)
			if ok && s.pkg != nil && v.Parent() == s.pkg.Scope() {
				s.at[e.Pos()] = fmt.Sprintf("package variable %s is %s", e.Name, how)
			}
			return
		default:
			return
		}
	}
}

// imported is the path of our own package that sel names a member of, or "".
func (s *stateSearch) imported(sel *ast.SelectorExpr) string {
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	name, ok := s.info.Uses[x].(*types.PkgName)
	if !ok || !strings.HasPrefix(name.Imported().Path(), s.module+"/") {
		return ""
	}
	return name.Imported().Path()
}
