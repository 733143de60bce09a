package main

import (
	"os"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// TestDocument: the document in docs is what the generator writes, and names every attribute.
func TestDocument(t *testing.T) {
	var b strings.Builder
	write(&b)
	have, err := os.ReadFile("../../../../docs/attributes.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("docs/attributes.md is not current: run go generate ./internal/directory")
	}
	for _, n := range directory.Vocabulary() {
		stem := strings.TrimRight(n.Entra, "0123456789")
		if !strings.Contains(b.String(), "`"+n.Entra+"`") && !strings.Contains(b.String(), "`"+stem+"1`") && !strings.Contains(b.String(), "`"+stem+"…`") {
			t.Errorf("%s is not in the document", n.Entra)
		}
	}
}
