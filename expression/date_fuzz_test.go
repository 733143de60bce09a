package expression_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

// evalAt evaluates with a clock that stands still; every error must be an *Error.
func evalAt(t *testing.T, text string, a attributes) (expression.Value, bool) {
	t.Helper()
	v, err := runAt(t, text, a)
	var e *expression.Error
	if err != nil && !errors.As(err, &e) {
		t.Fatalf("%s: got %T: %v", text, err, err)
	}
	return v, err == nil
}

// FuzzCDate: whatever is read is an instant of the years 1 to 9999, and reads the same after it was written in ISO 8601.
func FuzzCDate(f *testing.F) {
	for _, seed := range []string{
		"2020-03-16-07:00", "8/25/2021 5:41:18 PM", "Mon, 16 Mar 2020 20:45:30 GMT", "16mar20 1pm +0200", "2020-03-16T09:08:59.99999999Z", "3/16", "13:45",
		"March 2020", "9999-12-31T23:59:59.9999999-00:01",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := evalAt(t, `CDate([a])`, attributes{"a": expression.Str(text)})
		if !ok || v.IsNull() {
			return
		}
		at, isTime := v.Any().(time.Time)
		if !isTime || at.Year() < 1 || at.Year() > 9999 {
			t.Fatalf("%q: got %v", text, v.Any())
		}
		iso := at.Format("2006-01-02T15:04:05.0000000Z")
		again, ok := evalAt(t, `CDate([a])`, attributes{"a": expression.Str(iso)})
		if !ok || again.Any() != v.Any() {
			t.Fatalf("%q: got %s, and from that %v", text, iso, again.Any())
		}
	})
}

// losslessFormats write everything of an instant down, or all that the next reading needs.
var losslessFormats = []string{
	"o", "yyyyMMddHHmmssfffffffK", "dddd, d MMMM yyyyy h:m:s.FFFFFFF tt zzz", "ddd dd-MMM-yyyy hh:mm:ss.fffffff t'M' 'GMT'", `'a''b' s\s.FFFFFFF "H"H:m yyyy/M/d%z`,
}

// FuzzDateFormat: no format and no text may panic; what a lossless format wrote reads as the same instant.
func FuzzDateFormat(f *testing.F) {
	for i, format := range append(losslessFormats, "R", "U", "yy-MMM g", "%d", `\`, "'", "ffffffff", "ss.F") {
		f.Add(int64(i)*7_654_321_987_654_321, format, "2020-12-31 07:08")
	}
	f.Fuzz(func(t *testing.T, n int64, format, text string) {
		a := attributes{"a": expression.Str(text), "format": expression.Str(format)}
		evalAt(t, `FormatDateTime([a], "AllowWhiteSpaces", [format], [format])`, a)
		a["n"] = expression.Int(n)
		a["iso"], _ = evalAt(t, `NumFromDate(DateFromNum([n]))`, a)
		if a["iso"].IsNull() {
			return // not in the years 1601 to 9999
		}
		at, _ := evalAt(t, `DateFromNum([n])`, a)
		instant, isTime := at.Any().(time.Time)
		if !isTime {
			t.Fatalf("%d: got %v", n, at.Any())
		}
		a["iso"] = expression.Str(instant.Format("2006-01-02T15:04:05.0000000Z"))
		written, ok := evalAt(t, `FormatDateTime([iso], , "o", [format])`, a)
		if ok && len(written.Text()) > 10*200 {
			t.Fatalf("%q: wrote %d bytes", format, len(written.Text()))
		}
		for _, format := range losslessFormats {
			a["format"] = expression.Str(format)
			written, ok := evalAt(t, `FormatDateTime([iso], , "o", [format])`, a)
			a["written"] = written
			read, okRead := evalAt(t, `FormatDateTime([written], "AdjustToUniversal", [format], "o")`, a)
			if !ok || !okRead || strings.TrimSuffix(read.Text(), "Z") != strings.TrimSuffix(a["iso"].Text(), "Z") {
				t.Fatalf("%s as %q: wrote %q, read %q", a["iso"].Text(), format, written.Text(), read.Text())
			}
		}
	})
}
