package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error is what is wrong with an expression, or what went wrong in an evaluation.
type Error struct {
	Position int    // character at which the trouble starts, counted from 1
	Message  string // what came, what was expected, what to do
	text     string // the expression
}

// Error returns the message with its position.
func (e *Error) Error() string { return fmt.Sprintf("character %d: %s", e.Position, e.Message) }

// caretContext is how many characters around the position are shown of a long line.
const caretContext = 60

// Caret returns the line of the expression with the trouble and, below it, a caret under the place.
func (e *Error) Caret() string {
	runes := []rune(e.text)
	at := min(max(e.Position-1, 0), len(runes))
	start, end := at, at
	for start > 0 && runes[start-1] != '\n' && at-start < caretContext {
		start--
	}
	for end < len(runes) && runes[end] != '\n' && end-at < caretContext {
		end++
	}
	line := []rune(strings.Map(printable, string(runes[start:end])))
	return string(line) + "\n" + strings.Repeat(" ", at-start) + "^"
}

// printable replaces what would move the cursor, so that the caret stands where it should.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// errorAt returns an error at a byte offset of the text.
func errorAt(text string, offset int, format string, args ...any) *Error {
	offset = min(max(offset, 0), len(text))
	return &Error{Position: utf8.RuneCountInString(text[:offset]) + 1, Message: fmt.Sprintf(format, args...), text: text}
}

// maxQuoted is how much of a value an error message shows.
const maxQuoted = 60

// quote shows a value in an error message.
func quote(s string) string {
	if utf8.RuneCountInString(s) > maxQuoted {
		s = string([]rune(s)[:maxQuoted]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
