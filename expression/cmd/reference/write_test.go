package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// The manual has every function with every example, nothing left to put in, and comes out the same each time.
func TestWrite(t *testing.T) {
	var first, second bytes.Buffer
	if err := write(t.Context(), &first); err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), &second); err != nil {
		t.Fatal(err)
	}
	text := first.String()
	if text != second.String() {
		t.Error("two manuals differ: something in them varies")
	}
	if strings.Contains(text, "{{") {
		t.Error("something was not put in")
	}
	for _, f := range expression.Functions() {
		_, section, found := strings.Cut(text, "\n### "+f.Name+"\n")
		if !found {
			t.Errorf("%s is missing: has it a family that Families does not list?", f.Name)
			continue
		}
		section, _, _ = strings.Cut(section, "\n### ")
		for _, e := range f.Examples {
			if !strings.Contains(section, "| "+code(e.Expression)+" |") {
				t.Errorf("%s: the example is missing: %s", f.Name, e.Expression)
			}
		}
	}
	if !strings.Contains(text, "| `Left(\"John Doe\", 3)` | `\"Joh\"` |\n") {
		t.Error("the result of an example is missing")
	}
}

func TestCells(t *testing.T) {
	for text, want := range map[string]string{"a|b": "`a\\|b`", "a`b": "`` a`b ``", "a\nb": "`a b`"} {
		if got := code(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if got, want := cell("a*b_c|<d>"), `a\*b\_c\|&lt;d>`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
