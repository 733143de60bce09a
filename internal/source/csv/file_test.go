package csv

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// readAll opens a file and lists its rows: "line: value|value" or "line! problem".
func readAll(data, encoding string) (t *table, rows []string, err error) {
	t, err = open(File{Name: "people.csv", Data: strings.NewReader(data)}, encoding)
	if err != nil {
		return nil, nil, err
	}
	rows = []string{strings.Join(t.header, "|")}
	for {
		row, err := t.next()
		if errors.Is(err, io.EOF) {
			return t, rows, nil
		}
		if err != nil {
			return t, rows, err
		}
		if row.problem != "" {
			rows = append(rows, fmt.Sprintf("%d! %s", row.line, row.problem))
			continue
		}
		rows = append(rows, fmt.Sprintf("%d: %s", row.line, strings.Join(row.values, "|")))
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		title, in, encoding, delimiter string
		want                           []string
	}{
		{"comma", "a,b\n1,2\n", "", "comma", []string{"a|b", "2: 1|2"}},
		{"semicolon", "a;b\n1,5;2\n", "", "semicolon", []string{"a|b", "2: 1,5|2"}},
		{"tab", "a\tb\n1;x\t2\n", "", "tab", []string{"a|b", "2: 1;x|2"}},
		{"delimiter inside a quoted header", "\"a,b,c\";d\n1;2\n", "", "semicolon", []string{"a,b,c|d", "2: 1|2"}},
		{"one column", "a\n1\n", "", "comma", []string{"a", "2: 1"}},
		{"mark of UTF-8", "\xef\xbb\xbfa,b\n1,ü\n", "", "comma", []string{"a|b", "2: 1|ü"}},
		{"hint of a spreadsheet", "sep=;\na;b\n1;2\n", "", "semicolon", []string{"a|b", "3: 1|2"}},
		{"white space around values", " a , b\n 1\u00a0,\t2 \n", "", "comma", []string{"a|b", "2: 1|2"}},
		{"windows-1252", "a;b\nM\xfcller;\x80\n", "Windows-1252", "semicolon", []string{"a|b", "2: Müller|€"}},
		{
			"no character of windows-1252", "a;b\nM\x81ller;x\n1;2", "windows-1252", "semicolon",
			[]string{"a|b", "2! value 1 holds the byte 0x81, which is no character in Windows-1252", "3: 1|2"},
		},
		{
			"not UTF-8", "a,b\nx,M\xfcller\n1,2\n", "", "comma",
			[]string{"a|b", "2! value 2 is not UTF-8 (byte 0xFC): save the file as UTF-8, or import it with --encoding windows-1252", "3: 1|2"},
		},
		{"NUL", "a,b\nx,y\x00z\n1,2\n", "", "comma", []string{"a|b", "2! value 2 holds the control character U+0000: remove it", "3: 1|2"}},
		{
			"too few and too many values", "a,b\n1\n1,2,3\n1,2\n", "", "comma", []string{
				"a|b", "2! the row has 1 values, and the header has 2 columns: put a value that holds the delimiter (comma) in quotes",
				"3! the row has 3 values, and the header has 2 columns: put a value that holds the delimiter (comma) in quotes", "4: 1|2",
			},
		},
	} {
		t.Run(c.title, func(t *testing.T) {
			tab, rows, err := readAll(c.in, c.encoding)
			if err != nil || !slices.Equal(rows, c.want) {
				t.Fatalf("got %q, %v; want %q", rows, err, c.want)
			}
			if got := tab.delimiterName(); got != c.delimiter {
				t.Errorf("got delimiter %s, want %s", got, c.delimiter)
			}
		})
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct{ title, in, encoding, want string }{
		{"empty", "", "", "is empty"},
		{"blank", "\n \n", "", "is empty"},
		{"UTF-16", "\xff\xfea\x00", "", "UTF-16"},
		{"workbook", "PK\x03\x04rest", "", "workbook"},
		{"mark of UTF-8 against the flag", "\xef\xbb\xbfa,b\n", "windows-1252", "mark of UTF-8"},
		{"unknown encoding", "a,b\n", "latin-9", `"latin-9"`},
		{"header that is not UTF-8", "na\xefve,b\n", "", "header"},
		{"delimiter hint of another kind", "sep=|\na|b\n", "", "comma, semicolon or tab"},
	} {
		t.Run(c.title, func(t *testing.T) {
			_, _, err := readAll(c.in, c.encoding)
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestLimit(t *testing.T) {
	for _, c := range []struct {
		in           string
		people, want int
	}{
		{"", 1000, 200}, {"", 10, 5}, {"", 0, 5}, {"", 29, 5}, {"", 30, 6},
		{"0", 1000, 0}, {"25", 10, 25}, {"10%", 1000, 100}, {"10 %", 9, 0}, {"100%", 7, 7}, {"0%", 7, 0},
	} {
		l, err := ParseLimit(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got := l.Of(c.people); got != c.want {
			t.Errorf("%q of %d people: got %d, want %d", c.in, c.people, got, c.want)
		}
	}
	for _, in := range []string{"many", "-1", "101%", "1.5", "%", "20%%"} {
		if l, err := ParseLimit(in); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%q: got %v, %v; want an error", in, l, err)
		}
	}
}
