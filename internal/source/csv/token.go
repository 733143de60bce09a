package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// Limits of a file. What exceeds them is rejected; nothing is cut.
const (
	maxField   = 64 << 10  // bytes of one value
	maxRow     = 256 << 10 // bytes of all values of a row
	maxColumns = 512
)

// record is one row of a file as it was cut up, before decoding.
type record struct {
	line    int      // of its first character
	cells   [][]byte // valid until the next call of next
	problem string   // why the row cannot be used; empty: it is well formed
}

// tokenizer cuts a file into rows by RFC 4180: values may stand in quotes, quoted values may hold delimiters and line breaks, a doubled quote stands for
// one. Line breaks are LF, CRLF or CR. It works on bytes, because both encodings agree on those that matter. Unlike encoding/csv it bounds what one value
// may take, goes on after a malformed row, and refuses a file whose quotes do not match, since the rows behind an open quote would silently be missing.
type tokenizer struct {
	in        *bufio.Reader
	delimiter byte
	line      int // line of the next byte

	buf    []byte // values of the current row, one behind the other
	ends   []int  // where each value ends in buf
	start  int    // where the current value starts
	closed bool   // the current value had its closing quote: only blanks may follow
	rec    record
}

// next returns the next row that is not blank, or io.EOF. Any other error concerns the whole file.
func (t *tokenizer) next() (*record, error) {
	for {
		t.buf, t.ends, t.start, t.closed = t.buf[:0], t.ends[:0], 0, false
		t.rec = record{line: t.line, cells: t.rec.cells[:0]}
		more, err := t.row()
		if err != nil {
			return nil, err
		}
		blank := len(t.ends) == 1 && len(bytes.TrimSpace(t.buf)) == 0
		if blank && t.rec.problem == "" {
			if !more {
				return nil, io.EOF
			}
			continue
		}
		start := 0
		for _, end := range t.ends {
			t.rec.cells = append(t.rec.cells, t.buf[start:end])
			start = end
		}
		return &t.rec, nil
	}
}

// row reads up to and including the next line break outside quotes. more is false at the end of the file.
func (t *tokenizer) row() (more bool, err error) {
	for {
		c, err := t.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			t.endValue()
			return false, nil
		case err != nil:
			return false, fmt.Errorf("read line %d: %w", t.line, err)
		case c == '\n' || c == '\r':
			t.endValue()
			return true, t.lineBreak(c)
		case c == t.delimiter:
			t.endValue()
		case c == '"' && t.fresh():
			t.buf = t.buf[:t.start]
			if err := t.quoted(); err != nil {
				return false, err
			}
		case c == '"' && !t.closed:
			t.fail("a quote stands in the middle of a value: put the whole value in quotes and double the quotes inside it")
		default:
			t.keep(c)
		}
	}
}

// fresh reports whether the current value has nothing but blanks so far. Some programs put a blank between delimiter and quote.
func (t *tokenizer) fresh() bool { return !t.closed && len(bytes.TrimLeft(t.buf[t.start:], " ")) == 0 }

// quoted reads the rest of a quoted value, its closing quote included.
func (t *tokenizer) quoted() error {
	opened := t.line
	for {
		c, err := t.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return fault.Errorf(fault.ErrInvalid,
				"the quoted value that begins in line %d has no closing quote: the file is damaged or cut off, nothing was imported", opened)
		case err != nil:
			return fmt.Errorf("read line %d: %w", t.line, err)
		case c == '"':
			next, err := t.in.ReadByte()
			if err == nil && next == '"' {
				t.keep('"')
				continue
			}
			t.closed = true
			if err == nil {
				return t.in.UnreadByte()
			}
			return nil // the end of the file, or an error that the next read reports again
		case c == '\n' || c == '\r':
			if len(t.buf)-t.start >= maxField || len(t.buf) >= maxRow {
				return fault.Errorf(fault.ErrInvalid,
					"the quoted value that begins in line %d goes on for more than %d bytes: a closing quote is missing, nothing was imported", opened, maxField)
			}
			if err := t.lineBreak(c); err != nil {
				return err
			}
			t.keep('\n')
		default:
			t.keep(c)
		}
	}
}

// lineBreak counts the line that c ends and takes the LF of a CRLF.
func (t *tokenizer) lineBreak(c byte) error {
	t.line++
	if c != '\r' {
		return nil
	}
	next, err := t.in.ReadByte()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return fmt.Errorf("read line %d: %w", t.line, err)
	case next != '\n':
		return t.in.UnreadByte()
	}
	return nil
}

// keep adds a byte to the current value, within the limits.
func (t *tokenizer) keep(c byte) {
	switch {
	case t.closed && c != ' ':
		t.fail("text follows a closing quote: double the quotes inside a quoted value")
	case len(t.buf)-t.start >= maxField:
		t.fail(fmt.Sprintf("value %d is longer than %d bytes", len(t.ends)+1, maxField))
	case len(t.buf) >= maxRow:
		t.fail(fmt.Sprintf("the row is longer than %d bytes", maxRow))
	default:
		t.buf = append(t.buf, c)
	}
}

func (t *tokenizer) endValue() {
	if len(t.ends) >= maxColumns {
		t.fail(fmt.Sprintf("the row has more than %d values", maxColumns))
		t.buf = t.buf[:t.start]
		return
	}
	t.ends = append(t.ends, len(t.buf))
	t.start = len(t.buf)
	t.closed = false
}

// fail notes the first problem of the row.
func (t *tokenizer) fail(problem string) {
	if t.rec.problem == "" {
		t.rec.problem = problem
	}
}
