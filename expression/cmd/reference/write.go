package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rollcall-id/rollcall/expression"
)

// guide is the part of the manual that a person wrote. What stands in double braces is put in.
//
//go:embed guide.md
var guide string

// write writes the manual.
func write(ctx context.Context, w io.Writer) error {
	mistake, err := mistake()
	if err != nil {
		return err
	}
	functions, err := functions(ctx)
	if err != nil {
		return err
	}
	text := strings.NewReplacer(
		"{{contents}}", contents(), "{{mistake}}", mistake, "{{limits}}", limits(), "{{functions}}", functions,
	).Replace(guide)
	_, err = io.WriteString(w, strings.TrimRight(text, "\n")+"\n")
	return err
}

// mistake shows an error as a person sees it.
func mistake() (string, error) {
	_, err := expression.Compile(`Join(" ", [givenName], ToUper([surname]))`)
	var e *expression.Error
	if !errors.As(err, &e) {
		return "", fmt.Errorf("the mistake of the manual is none: %w", err)
	}
	return e.Error() + "\n" + e.Caret(), nil
}

func limits() string {
	var b strings.Builder
	b.WriteString("| limit | |\n|---|---|\n")
	for _, l := range expression.Limits() {
		fmt.Fprintf(&b, "| %s | %s |\n", l.Name, l.Value)
	}
	return strings.TrimRight(b.String(), "\n")
}

func inFamily(family expression.Family) []expression.Function {
	return slices.DeleteFunc(expression.Functions(), func(f expression.Function) bool { return f.Family != family })
}

// contents lists the functions by family, each with a link.
func contents() string {
	var b strings.Builder
	b.WriteString("| functions | |\n|---|---|\n")
	for _, family := range expression.Families() {
		var links []string
		for _, f := range inFamily(family) {
			links = append(links, fmt.Sprintf("[%s](#%s)", f.Name, strings.ToLower(f.Name)))
		}
		if len(links) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s |\n", family, anchor(string(family)), strings.Join(links, " · "))
	}
	return strings.TrimRight(b.String(), "\n")
}

// anchor is how a heading is linked to.
func anchor(heading string) string {
	return strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(heading, ",", "")), " ", "-")
}

func functions(ctx context.Context) (string, error) {
	var b strings.Builder
	for _, family := range expression.Families() {
		members := inFamily(family)
		if len(members) > 0 {
			fmt.Fprintf(&b, "## %s\n\n", family)
		}
		for _, f := range members {
			if err := function(ctx, &b, &f); err != nil {
				return "", fmt.Errorf("%s: %w", f.Name, err)
			}
		}
	}
	return b.String(), nil
}

func function(ctx context.Context, b *strings.Builder, f *expression.Function) error {
	fmt.Fprintf(b, "### %s\n\n```\n%s\n```\n\n%s\n\n", f.Name, signature(f), f.Doc)
	params(b, f)
	switch {
	case f.TopOnly:
		b.WriteString("Only as the whole expression.\n\n")
	case f.Varies:
		b.WriteString("*Varies*: another value at each evaluation. Apply the mapping only during object creation.\n\n")
	}
	return examples(ctx, b, f.Examples)
}

// signature shows the parameters with their types, those that may be left out in brackets: InStr(value1: String, …, [start: Integer]) → Integer.
func signature(f *expression.Function) string {
	parts := make([]string, 0, len(f.Params)+1)
	for _, p := range f.Params {
		part := p.Name + ": " + string(p.Type)
		if p.Optional {
			part = "[" + part + "]"
		}
		parts = append(parts, part)
	}
	if f.Repeat > 0 {
		parts = append(parts, "…")
	}
	line := f.Name + "(" + strings.Join(parts, ", ") + ") → " + string(f.Result)
	if len(line) <= maxSignature {
		return line
	}
	return f.Name + "(\n    " + strings.Join(parts, ",\n    ") + "\n) → " + string(f.Result)
}

// maxSignature is how long a line the block of a signature may have.
const maxSignature = 100

// params says about the parameters what their types do not.
func params(b *strings.Builder, f *expression.Function) {
	said := false
	for i, p := range f.Params {
		var remarks []string
		if p.Doc != "" {
			remarks = append(remarks, cell(p.Doc))
		}
		if p.From > 0 {
			remarks = append(remarks, fmt.Sprintf("counted from %d", p.From))
		}
		if f.Repeat > 0 && i >= len(f.Params)-f.Repeat {
			remarks = append(remarks, "comes once or several times")
		}
		if len(remarks) > 0 && (i == 0 || p.Name != f.Params[i-1].Name) {
			fmt.Fprintf(b, "* **%s**: %s\n", p.Name, strings.Join(remarks, "; "))
			said = true
		}
	}
	if said {
		b.WriteString("\n")
	}
}

// examples shows them in a table, which has a column for attributes only when an example has some.
func examples(ctx context.Context, b *strings.Builder, all []expression.Example) error {
	given := slices.ContainsFunc(all, func(e expression.Example) bool { return len(e.Given) > 0 })
	if given {
		b.WriteString("| expression | where | gives |\n|---|---|---|\n")
	} else {
		b.WriteString("| expression | gives |\n|---|---|\n")
	}
	for _, e := range all {
		gives, err := result(ctx, &e)
		if err != nil {
			return err
		}
		row := []string{code(e.Expression), gives}
		if given {
			row = []string{row[0], where(e.Given), gives}
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	b.WriteString("\n")
	return nil
}
