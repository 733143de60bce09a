package scope_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/scope"
)

// The table of operators in the guide is made of Operators; when it differs, the test prints the one to put there.
func TestGuide(t *testing.T) {
	guide, err := os.ReadFile("../../docs/guides/scoping-filters.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, op := range scope.Operators() {
		values, whose := "one", "Entra"
		switch {
		case op.Unary:
			values = "none"
		case op.Several:
			values = "one or more"
		}
		if op.Ours {
			whose = "ours"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", op.Name, values, op.Doc, whose)
	}
	if !strings.Contains(string(guide), "\n"+table.String()+"\n") {
		t.Errorf("docs/guides/scoping-filters.md has another table of operators; put this there:\n%s", table.String())
	}
	// Every example is a filter that can be read.
	parts := strings.Split(string(guide), "```json\n")
	for _, part := range parts[1:] {
		text, _, _ := strings.Cut(part, "```")
		if _, err := scope.Parse([]byte(text)); err != nil {
			t.Errorf("an example of the guide: %v\n%s", err, text)
		}
	}
	if len(parts) < 6 {
		t.Errorf("%d examples; want at least 5", len(parts)-1)
	}
}
