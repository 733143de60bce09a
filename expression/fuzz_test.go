package expression_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rollcall-id/rollcall/expression"
)

// seeds returns the expressions of all examples and cases.
func seeds(f *testing.F) (all []string) {
	f.Helper()
	for _, function := range expression.Functions() {
		for _, e := range function.Examples {
			all = append(all, e.Expression)
		}
	}
	for _, file := range caseFiles(f) {
		for _, line := range lines(f, file) {
			if c, err := parseCase(line); err == nil {
				all = append(all, c.expression)
			}
		}
	}
	return all
}

// FuzzExpression: no text may panic or hang; every error is an *Error whose caret can be shown; results keep to the limits.
func FuzzExpression(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, "Zoë (x)")
	}
	f.Add(`[a] & "b" = -12`, "")
	f.Add(`[emails[type eq "work"].value]`, "x")
	f.Add(`Replace([a], , [a], , "${x}$1$&$$")`, "(?<x>a)+")
	f.Fuzz(func(t *testing.T, text, value string) {
		p, err := expression.Compile(text)
		if err != nil {
			wellPlaced(t, text, err)
			return
		}
		a := attributes{"a": expression.Str(value), "list": expression.ListOf([]string{value, "b"}), "n": expression.Int(int64(len(value)))}
		v, err := p.Eval(t.Context(), env(a))
		if err != nil {
			wellPlaced(t, text, err)
			return
		}
		if len(v.Text()) > expression.MaxResult+2*len(value)+len(text) {
			t.Fatalf("%q: a result of %d bytes", text, len(v.Text()))
		}
		if p.Varies() || p.ReadsTime() {
			return
		}
		if traced, _, err := p.Trace(t.Context(), env(a)); !tooSlow(err) && (err != nil || !same(traced, v)) {
			t.Fatalf("%q: %q, but traced %q, %v", text, v.Text(), traced.Text(), err)
		}
		again, err := expression.Compile(p.Tree().String())
		if err != nil && utf8.RuneCountInString(p.Tree().String()) > expression.MaxLength || tooSlow(err) {
			return
		}
		if err != nil {
			t.Fatalf("%q: its print is refused: %v", text, err)
		}
		if printed, err := again.Eval(t.Context(), env(a)); !tooSlow(err) && (err != nil || !same(printed, v)) {
			t.Fatalf("%q: %q, but its print gives %q, %v", text, v.Text(), printed.Text(), err)
		}
	})
}

// tooSlow reports that a regular expression ran out of time, which depends on what else the machine does.
func tooSlow(err error) bool { return err != nil && strings.Contains(err.Error(), "longer than") }

func same(a, b expression.Value) bool {
	return a.Kind() == b.Kind() && slices.Equal(a.List(), b.List()) && a.IgnoreFlow() == b.IgnoreFlow() && a.Redacted() == b.Redacted()
}

// wellPlaced fails the test when the error is not one that a person can find in the text.
func wellPlaced(t *testing.T, text string, err error) {
	t.Helper()
	var e *expression.Error
	if !errors.As(err, &e) {
		t.Fatalf("%q: got %T: %v", text, err, err)
	}
	if e.Position < 1 || e.Position > utf8.RuneCountInString(text)+1 || e.Caret() == "" || e.Message == "" {
		t.Fatalf("%q: position %d, message %q", text, e.Position, e.Message)
	}
}

// FuzzCheck: the checks before an evaluation neither panic nor refuse without a place, and what they accept the evaluation accepts.
func FuzzCheck(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := expression.Compile(text)
		if err != nil {
			return
		}
		names := p.Attributes()
		known := func(name string) bool { return slices.Contains(names, name) }
		if err := p.Check(known, names...); err != nil {
			t.Fatalf("%q: what it reads itself is unknown: %v", text, err)
		}
		if err := p.Check(func(string) bool { return false }, "displayName", "mail"); (err == nil) != (len(names) == 0) {
			t.Fatalf("%q: got %v for the attributes %q", text, err, names)
		} else if err != nil {
			wellPlaced(t, text, err)
		}
		if err := p.CheckResult(func(expression.Value) error { return errors.New("does not fit") }); err != nil {
			wellPlaced(t, text, err)
		}
		for _, read := range reads(p) {
			if !known(read) {
				t.Fatalf("%q reads [%s], which Attributes does not list: %q", text, read, names)
			}
		}
	})
}

// reads evaluates the program for somebody without any attribute and returns what was asked for.
func reads(p *expression.Program) []string {
	s := &curious{}
	_, _ = p.Eval(context.Background(), &expression.Env{Source: s})
	return s.asked
}

type curious struct{ asked []string }

func (s *curious) Attribute(name string) (expression.Value, bool) {
	s.asked = append(s.asked, name)
	return expression.NullValue, true
}

// FuzzPrint: what parses is printed as a text that parses to the same tree, and survives the shape of Graph.
func FuzzPrint(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text)
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

// FuzzGraphSource: whatever a document calls a source, it is an expression that can be written, or an error.
func FuzzGraphSource(f *testing.F) {
	for _, text := range seeds(f) {
		root, err := expression.Parse(text)
		if err != nil {
			continue
		}
		source := root.Graph()
		for range 2 {
			document, err := json.Marshal(source)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(document)
			withoutCalls(&source)
		}
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		var source expression.GraphSource
		if json.Unmarshal(document, &source) != nil {
			return
		}
		text, err := source.Text()
		if err != nil {
			return
		}
		if _, err := expression.Parse(text); err != nil && utf8.RuneCountInString(text) <= expression.MaxLength {
			t.Fatalf("%s: the text %q is not an expression: %v", document, text, err)
		}
	})
}
