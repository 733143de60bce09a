package graphschema_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
	"github.com/rollcall-id/rollcall/internal/scope"
)

var update = flag.Bool("update", false, "rewrite the golden files") //nolint:gochecknoglobals // a flag of the test

// checks are those of the product, as far as a pure test has them.
func checks() graphschema.Checks {
	return graphschema.Checks{
		Compile: func(m mapping.ObjectMapping) error {
			_, err := mapping.Compile(m, func(name string) bool { return name != "favouriteTimezone" })
			return err
		},
		Scope: func(_ string, filter json.RawMessage) error {
			_, err := scope.Parse(filter)
			return err
		},
	}
}

// Schemas of testdata are imported and exported; what was understood, the remarks, and what changed in the document are in the golden files.
func TestGolden(t *testing.T) {
	for _, name := range []string{"small", "customappsso", "gallery", "complex"} {
		t.Run(name, func(t *testing.T) {
			data := read(t, name+".json")
			set, remarks, err := graphschema.Import(data, checks())
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".mapping.golden", summary(t, set, remarks))
			out, err := graphschema.Export(set, graphschema.Meta{})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".export.golden", changes(string(data), string(out)))
		})
	}
}

// documents are the names of the schemas in testdata.
func documents(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".json")
	}
	return files
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(filepath.Join("testdata", name), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, name)), got); diff != "" {
		t.Errorf("%s: -want +got (rewrite with -update)\n%s", name, diff)
	}
}

// summary shows a mapping and the remarks, a line for each row, definition and remark.
func summary(t *testing.T, set mapping.Set, remarks []graphschema.Remark) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	line := func(prefix string, v any) {
		b.WriteString(prefix)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range set.Objects {
		rows, definitions, filter := m.Attributes, m.Definitions, m.Scope
		m.Attributes, m.Definitions, m.Scope = nil, nil, nil
		line("", m)
		if filter != nil {
			line("  scope ", filter)
		}
		for _, a := range rows {
			line("  ", a)
		}
		for _, d := range definitions {
			line("  defines ", d)
		}
	}
	for _, r := range remarks {
		fmt.Fprintf(&b, "%s: %s: %s\n", r.Severity, r.Path, r.Text)
	}
	return b.String()
}

// changes are the lines of a document that differ from another, with their numbers.
func changes(before, after string) string {
	x, y := strings.Split(before, "\n"), strings.Split(after, "\n")
	common := make([][]int, len(x)+1) // the longest common subsequence from each place on
	for i := range common {
		common[i] = make([]int, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); x[i] == y[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var b strings.Builder
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && common[i+1][j] >= common[i][j+1]:
			fmt.Fprintf(&b, "%d - %s\n", i+1, x[i])
			i++
		default:
			fmt.Fprintf(&b, "%d + %s\n", j+1, y[j])
			j++
		}
	}
	return b.String()
}
