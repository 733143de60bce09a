// Command errorcodes prints docs/guides/error-codes.md from the table of codes.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/rollcall-id/rollcall/internal/record"
)

//go:embed head.md
var head string

func main() {
	output := flag.String("output", "", "write to this file instead of standard output")
	flag.Parse()
	if *output == "" {
		fmt.Print(document())
		return
	}
	if err := os.WriteFile(*output, []byte(document()), 0o644); err != nil { //nolint:gosec // a document that everybody may read
		fmt.Fprintln(os.Stderr, "errorcodes:", err)
		os.Exit(1)
	}
}

func document() string {
	var b strings.Builder
	b.WriteString(head)
	record.WriteCodes(&b)
	return b.String()
}
