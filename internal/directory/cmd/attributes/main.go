// Command attributes prints docs/attributes.md from the vocabulary of the directory.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/rollcall-id/rollcall/internal/directory"
	"github.com/rollcall-id/rollcall/scim"
)

//go:embed head.md
var head string

func main() {
	output := flag.String("output", "", "write to this file instead of standard output")
	flag.Parse()
	var b strings.Builder
	write(&b)
	if *output == "" {
		fmt.Print(b.String())
		return
	}
	if err := os.WriteFile(*output, []byte(b.String()), 0o644); err != nil { //nolint:gosec // a document that everybody may read
		fmt.Fprintln(os.Stderr, "attributes:", err)
		os.Exit(1)
	}
}

// write prints the document.
func write(w io.Writer) {
	fmt.Fprint(w, head)
	attributes, words := 0, 0
	for _, t := range directory.Themes(directory.User) {
		for _, n := range t.Names {
			words++
			if n.Of == "" {
				attributes++
			}
		}
	}
	fmt.Fprintf(w, "\nThere are %d attributes of people, with %d names.\n", attributes, words)
	for _, typ := range []string{directory.User, directory.Group} {
		for _, t := range directory.Themes(typ) {
			table(w, t)
		}
	}
}

func table(w io.Writer, t directory.Theme) {
	fmt.Fprintf(w, "\n## %s\n\n%s\n\n| name | other names | type | kept at | what it is | Entra … |\n|---|---|---|---|---|---|\n", t.Title, t.Intro)
	for i := 0; i < len(t.Names); {
		others, next := wordsOf(t.Names, i)
		last := i
		for next < len(t.Names) && follows(t.Names[last], t.Names[next]) {
			last = next
			_, next = wordsOf(t.Names, next)
		}
		name := t.Names[i].Entra
		if last > i {
			name += "` … `" + t.Names[last].Entra
			for j, other := range others {
				others[j] = strings.TrimSuffix(other, "1") + "…"
			}
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", code(name), codes(others), kind(t.Names[i]), kept(t.Names[i]), t.Names[i].Doc, t.Names[i].Limit)
		i = next
	}
}

// wordsOf returns the other words of the attribute at i, and where the next one begins.
func wordsOf(names []directory.Name, i int) (others []string, next int) {
	for next = i + 1; next < len(names) && names[next].Of == names[i].Entra; next++ {
		others = append(others, names[next].Entra)
	}
	return others, next
}

// follows reports whether one attribute continues the row of another: extensionAttribute2 after extensionAttribute1.
func follows(a, b directory.Name) bool {
	const digits = "0123456789"
	stem := strings.TrimRight(a.Entra, digits)
	return stem != a.Entra && stem == strings.TrimRight(b.Entra, digits) && a.Doc == b.Doc
}

func kind(n directory.Name) string {
	text := string(n.Type)
	if n.CaseExact {
		text += ", letter case counts"
	}
	if n.MultiValued {
		text += ", several"
	}
	return text
}

func kept(n directory.Name) string {
	switch {
	case n.Kept == directory.Provision:
		return "provisioning"
	case n.Kept == directory.Computed && n.Path == "":
		return "computed"
	case n.Kept == directory.Computed:
		return code(n.Path) + ", computed when it is read"
	}
	for urn, short := range map[string]string{
		directory.URNDirectoryUser: "directory", directory.URNEntraUser: "entra", directory.URNEntraGroup: "entra",
	} {
		if strings.HasPrefix(n.Path, urn+":") {
			return short
		}
	}
	if rest, ok := strings.CutPrefix(n.Path, scim.URNEnterpriseUser+":"); ok {
		return "enterprise extension: " + code(rest)
	}
	return code(n.Path)
}

func code(s string) string { return "`" + s + "`" }

func codes(words []string) string {
	for i, w := range words {
		words[i] = code(w)
	}
	return strings.Join(words, ", ")
}
