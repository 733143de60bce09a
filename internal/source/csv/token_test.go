package csv

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

// cut reads all of a text: one "line: value|value" or "line! problem" a row, and the error that ended it.
func cut(text string, delimiter byte) ([]string, error) {
	t := tokenizer{in: bufio.NewReader(strings.NewReader(text)), line: 1, delimiter: delimiter}
	out := []string{}
	for {
		rec, err := t.next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		if rec.problem != "" {
			out = append(out, fmt.Sprintf("%d! %s", rec.line, rec.problem))
			continue
		}
		var values []string
		for _, c := range rec.cells {
			values = append(values, string(c))
		}
		out = append(out, fmt.Sprintf("%d: %s", rec.line, strings.Join(values, "|")))
	}
}

func TestTokenizer(t *testing.T) {
	const middle = "a quote stands in the middle of a value: put the whole value in quotes and double the quotes inside it"
	const follows = "text follows a closing quote: double the quotes inside a quoted value"
	for _, c := range []struct {
		title, in string
		want      []string
	}{
		{"plain", "a,b\nc,d\n", []string{"1: a|b", "2: c|d"}},
		{"no line break at the end", "a,b\nc,d", []string{"1: a|b", "2: c|d"}},
		{"CRLF", "a,b\r\nc,d\r\n", []string{"1: a|b", "2: c|d"}},
		{"CR", "a,b\rc,d\r", []string{"1: a|b", "2: c|d"}},
		{"blank lines", "\n\n a,b\n  \n\r\nc,d\n\n", []string{"3:  a|b", "6: c|d"}},
		{"empty values", ",\n,,", []string{"1: |", "2: ||"}},
		{"quotes", `"a,b","c ""d"""` + "\n", []string{`1: a,b|c "d"`}},
		{"quoted empty value", `"",x`, []string{"1: |x"}},
		{"line break in quotes", "\"a\r\nb\",c\nd,e\n", []string{"1: a\nb|c", "3: d|e"}},
		{"blank before a quote", "x, \"a,b\" ,c", []string{"1: x|a,b |c"}},
		{"quote in the middle", "5\" pipe,x\nc,d\n", []string{"1! " + middle, "2: c|d"}},
		{"text behind a quote", "\"a\"b,x\nc,d\n", []string{"1! " + follows, "2: c|d"}},
		{"another quote behind a quote", "\"a\" \"b\"\nc,d\n", []string{"1! " + follows, "2: c|d"}},
		{"value too long", strings.Repeat("x", maxField+1) + ",a\nc,d\n", []string{"1! value 1 is longer than 65536 bytes", "2: c|d"}},
		{"quoted value too long", `"` + strings.Repeat("x", maxField+9) + "\",a\nc,d\n", []string{"1! value 1 is longer than 65536 bytes", "2: c|d"}},
		{"longest value", strings.Repeat("x", maxField) + "\n", []string{"1: " + strings.Repeat("x", maxField)}},
		{"row too long", strings.Repeat(strings.Repeat("x", maxField-1)+",", 5) + "\nc,d\n", []string{"1! the row is longer than 262144 bytes", "2: c|d"}},
		{"too many values", strings.Repeat(",", maxColumns) + "\nc,d\n", []string{"1! the row has more than 512 values", "2: c|d"}},
		{"nothing", "", []string{}},
	} {
		t.Run(c.title, func(t *testing.T) {
			got, err := cut(c.in, ',')
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %.300q, %v; want %.300q", got, err, c.want)
			}
		})
	}
}

func TestUnclosedQuoteRefusesTheFile(t *testing.T) {
	for title, in := range map[string]string{
		"to the end":          "a,b\nc,\"d\ne,f\n",
		"over the limit":      "a,b\nc,\"d\n" + strings.Repeat("somebody,else\n", maxField/10),
		"at the end":          "a,b\nc,\"",
		"doubled at the end":  "a,b\nc,\"\"\"",
		"over the row's size": "a,b\nc,\"" + strings.Repeat("x", maxField) + "\nd",
	} {
		t.Run(title, func(t *testing.T) {
			_, err := cut(in, ',')
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "line 2") {
				t.Errorf("got %v, want an error that names line 2", err)
			}
		})
	}
}

// FuzzTokenizer: no text panics or hangs, rows keep within the limits, and lines only grow.
func FuzzTokenizer(f *testing.F) {
	for _, s := range []string{"a,b\n\"c\nd\",e", "\"", "\"\"\"", "a\r\r\nb", ",,,\n", "\"a\"b\n", "sep=;\na;b"} {
		f.Add(s, byte(','))
	}
	f.Fuzz(func(t *testing.T, in string, delimiter byte) {
		if delimiter == '"' || delimiter == '\n' || delimiter == '\r' {
			return
		}
		tok := tokenizer{in: bufio.NewReader(strings.NewReader(in)), line: 1, delimiter: delimiter}
		for last := 0; ; {
			rec, err := tok.next()
			if err != nil {
				return
			}
			if rec.line <= last {
				t.Fatalf("line %d follows line %d", rec.line, last)
			}
			last = rec.line
			if len(rec.cells) > maxColumns {
				t.Fatalf("%d values", len(rec.cells))
			}
			for _, c := range rec.cells {
				if len(c) > maxField {
					t.Fatalf("a value of %d bytes", len(c))
				}
			}
		}
	})
}

// FuzzOpen: no bytes panic or hang on their way into rows.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("userPrincipalName;displayName\r\nanna@x;\"Anna; B\"\r\n"), "")
	f.Add([]byte("\xef\xbb\xbfa,b\n1,2\n"), "utf-8")
	f.Add([]byte("a\tb\n\xe4\t\x81\n"), "windows-1252")
	f.Add([]byte("\xff\xfea\x00"), "")
	f.Fuzz(func(t *testing.T, in []byte, encoding string) {
		tab, err := open(File{Name: "fuzz.csv", Data: strings.NewReader(string(in))}, encoding)
		if err != nil {
			return
		}
		for {
			row, err := tab.next()
			if err != nil {
				return
			}
			if row.problem == "" && len(row.values) != len(tab.header) {
				t.Fatalf("a good row with %d values for %d columns", len(row.values), len(tab.header))
			}
			for _, v := range row.values {
				if strings.ContainsRune(v, 0) || v != strings.TrimSpace(v) || v != strings.ToValidUTF8(v, "?") {
					t.Fatalf("got value %q", v)
				}
			}
		}
	})
}
