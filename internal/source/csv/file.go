package csv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// window is how much of a file is looked at to find the delimiter. A header is shorter.
const window = 64 << 10

// table is a file opened for one pass over its rows.
type table struct {
	name     string
	tokens   tokenizer
	encoding string
	header   []string
	row      row // reused: valid until the next call of next
}

// row is one decoded row. values are trimmed of white space at both ends and, of a row without problem, as many as the header has.
type row struct {
	line    int
	values  []string
	problem string // why the row cannot be used; empty: it can
}

// open starts a pass: it goes to the beginning of the file, recognises the format and reads the header.
func open(f File, encoding string) (*table, error) {
	if _, err := f.Data.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read %s from its start: %w (a pipe cannot be imported: save it as a file first)", f.Name, err)
	}
	t := &table{name: f.Name, encoding: strings.ToLower(strings.TrimSpace(encoding))}
	switch t.encoding {
	case "", UTF8, "utf8":
		t.encoding = UTF8
	case Windows1252, "cp1252":
		t.encoding = Windows1252
	default:
		return nil, fault.Errorf(fault.ErrInvalid, "the encoding is %s or %s, not %q", UTF8, Windows1252, encoding)
	}
	in := bufio.NewReaderSize(f.Data, window)
	head, err := in.Peek(window)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	skip, err := t.recognise(head)
	if err != nil {
		return nil, err
	}
	if _, err := in.Discard(skip); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name, err)
	}
	t.tokens = tokenizer{in: in, line: 1, delimiter: ','}
	return t, t.readHeader(head[skip:])
}

// recognise tells files that are not text in the expected encoding apart from those that are, and returns the length of a byte order mark.
func (t *table) recognise(head []byte) (int, error) {
	refuse := func(format string, args ...any) (int, error) {
		return 0, fault.Errorf(fault.ErrInvalid, "%s %s", t.name, fmt.Sprintf(format, args...))
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return refuse("is UTF-16; expected is UTF-8: save it as \"CSV UTF-8\"")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return refuse("is a spreadsheet workbook; expected is a text file: save it as \"CSV UTF-8\"")
	case !bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return 0, nil
	case t.encoding != UTF8:
		return refuse("begins with the mark of UTF-8, but the encoding %s was asked for: leave the encoding out", t.encoding)
	}
	return 3, nil
}

// readHeader finds the delimiter and reads the names of the columns.
func (t *table) readHeader(head []byte) error {
	// A first line "sep=;" is how spreadsheet programs hand the delimiter on.
	if bytes.HasPrefix(head, []byte("sep=")) && len(head) > 5 && (head[5] == '\n' || head[5] == '\r') {
		t.tokens.delimiter = head[4]
		if _, err := t.tokens.in.Discard(5); err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		if !strings.ContainsRune(",;\t", rune(head[4])) {
			return fault.Errorf(fault.ErrInvalid, "%s says that %q separates its values; expected is comma, semicolon or tab", t.name, head[4])
		}
	} else {
		t.tokens.delimiter = delimiter(head)
	}
	rec, err := t.tokens.next()
	if errors.Is(err, io.EOF) {
		return fault.Errorf(fault.ErrInvalid, "%s is empty; expected is a header line with the names of the columns, then one line a row", t.name)
	}
	if err != nil {
		return err
	}
	t.decode(rec)
	if t.row.problem != "" {
		return fault.Errorf(fault.ErrInvalid, "the header of %s (line %d) cannot be read: %s", t.name, t.row.line, t.row.problem)
	}
	t.header = append([]string(nil), t.row.values...)
	return nil
}

// delimiter returns the one that stands most often in the first line that is not blank. Without any, the file has one column and it does not matter.
func delimiter(head []byte) byte {
	counts := map[byte]int{}
	quoted, seen := false, false
scan:
	for _, c := range head {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\n' || c == '\r':
			if seen {
				break scan
			}
		case c == ',' || c == ';' || c == '\t':
			counts[c]++
		}
		seen = seen || c != '\n' && c != '\r' && c != ' '
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

// delimiterName is the delimiter in words.
func (t *table) delimiterName() string {
	switch t.tokens.delimiter {
	case ';':
		return "semicolon"
	case '\t':
		return "tab"
	}
	return "comma"
}

// next returns the next row, or io.EOF. Any other error concerns the whole file.
func (t *table) next() (*row, error) {
	rec, err := t.tokens.next()
	if err != nil {
		return nil, err
	}
	t.decode(rec)
	if t.row.problem == "" && len(t.row.values) != len(t.header) {
		t.row.problem = fmt.Sprintf("the row has %d values, and the header has %d columns: put a value that holds the delimiter (%s) in quotes",
			len(t.row.values), len(t.header), t.delimiterName())
	}
	return &t.row, nil
}

// decode turns the bytes of a record into trimmed strings. The first thing wrong becomes the row's problem; values that cannot be decoded are empty.
func (t *table) decode(rec *record) {
	t.row.line, t.row.problem, t.row.values = rec.line, rec.problem, t.row.values[:0]
	for i, cell := range rec.cells {
		value, problem := decodeValue(cell, t.encoding)
		if problem != "" && t.row.problem == "" {
			t.row.problem = fmt.Sprintf("value %d %s", i+1, problem)
		}
		t.row.values = append(t.row.values, value)
	}
}

// decodeValue decodes one value and checks that it is text: databases cannot store NUL, and other control characters never belong into a name.
func decodeValue(cell []byte, encoding string) (value, problem string) {
	if encoding == Windows1252 {
		var b strings.Builder
		for _, c := range cell {
			switch c {
			case 0x81, 0x8d, 0x8f, 0x90, 0x9d:
				return "", fmt.Sprintf("holds the byte 0x%02X, which is no character in Windows-1252", c)
			}
			b.WriteRune(charmap.Windows1252.DecodeByte(c))
		}
		value = b.String()
	} else {
		if !utf8.Valid(cell) {
			return "", fmt.Sprintf("is not UTF-8 (byte 0x%02X): save the file as UTF-8, or import it with --encoding %s", firstInvalid(cell), Windows1252)
		}
		value = string(cell)
	}
	for _, r := range value {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return "", fmt.Sprintf("holds the control character %U: remove it", r)
		}
	}
	return strings.TrimSpace(value), ""
}

func firstInvalid(cell []byte) byte {
	for i := 0; i < len(cell); {
		r, n := utf8.DecodeRune(cell[i:])
		if r == utf8.RuneError && n <= 1 {
			return cell[i]
		}
		i += n
	}
	return 0
}
