package expression_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/expression"
)

// FuzzExpression: no text may panic or hang; every error is an *Error whose caret can be shown; results keep to the limits.
func FuzzExpression(f *testing.F) {
	for _, function := range expression.Functions() {
		for _, e := range function.Examples {
			f.Add(e.Expression, "Zoë (x)")
		}
	}
	f.Add(`[a] & "b" = -12`, "")
	f.Add(`[emails[type eq "work"].value]`, "x")
	f.Add(`Replace([a], , [a], , "${x}$1$&$$")`, "(?<x>a)+")
	f.Fuzz(func(t *testing.T, text, value string) {
		v, err := run(t, text, attributes{"a": expression.Str(value), "list": expression.ListOf([]string{value, "b"})})
		if err != nil {
			var e *expression.Error
			if !errors.As(err, &e) {
				t.Fatalf("%q: got %T: %v", text, err, err)
			}
			if e.Position < 1 || e.Position > utf8.RuneCountInString(text)+1 || e.Caret() == "" || e.Message == "" {
				t.Fatalf("%q: position %d, message %q", text, e.Position, e.Message)
			}
			return
		}
		if len(v.Text()) > expression.MaxResult+len(value)+len(text) {
			t.Fatalf("%q: a result of %d bytes", text, len(v.Text()))
		}
	})
}

// FuzzPrint: what parses is printed as a text that parses to the same tree, and survives the shape of Graph.
func FuzzPrint(f *testing.F) {
	for _, function := range expression.Functions() {
		for _, e := range function.Examples {
			f.Add(e.Expression)
		}
	}
	f.Add(`F( , )`)
	f.Add(`[emails[type eq "work"].value] & "a\\\"" & &HfF = -1`)
	f.Fuzz(func(t *testing.T, text string) {
		root, err := expression.Parse(text)
		if err != nil {
			return
		}
		printed := root.String()
		again, err := expression.Parse(printed)
		if err != nil && utf8.RuneCountInString(printed) > expression.MaxLength {
			return // spaces were added
		}
		if err != nil || !again.Equal(root) || again.String() != printed {
			t.Fatalf("%q: printed %q, read back %v, %v", text, printed, again, err)
		}
		if root.Kind == expression.Word {
			return // no expression, and in Graph's shape a constant
		}
		source := root.Graph()
		if tree, err := source.Tree(); err != nil || !tree.Equal(root) {
			t.Fatalf("%q: from Graph's shape %v, %v", text, tree, err)
		}
	})
}
