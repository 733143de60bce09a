package main

import (
	"os"
	"testing"
)

func TestGuideIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../../../../docs/guides/error-codes.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != document() {
		t.Error("docs/guides/error-codes.md is not current: run go generate ./internal/record")
	}
}
