// Command reference writes the manual of the expression language, docs/expressions.md, from the table of its functions: go run ./expression/cmd/reference
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	output := flag.String("output", "", "write to this file instead of standard output")
	flag.Parse()
	if err := run(*output); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run(output string) error {
	var b bytes.Buffer
	if err := write(context.Background(), &b); err != nil {
		return err
	}
	var err error
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
