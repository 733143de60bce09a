package server_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

const maxFileLines = 800

// emptyNames are package names that say nothing: whatever has no home would end up there.
func emptyNames() []string {
	return []string{"util", "utils", "common", "helper", "helpers", "misc", "models", "types", "errors", "log", "interfaces", "base", "shared"}
}

func sourceRules() []archRule {
	return []archRule{
		{
			"packages say what they own",
			"the first comment a reader meets should tell what the package owns, what it refuses, and why it stands apart",
			packageComments,
		},
		{
			"package names say something",
			"a name like util attracts what nobody found a home for; name the package after what it provides",
			packageNames,
		},
		{
			"no init functions",
			"what happens at import cannot be seen, ordered, tested or left out; call it from the wiring",
			noInit,
		},
		{
			"no mutable state in packages",
			"a package variable that changes is shared by every test, tenant and server of the process; make it a field, or a constant table that is never assigned",
			mutableState,
		},
		{
			"files stay readable",
			fmt.Sprintf("a file of more than %d lines holds more than one thing: split it by concern", maxFileLines),
			longFiles,
		},
		{
			"tests neither sleep nor skip silently",
			"a sleep is either too short (flaky) or too long (slow): use a channel, a clock or testing/synctest; a skip without a reason hides what was not tested",
			testHabits,
		},
	}
}

func packageComments(tree *archTree) []finding {
	var found []finding
	dirs, byDir := tree.packages()
	for _, dir := range dirs {
		files := byDir[dir]
		start := "Package " + files[0].syntax.Name.Name + " "
		if files[0].syntax.Name.Name == "main" {
			start = "Command "
		}
		if !slices.ContainsFunc(files, func(f *archFile) bool { return f.syntax.Doc != nil && strings.HasPrefix(f.syntax.Doc.Text(), start) }) {
			found = append(found, finding{dir, fmt.Sprintf("no file has a package comment that begins %q", start)})
		}
	}
	return found
}

func packageNames(tree *archTree) []finding {
	var found []finding
	for _, f := range tree.files {
		if name := f.syntax.Name.Name; slices.Contains(emptyNames(), strings.TrimSuffix(name, "_test")) {
			found = append(found, finding{tree.at(f.syntax.Name.Pos()), fmt.Sprintf("package %s", name)})
		}
	}
	return found
}

func noInit(tree *archTree) []finding {
	var found []finding
	for _, f := range tree.files {
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				found = append(found, finding{tree.at(fn.Pos()), "func init"})
			}
		}
	}
	return found
}

func longFiles(tree *archTree) []finding {
	var found []finding
	for _, f := range tree.files {
		if f.lines > maxFileLines {
			found = append(found, finding{f.path, fmt.Sprintf("%d lines", f.lines)})
		}
	}
	return found
}

// testHabits looks at calls in test files by name. Inside a synctest bubble time.Sleep costs nothing, so a file that uses synctest may have it.
func testHabits(tree *archTree) []finding {
	var found []finding
	for _, f := range tree.files {
		if !f.test {
			continue
		}
		bubble := slices.ContainsFunc(f.imports, func(i archImport) bool { return i.path == "testing/synctest" })
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			if what := badTestCall(n, bubble); what != "" {
				found = append(found, finding{tree.at(n.Pos()), what})
			}
			return true
		})
	}
	return found
}

func badTestCall(n ast.Node, bubble bool) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	receiver, _ := sel.X.(*ast.Ident)
	switch {
	case receiver != nil && receiver.Name == "time" && sel.Sel.Name == "Sleep" && !bubble:
		return "time.Sleep in a test"
	case len(call.Args) == 0 && (sel.Sel.Name == "Skip" || sel.Sel.Name == "SkipNow") && receiver != nil && isTestingName(receiver.Name):
		return "skips without a reason"
	}
	return ""
}

// isTestingName recognises the names that a *testing.T, B, F or TB goes by; a parser's own Skip method is not meant.
func isTestingName(name string) bool {
	return slices.Contains([]string{"t", "b", "f", "tb", "tt"}, name)
}

// sortFindings puts findings into reading order.
func sortFindings(tree *archTree, at map[token.Pos]string) []finding {
	order := make([]token.Pos, 0, len(at))
	for pos := range at {
		order = append(order, pos)
	}
	slices.Sort(order)
	found := make([]finding, len(order))
	for i, pos := range order {
		found[i] = finding{tree.at(pos), at[pos]}
	}
	return found
}
