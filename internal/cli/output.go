package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// jsonFlag adds --json to a command.
func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print one JSON document (lists: one a line) on standard output and nothing else there")
	return c
}

// printJSON writes v as one line of JSON.
func (a *app) printJSON(v any) {
	a.printed = true
	enc := json.NewEncoder(a.Out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		fmt.Fprintf(a.Err, "rollcall: cannot write the answer: %v\n", err)
	}
}

// say prints a message for a person: on standard output, or on standard error where standard output is for JSON.
func (a *app) say(format string, args ...any) {
	w := a.Out
	if a.json {
		w = a.Err
	}
	fmt.Fprintf(w, format+"\n", args...)
}

// note prints a message for a person on standard error.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.Err, format+"\n", args...) }

// table prints rows in aligned columns, the first row being the heading: where say prints.
func (a *app) table(rows [][]string) {
	out := a.Out
	if a.json {
		out = a.Err
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		fmt.Fprintf(a.Err, "rollcall: cannot write the answer: %v\n", err)
	}
}

const maxSecret = 4096

// secretFrom reads a secret from standard input; one trailing newline is not part of it.
func (a *app) secretFrom() (string, error) {
	data, err := io.ReadAll(io.LimitReader(a.In, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("read the secret from standard input: %w", err)
	}
	if len(data) > maxSecret {
		return "", usagef("the secret on standard input is longer than %d bytes", maxSecret)
	}
	s := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	if s == "" {
		return "", usagef("standard input holds no secret: pipe it in, for example: printf %%s \"$SECRET\" | rollcall …")
	}
	return s, nil
}

// confirm asks a yes-or-no question on a terminal. Where there is no terminal it answers no.
func (a *app) confirm(question string) bool {
	if !isTerminal(a.In) {
		return false
	}
	fmt.Fprintf(a.Err, "%s [y/N] ", question)
	line, err := bufio.NewReader(a.In).ReadString('\n')
	if err != nil {
		return false
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}
