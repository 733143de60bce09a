package directory

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/rollcall-id/rollcall/scim"
)

//go:generate go run ./cmd/attributes -output ../../docs/attributes.md

// Name is one word of Entra's attribute vocabulary, or the name of an attribute that an organization registered.
type Name struct {
	Entra       string    // as Entra's mappings and CSV headers write it; found in any letter case
	Of          string    // the word that this is another word for; empty: it stands for itself
	Path        string    // where the value is in a SCIM resource; "id" for objectId; empty: it is nowhere
	Type        scim.Type // of the value; a manager is a reference, whose value is the id of another user
	MultiValued bool
	CaseExact   bool
	Kept        Kept
	Doc         string
	Limit       string // what Entra does otherwise, as the end of a sentence that begins with Entra; empty: nothing
}

// Kept says where the value of an attribute is kept.
type Kept int

// The ways of keeping a value.
const (
	Stored    Kept = iota // it was imported or written, and is read as it is
	Computed              // the directory works it out from the object
	Provision             // only provisioning knows it: it is about one application
)

// Theme is a part of the vocabulary that belongs together.
type Theme struct {
	Title, Intro string
	Names        []Name
}

// vocabularyFiles hold the vocabulary: a title, a sentence, and a line for each attribute: words | place | type | what it is | what Entra does otherwise.
// Of several words the first one is the attribute's name. A place is a SCIM path, enterprise:NAME, directory (the published extension of ours), entra (the one
// that is not), or provisioning; (computed) behind it says that it is not read from there. A word with {1..3} stands for three attributes.
//
//go:embed vocabulary/*.txt
var vocabularyFiles embed.FS

// Themes returns the vocabulary of a type as it is documented.
func Themes(typ string) []Theme {
	if typ == Group {
		return groupThemes()
	}
	return userThemes()
}

// The vocabulary is read once; what it returns is immutable.
var (
	userThemes  = sync.OnceValue(func() []Theme { return readThemes("user") })
	groupThemes = sync.OnceValue(func() []Theme { return readThemes("group") })
)

// Vocabulary returns the attributes of users in Entra's words. Two words may mean one path (mobile, mobilePhone).
// What provisioning alone knows (IsSoftDeleted, appRoleAssignments) is no attribute of the directory and not in it.
func Vocabulary() []Name { return wordsOf(userThemes()) }

// GroupVocabulary returns the attributes of groups in Entra's words. Members are rows of their own, so Attribute knows the word and has no value for it.
func GroupVocabulary() []Name { return wordsOf(groupThemes()) }

func wordsOf(themes []Theme) []Name {
	var names []Name
	for _, t := range themes {
		for _, n := range t.Names {
			if n.Kept != Provision {
				names = append(names, n)
			}
		}
	}
	return names
}

// readThemes reads the files of a type in the order of their names.
func readThemes(prefix string) []Theme {
	files, err := vocabularyFiles.ReadDir("vocabulary")
	if err != nil {
		panic("directory: " + err.Error()) // no input leads here, only a broken build
	}
	var themes []Theme
	for _, f := range files {
		if !strings.HasPrefix(f.Name(), prefix) {
			continue
		}
		text, err := vocabularyFiles.ReadFile("vocabulary/" + f.Name())
		var t Theme
		if err == nil {
			t, err = readTheme(string(text), prefix)
		}
		if err != nil {
			panic("directory: vocabulary/" + f.Name() + ": " + err.Error()) // likewise
		}
		themes = append(themes, t)
	}
	return themes
}

func readTheme(text, typ string) (t Theme, err error) {
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch title, isTitle := strings.CutPrefix(cells[0], "= "); {
		case isTitle:
			t.Title = title
		case len(cells) == 1:
			t.Intro += cells[0]
		case len(cells) < 4 || len(cells) > 5:
			return t, fmt.Errorf("a line has %d cells: %s", len(cells), line)
		default:
			t.Names = append(t.Names, namesOfLine(cells, typ)...)
		}
	}
	return t, nil
}

// namesOfLine are the attributes of one line, each followed by its other words.
func namesOfLine(cells []string, typ string) []Name {
	n := Name{Doc: cells[3]}
	if len(cells) > 4 {
		n.Limit = cells[4]
	}
	kind, multiple := strings.CutSuffix(cells[2], "[]")
	kind, n.CaseExact = strings.CutPrefix(kind, "exact ")
	n.Type, n.MultiValued = scim.Type(kind), multiple
	words := strings.Split(cells[0], ",")
	first, last := numbers(words[0])
	var names []Name
	for i := first; i <= last; i++ {
		for j, word := range words {
			one := n
			one.Entra = numbered(strings.TrimSpace(word), i)
			if j == 0 {
				one.place(cells[1], typ)
			} else {
				main := names[len(names)-j]
				one.Path, one.Kept, one.Of, one.Doc = main.Path, main.Kept, main.Entra, "another word for "+main.Entra
			}
			names = append(names, one)
		}
	}
	return names
}

// place reads where the value is.
func (n *Name) place(cell, typ string) {
	where, computed := strings.CutSuffix(cell, "(computed)")
	if where = strings.TrimSpace(where); computed {
		n.Kept = Computed
	}
	n.Path = where
	switch rest, enterprise := strings.CutPrefix(where, "enterprise:"); {
	case enterprise:
		n.Path = scim.URNEnterpriseUser + ":" + rest
	case where == "directory":
		n.Path = URNDirectoryUser + ":" + n.Entra
	case where == "entra" && typ == "group":
		n.Path = URNEntraGroup + ":" + n.Entra
	case where == "entra":
		n.Path = URNEntraUser + ":" + n.Entra
	case where == "provisioning":
		n.Path, n.Kept = "", Provision
	case where == "id" || where == "active":
		n.Kept = Computed
	}
}

// numbers reads the range of a word such as extensionAttribute{1..15}; a word without one is one attribute.
func numbers(word string) (first, last int) {
	_, rest, ok := strings.Cut(word, "{")
	if !ok {
		return 1, 1
	}
	from, to, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(rest), "}"), "..")
	first, _ = strconv.Atoi(from) // what is no number shows in the tests, as a name with 0 in it
	last, _ = strconv.Atoi(to)
	return first, last
}

func numbered(word string, i int) string {
	if stem, _, ok := strings.Cut(word, "{"); ok {
		return stem + strconv.Itoa(i)
	}
	return word
}
