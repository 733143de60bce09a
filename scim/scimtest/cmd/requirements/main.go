// Command requirements prints which requirements of SCIM tests prove, by area, and lists the others: go run ./scim/scimtest/cmd/requirements
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/rollcall-id/rollcall/scim/scimtest/requirements"
)

func main() {
	markdown := flag.Bool("markdown", false, "print every requirement with its tests, as Markdown")
	output := flag.String("output", "", "write to this file instead of standard output")
	flag.Parse()
	if err := run(*markdown, *output); err != nil {
		fmt.Fprintln(os.Stderr, "requirements:", err)
		os.Exit(1)
	}
}

func run(markdown bool, output string) error {
	areas, err := requirements.Load()
	if err != nil {
		return fmt.Errorf("loading: %w", err)
	}
	show := requirements.Print
	if markdown {
		show = requirements.Markdown
	}
	var b bytes.Buffer
	if err := show(&b, areas); err != nil {
		return fmt.Errorf("showing: %w", err)
	}
	if output == "" {
		_, err = os.Stdout.Write(b.Bytes())
	} else {
		err = os.WriteFile(output, b.Bytes(), 0o644) //nolint:gosec // a document that everybody may read
	}
	if err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	return nil
}
