package expression_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rollcall-id/rollcall/expression"
)

// noon is the clock of the date tests: Wednesday, 28 February 2024.
func noon() time.Time { return time.Date(2024, 2, 28, 12, 0, 0, 0, time.FixedZone("", -3600)) }

// runAt is run with a clock that stands still.
func runAt(t *testing.T, text string, a attributes) (expression.Value, error) {
	t.Helper()
	p, err := expression.Compile(text)
	if err != nil {
		return expression.NullValue, err
	}
	return p.Eval(t.Context(), &expression.Env{Source: a, Now: noon})
}

// dateCase is a row of a table: want is the text of the result, or a part of the error.
type dateCase struct {
	text, want string
	fails      bool
}

func (c dateCase) check(t *testing.T, expr string, a attributes) {
	t.Helper()
	got, err := runAt(t, expr, a)
	switch {
	case c.fails && (err == nil || !strings.Contains(err.Error(), c.want)):
		t.Errorf("%s of %q: got %q, %v; want an error with %q", expr, c.text, got.Text(), err, c.want)
	case !c.fails && (err != nil || got.Text() != c.want):
		t.Errorf("%s of %q: got %q, %v; want %q", expr, c.text, got.Text(), err, c.want)
	}
}

func TestCDate(t *testing.T) {
	tests := []dateCase{
		{text: "2020-03-16", want: "3/16/2020 12:00:00 AM"},
		{text: "  2020-3-6 ", want: "3/6/2020 12:00:00 AM"},
		{text: "2020/03/16", want: "3/16/2020 12:00:00 AM"},
		{text: "2020.03.16", want: "3/16/2020 12:00:00 AM"},
		{text: "2020-03", want: "3/1/2020 12:00:00 AM"},
		{text: "3/2020", want: "3/1/2020 12:00:00 AM"},
		{text: "3/16", want: "3/16/2024 12:00:00 AM"},
		{text: "3/16/20", want: "3/16/2020 12:00:00 AM"},
		{text: "3/16/49", want: "3/16/2049 12:00:00 AM"},
		{text: "3/16/50", want: "3/16/1950 12:00:00 AM"},
		{text: "3-16-2020", want: "3/16/2020 12:00:00 AM"},
		{text: "0001-01-01", want: "1/1/0001 12:00:00 AM"},
		{text: "9999-12-31T23:59:59.9999999Z", want: "12/31/9999 11:59:59 PM"},
		{text: "2000-02-29", want: "2/29/2000 12:00:00 AM"},
		{text: "2020-03-16-07:00", want: "3/16/2020 7:00:00 AM"},
		{text: "2020-03-16 -07:00", want: "3/16/2020 7:00:00 AM"},
		{text: "2020-03-16Z", want: "3/16/2020 12:00:00 AM"},
		{text: "2020-03-16T09:08Z", want: "3/16/2020 9:08:00 AM"},
		{text: "2020-03-16T09:08:07+0530", want: "3/16/2020 3:38:07 AM"},
		{text: "2020-03-16T09:08:07+02", want: "3/16/2020 7:08:07 AM"},
		{text: "2020-03-16T09:08:07+14:00", want: "3/15/2020 7:08:07 PM"},
		{text: "2020-03-16t09:08:07z", want: "3/16/2020 9:08:07 AM"},
		{text: "2020-03-16 23:59:59-08:00", want: "3/17/2020 7:59:59 AM"},
		{text: "2020-03-16 09:08:59.99999999", want: "3/16/2020 9:09:00 AM"},
		{text: "8/25/2021 5:41:18 PM", want: "8/25/2021 5:41:18 PM"},
		{text: "8/25/2021 12:00:00 AM", want: "8/25/2021 12:00:00 AM"},
		{text: "8/25/2021 12:30 pm", want: "8/25/2021 12:30:00 PM"},
		{text: "8/25/2021 5PM", want: "8/25/2021 5:00:00 PM"},
		{text: "8/25/2021 17:00 PM", want: "8/25/2021 5:00:00 PM"},
		{text: "16 March 2020", want: "3/16/2020 12:00:00 AM"},
		{text: "16-Mar-2020", want: "3/16/2020 12:00:00 AM"},
		{text: "16mar2020", want: "3/16/2020 12:00:00 AM"},
		{text: "2020 March 16", want: "3/16/2020 12:00:00 AM"},
		{text: "March 16, 2020 7:05 PM", want: "3/16/2020 7:05:00 PM"},
		{text: "March 16", want: "3/16/2024 12:00:00 AM"},
		{text: "March 2020", want: "3/1/2020 12:00:00 AM"},
		{text: "Monday, 16 March 2020", want: "3/16/2020 12:00:00 AM"},
		{text: "Mon, 16 Mar 2020 20:45:30 GMT", want: "3/16/2020 8:45:30 PM"},
		{text: "Mon, 16 Mar 2020 23:45:30 -0700", want: "3/17/2020 6:45:30 AM"},
		{text: "13:45", want: "2/28/2024 1:45:00 PM"},
		{text: "1:45:07 PM", want: "2/28/2024 1:45:07 PM"},
		{text: "1 PM +01:00", want: "2/28/2024 12:00:00 PM"},

		{text: "2019-02-29", want: "February 2019 has no day 29", fails: true},
		{text: "31/12/2020", want: "there is no month 31", fails: true},
		{text: "0/12/2020", want: "there is no month 0", fails: true},
		{text: "2020-12-0", want: "December 2020 has no day 0", fails: true},
		{text: "0000-01-01", want: "there is no year 0", fails: true},
		{text: "16.03.2020", want: "whether the day or the month comes first", fails: true},
		{text: "2020-03/16", want: "separate parts of one date", fails: true},
		{text: "20200316", want: "more than four digits", fails: true},
		{text: "12020-03-16", want: "more than four digits", fails: true},
		{text: "2020-03-16T24:00:00", want: "there is no time 24:00:00", fails: true},
		{text: "2020-03-16 10:60", want: "there is no time 10:60:00", fails: true},
		{text: "2020-03-16 13:00 AM", want: "there is no hour 13 AM", fails: true},
		{text: "2020-03-16 10:00 11:00", want: "the time is not where", fails: true},
		{text: "2020-03-07:00", want: "the time is not where", fails: true},
		{text: "2020-03-16T10:00+15:00", want: "at most 14 hours", fails: true},
		{text: "2020-03-16T10:00+1:60", want: "a time zone is written as", fails: true},
		{text: "2020-03-16T10:00+123", want: "a time zone is written as", fails: true},
		{text: "2020-03-16T10:00:07.", want: "digits must follow", fails: true},
		{text: "2020-03-16T10:", want: "one or two digits", fails: true},
		{text: "2020-03-16 17", want: "more numbers than a date needs", fails: true},
		{text: "2020-03-16 PM", want: "the time is not where", fails: true},
		{text: "March 16, 2020, PM", want: `"PM" is not expected`, fails: true},
		{text: "2020-03-16T", want: `"T" is not expected`, fails: true},
		{text: "Tuesday, 16 March 2020", want: "that day is a Monday, not a Tuesday", fails: true},
		{text: "March April 2020", want: "two months", fails: true},
		{text: "March", want: "neither a day nor a year", fails: true},
		{text: "2020", want: "one number is not a date", fails: true},
		{text: "Monday", want: "no date and no time", fails: true},
		{text: "Marchy 16 2020", want: `"Marchy" is not expected`, fails: true},
		{text: "+07:00", want: "'+' is not expected", fails: true},
		{text: "2020-03-16_", want: `is not expected`, fails: true},
		{text: "２０２０-03-16", want: `is not expected`, fails: true},
		{text: "2020-\xff", want: `is not expected`, fails: true},
		{text: "0001-01-01T00:00+01:00", want: "outside the years 1 to 9999", fails: true},
		{text: "9999-12-31T23:00-02:00", want: "outside the years 1 to 9999", fails: true},
		{text: strings.Repeat(" ", 101), want: "at most 100 are allowed", fails: true},
		{text: " ", want: "no date and no time", fails: true},
	}
	for _, test := range tests {
		test.check(t, `CDate([a])`, attributes{"a": expression.Str(test.text)})
	}
}

// CDate keeps what a text says to 100 ns, although the rendering does not show it.
func TestCDateIsExact(t *testing.T) {
	for text, want := range map[string]string{
		"2020-03-16T09:08:07.1234567Z": "132288232871234567",
		"2020-03-16T09:08:07.12345675": "132288232871234568",
		"1601-01-01":                   "0",
		"9999-12-31T23:59:59.9999999":  "2650467743999999999",
	} {
		dateCase{text: text, want: want}.check(t, `NumFromDate(CDate([a]))`, attributes{"a": expression.Str(text)})
		dateCase{text: want, want: want}.check(t, `NumFromDate(DateFromNum([a]))`, attributes{"a": expression.Str(want)})
	}
}

// The instant 2009-06-15T13:45:30.0170000 in every format that .NET has.
func TestDateFormats(t *testing.T) {
	tests := []struct{ format, want string }{
		{"d", "06/15/2009"}, {"D", "Monday, 15 June 2009"}, {"f", "Monday, 15 June 2009 13:45"}, {"F", "Monday, 15 June 2009 13:45:30"},
		{"g", "06/15/2009 13:45"}, {"G", "06/15/2009 13:45:30"}, {"", "06/15/2009 13:45:30"}, {"M", "June 15"}, {"m", "June 15"},
		{"O", "2009-06-15T13:45:30.0170000"}, {"o", "2009-06-15T13:45:30.0170000"}, {"R", "Mon, 15 Jun 2009 13:45:30 GMT"},
		{"r", "Mon, 15 Jun 2009 13:45:30 GMT"}, {"s", "2009-06-15T13:45:30"}, {"t", "13:45"}, {"T", "13:45:30"}, {"u", "2009-06-15 13:45:30Z"},
		{"U", "Monday, 15 June 2009 13:45:30"}, {"Y", "2009 June"}, {"y", "2009 June"},
		{"%y", "9"}, {"yy", "09"}, {"yyy", "2009"}, {"yyyy", "2009"}, {"yyyyy", "02009"}, {"yyyyyyyy", "00002009"},
		{"%M", "6"}, {"MM", "06"}, {"MMM", "Jun"}, {"MMMM", "June"}, {"MMMMM", "June"}, {"%d", "15"}, {"dd", "15"}, {"ddd", "Mon"}, {"dddd", "Monday"},
		{"%h", "1"}, {"hh", "01"}, {"hhh", "01"}, {"%H", "13"}, {"HH", "13"}, {"HHHH", "13"}, {"%m", "45"}, {"mm", "45"}, {"%s", "30"}, {"sss", "30"},
		{"%f", "0"}, {"ff", "01"}, {"fff", "017"}, {"ffff", "0170"}, {"fffff", "01700"}, {"ffffff", "017000"}, {"fffffff", "0170000"},
		{"%F", ""}, {"FF", "01"}, {"FFF", "017"}, {"FFFFFFF", "017"}, {"ss.F", "30"}, {"ss.FFFF", "30.017"}, {"ssF", "30"},
		{"%t", "P"}, {"tt", "PM"}, {"ttt", "PM"}, {"%g", "A.D."}, {"%z", "+0"}, {"zz", "+00"}, {"zzz", "+00:00"}, {"%K", ""},
		{"HH:mm", "13:45"}, {"d/M/yyyy", "15/6/2009"}, {"dd.MM.yyyy", "15.06.2009"}, {"h 'h' m 'm'", "1 h 45 m"}, {`h \h`, "1 h"}, {`"day" d`, "day 15"},
		{`'it''s'`, "its"}, {`'\'' yy`, "' 09"}, {"yyyyMMddTHHmmssZ", "20090615T134530Z"}, {"GMT", "G6T"}, {"d. MMMM yyyy é", "15. June 2009 é"}, {"%n", "n"},
		{`yyyy\-MM`, "2009-06"}, {"%Z", "Z"}, {" d", " 15"},
	}
	for _, test := range tests {
		a := attributes{"a": expression.Str("2009-06-15T13:45:30.0170000"), "out": expression.Str(test.format)}
		dateCase{text: test.format, want: test.want}.check(t, `FormatDateTime([a], , "o", [out])`, a)
	}
	for format, want := range map[string]string{"M/d/yyyy h:mm:ss tt": "1/2/2021 12:04:05 AM", "hh tt": "12 AM", "H mm": "0 04"} {
		a := attributes{"out": expression.Str(format)}
		dateCase{text: format, want: want}.check(t, `FormatDateTime("2021-01-02 00:04:05Z", , "u", [out])`, a)
	}
}

func TestReadDateByFormat(t *testing.T) {
	tests := []struct{ in, text, want string }{
		{"yyyyMMdd", "20201231", "2020-12-31T00:00:00.0000000"},
		{"yyyyMMddHHmmss.fZ", "20150123105347.1Z", "2015-01-23T10:53:47.1000000Z"},
		{"yyyyMMddHHmmss.0Z", "20150123105347.0Z", "2015-01-23T10:53:47.0000000Z"},
		{"yyyyMMddHHmmssZ", "20150123105347gmt", "2015-01-23T10:53:47.0000000Z"},
		{"yyyy-MM-ddzzz", "2020-12-31-08:00", "2020-12-31T08:00:00.0000000+00:00"},
		{"yyyy-MM-ddzzz", "2020-12-31+0800", "2020-12-30T16:00:00.0000000+00:00"},
		{"yyyy-MM-ddzz", "2020-12-31+08", "2020-12-30T16:00:00.0000000+00:00"},
		{"yyyy-MM-ddz", "2020-12-31+8", "2020-12-30T16:00:00.0000000+00:00"},
		{"yyyy-MM-ddK", "2020-12-31", "2020-12-31T00:00:00.0000000"},
		{"yyyy-MM-ddK", "2020-12-31Z", "2020-12-31T00:00:00.0000000Z"},
		{"yyyy-MM-ddK", "2020-12-31+01:30", "2020-12-30T22:30:00.0000000+00:00"},
		{"o", "2009-06-15T13:45:30.1234567-07:00", "2009-06-15T20:45:30.1234567+00:00"},
		{"s", "2009-06-15T13:45:30", "2009-06-15T13:45:30.0000000"},
		{"u", "2009-06-15 13:45:30Z", "2009-06-15T13:45:30.0000000"},
		{"U", "Monday, 15 June 2009 13:45:30", "2009-06-15T13:45:30.0000000Z"},
		{"R", "Mon, 15 Jun 2009 13:45:30 GMT", "2009-06-15T13:45:30.0000000"},
		{"ddd, dd MMM yyyy HH:mm GMT", "mon, 15 JUN 2009 13:45 GMT", "2009-06-15T13:45:00.0000000Z"},
		{"M/d/yyyy h:mm:ss tt", "12/1/2020 12:05:06 AM", "2020-12-01T00:05:06.0000000"},
		{"M/d/yyyy h:mm:ss t", "12/1/2020 12:05:06 P", "2020-12-01T12:05:06.0000000"},
		{"d.M.yy", "1.2.49", "2049-02-01T00:00:00.0000000"},
		{"d.M.yy", "01.02.50", "1950-02-01T00:00:00.0000000"},
		{"yyyy", "2020", "2020-01-01T00:00:00.0000000"},
		{"MMMM d", "march 5", "2024-03-05T00:00:00.0000000"},
		{"HH:mm", "07:08", "2024-02-28T07:08:00.0000000"},
		{"h:mm", "7:08", "2024-02-28T07:08:00.0000000"},
		{"ss.FFF", "07", "2024-02-28T00:00:07.0000000"},
		{"ss.FFF", "07.1", "2024-02-28T00:00:07.1000000"},
		{"yyyy 'year'", "2020 year", "2020-01-01T00:00:00.0000000"},
		{`\yyyyy`, "y2020", "2020-01-01T00:00:00.0000000"},
		{"yyyy-MM-dd", "\t 2020-12-31 \n", "2020-12-31T00:00:00.0000000"},
		{" yyyy-MM-dd ", "2020-12-31", "2020-12-31T00:00:00.0000000"},
		{"yyyy-MM-dd ddd", "2020-12-31 Thu", "2020-12-31T00:00:00.0000000"},
		{"yyyy g", "2020 A.D.", "2020-01-01T00:00:00.0000000"},
		{"yyyyy", "02020", "2020-01-01T00:00:00.0000000"},
		{"d d yyyy", "1 1 2020", "2020-01-01T00:00:00.0000000"},
	}
	for _, test := range tests {
		a := attributes{"a": expression.Str(test.text), "in": expression.Str(test.in)}
		dateCase{text: test.in + " " + test.text, want: test.want}.check(t, `FormatDateTime([a], , [in], "o")`, a)
	}
}

func TestDateDoesNotFitItsFormat(t *testing.T) {
	tests := []struct{ in, text, want string }{
		{"yyyyMMdd", "2020-12-31", "at character 5 the format expects MM"},
		{"yyyy-MM-dd", "2020-12-31T00:00:00", "the format ends before character 11"},
		{"yyyy-MM-dd", "2020-12-3", "at character 9 the format expects dd"},
		{"yyyy-MM-dd", "2021-02-29", "February 2021 has no day 29"},
		{"yyyy-MM-dd", "0000-02-28", "there is no year 0"},
		{"yyyyyyyyyyyyyyyyyyyy", "99999999999999999999", "there is no year"},
		{"yy", "2020", "the format ends before"},
		{"yy yyyy", "20 2020", "yyyy at character 4 contradicts"},
		{"y yyyy", "20 20", "at character 4"},
		{"HH:mm", "24:00", "there is no time 24:00:00"},
		{"hh:mm", "13:00", "there is no hour 13 with h"},
		{"HH:mm tt", "13:00 AM", "the hour 13 is not in the half"},
		{"HH:mm tt", "11:00 PM", "the hour 11 is not in the half"},
		{"HH h", "13 1", "h at character 4 contradicts"},
		{"MMM", "June", "at character 1 the format expects MMM"},
		{"MMMM", "Juni", "at character 1 the format expects MMMM"},
		{"yyyy-MM-dd ddd", "2020-12-31 Fri", "that day is a Thursday, not a Friday"},
		{"zzz", "+08:60", "expects zzz"},
		{"zzz", "08:00", "expects zzz"},
		{"HH zzz", "08 +14:01", "at most 14 hours"},
		{"zzzZ", "+08:00Z", "Z at character 8 contradicts"},
		{"ss.ff", "07.1", "expects ff"},
		{"ff f", "12 1", "f at character 5 contradicts"},
		{"tt", "XM", "expects tt"},
		{"yyyyGMT", "2020UTC", "expects GMT"},
		{"yyyy.MM", "2020MM", "expects ."},
		{"  ", "2020", "nothing in it that could be read"},
		{"yyyy-MM-dd", "é020-12-31", "at character 1 the format expects yyyy"},
		{"dd é MM", "01 e 02", "at character 4 the format expects é"},
		{"x", "2020", "a single letter is a standard format"},
		{"é", "2020", "a single letter is a standard format"},
		{"yyyy'", "2020", "a quotation mark ' without its partner"},
		{"yyyy%", "2020", "a % must be followed by a specifier"},
		{"%%y", "2020", "a % must be followed by a specifier"},
		{`yyyy\`, "2020", "a backslash must be followed"},
		{"ffffffff", "2020", "at most 7 are allowed"},
		{strings.Repeat("y", 201), "2020", "at most 200 are allowed"},
	}
	for _, test := range tests {
		a := attributes{"a": expression.Str(test.text), "in": expression.Str(test.in)}
		dateCase{text: test.in + " " + test.text, want: test.want, fails: true}.check(t, `FormatDateTime([a], , [in], "o")`, a)
	}
	if _, err := expression.Compile(`FormatDateTime([a], , "yyyy'", "o")`); err == nil {
		t.Error("a constant format is checked before anything is evaluated")
	}
}

func TestDateTimeStyles(t *testing.T) {
	tests := []struct {
		styles, in, text, want string
		fails                  bool
	}{
		{styles: "None", in: "yyyy-MM-dd", text: "2020-12-31", want: "2020-12-31T00:00:00.0000000"},
		{styles: "None", in: "yyyy-MM-dd", text: " 2020-12-31", want: "at character 1 the format expects yyyy", fails: true},
		{styles: "None", in: "yyyy-MM-dd", text: "2020-12-31 ", want: "the format ends before character 11", fails: true},
		{styles: "AllowLeadingWhite", in: "yyyy-MM-dd", text: "  2020-12-31", want: "2020-12-31T00:00:00.0000000"},
		{styles: "AllowLeadingWhite", in: "yyyy-MM-dd", text: "2020-12-31 ", want: "the format ends before", fails: true},
		{styles: "AllowTrailingWhite", in: "yyyy-MM-dd", text: "2020-12-31  ", want: "2020-12-31T00:00:00.0000000"},
		{styles: "AllowInnerWhite", in: "yyyy-MM-dd HH", text: "2020 - 12-31   07", want: "2020-12-31T07:00:00.0000000"},
		{styles: "AllowWhiteSpaces", in: "yyyy-MM-dd", text: " 2020 -12 - 31 ", want: "2020-12-31T00:00:00.0000000"},
		{styles: "NoCurrentDateDefault", in: "HH:mm", text: "07:08", want: "0001-01-01T07:08:00.0000000"},
		{styles: "AssumeUniversal", in: "yyyy-MM-dd", text: "2020-12-31", want: "2020-12-31T00:00:00.0000000+00:00"},
		{styles: "AssumeLocal", in: "yyyy-MM-dd", text: "2020-12-31", want: "2020-12-31T00:00:00.0000000+00:00"},
		{styles: "AssumeUniversal, AdjustToUniversal", in: "yyyy-MM-dd", text: "2020-12-31", want: "2020-12-31T00:00:00.0000000Z"},
		{styles: "AdjustToUniversal", in: "yyyy-MM-dd", text: "2020-12-31", want: "2020-12-31T00:00:00.0000000"},
		{styles: "AdjustToUniversal", in: "yyyy-MM-ddzzz", text: "2020-12-31+02:00", want: "2020-12-30T22:00:00.0000000Z"},
		{styles: "None", in: "yyyy-MM-ddK", text: "2020-12-31Z", want: "2020-12-31T00:00:00.0000000+00:00"},
		{styles: "RoundtripKind", in: "yyyy-MM-ddK", text: "2020-12-31Z", want: "2020-12-31T00:00:00.0000000Z"},
		{styles: "RoundtripKind,AllowLeadingWhite", in: "yyyy", text: " 2020", want: "2020-01-01T00:00:00.0000000"},
		{styles: "roundtripkind", in: "yyyy", text: "2020", want: "did you mean RoundtripKind?", fails: true},
		{styles: "", in: "yyyy", text: "2020", want: `holds ""`, fails: true},
		{styles: "AssumeLocal, AssumeUniversal", in: "yyyy", text: "2020", want: "only one of them", fails: true},
		{styles: "RoundtripKind, AdjustToUniversal", in: "yyyy", text: "2020", want: "exclude", fails: true},
	}
	for _, test := range tests {
		a := attributes{"a": expression.Str(test.text), "in": expression.Str(test.in), "styles": expression.Str(test.styles)}
		dateCase{text: test.styles + " " + test.text, want: test.want, fails: test.fails}.check(t, `FormatDateTime([a], [styles], [in], "o")`, a)
	}
}

// dateTime writes a date of the tables below as a call of CDate.
func dateTime(text string) string { return fmt.Sprintf("CDate(%q)", text) }

func TestDateAdd(t *testing.T) {
	tests := []struct {
		interval string
		value    string
		date     string
		want     string
		fails    bool
	}{
		{interval: "m", value: "1", date: "2023-01-31", want: "2/28/2023 12:00:00 AM"},
		{interval: "m", value: "1", date: "2024-01-30T23:59:59", want: "2/29/2024 11:59:59 PM"},
		{interval: "m", value: "-1", date: "2024-03-31", want: "2/29/2024 12:00:00 AM"},
		{interval: "m", value: "-1", date: "2024-01-15", want: "12/15/2023 12:00:00 AM"},
		{interval: "m", value: "-13", date: "2024-01-15", want: "12/15/2022 12:00:00 AM"},
		{interval: "m", value: "0", date: "2024-01-31", want: "1/31/2024 12:00:00 AM"},
		{interval: "yyyy", value: "1", date: "2024-02-29", want: "2/28/2025 12:00:00 AM"},
		{interval: "yyyy", value: "4", date: "2024-02-29", want: "2/29/2028 12:00:00 AM"},
		{interval: "yyyy", value: "-2023", date: "2024-02-29", want: "2/28/0001 12:00:00 AM"},
		{interval: "yyyy", value: "7975", date: "2024-12-31", want: "12/31/9999 12:00:00 AM"},
		{interval: "d", value: "1", date: "2024-02-28", want: "2/29/2024 12:00:00 AM"},
		{interval: "d", value: "-1", date: "2024-03-01", want: "2/29/2024 12:00:00 AM"},
		{interval: "d", value: "3652058", date: "0001-01-01", want: "12/31/9999 12:00:00 AM"},
		{interval: "ww", value: "-1", date: "2024-03-01", want: "2/23/2024 12:00:00 AM"},
		{interval: "h", value: "-1", date: "2024-03-01", want: "2/29/2024 11:00:00 PM"},
		{interval: "n", value: "90", date: "2024-03-01", want: "3/1/2024 1:30:00 AM"},
		{interval: "s", value: "86400", date: "2024-02-29", want: "3/1/2024 12:00:00 AM"},
		{interval: "s", value: "-1", date: "1970-01-01", want: "12/31/1969 11:59:59 PM"},
		{interval: "yyyy", value: "7976", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "yyyy", value: "-2024", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "yyyy", value: "9223372036854775807", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "m", value: "-9223372036854775808", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "ww", value: "9223372036854775807", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "s", value: "-9223372036854775808", date: "2024-12-31", want: "outside the years", fails: true},
		{interval: "d", value: "3652059", date: "0001-01-01", want: "outside the years", fails: true},
		{interval: "s", value: "-1", date: "0001-01-01", want: "outside the years", fails: true},
		{interval: "q", value: "1", date: "2024-12-31", want: "expected yyyy (years)", fails: true},
		{interval: "D", value: "1", date: "2024-12-31", want: "expected yyyy (years)", fails: true},
		{interval: "d", value: "x", date: "2024-12-31", want: "expected a whole number", fails: true},
		{interval: "d", value: "", date: "2024-12-31", want: "value is empty", fails: true},
	}
	for _, test := range tests {
		a := attributes{"n": expression.Str(test.value), "i": expression.Str(test.interval)}
		dateCase{text: test.interval + " " + test.value, want: test.want, fails: test.fails}.check(t, `DateAdd([i], [n], `+dateTime(test.date)+`)`, a)
	}
}

func TestDateDiff(t *testing.T) {
	tests := []struct{ interval, from, to, want string }{
		{"d", "2024-02-28T23:00", "2024-03-01T22:00", "1"},
		{"d", "2024-03-01T22:00", "2024-02-28T23:00", "-1"},
		{"d", "2024-02-28T23:00", "2024-02-29T01:00", "0"}, // VB.NET counts whole days, VBA midnights
		{"h", "2024-02-28T23:59", "2024-02-29T00:58", "0"},
		{"n", "2024-02-28T23:59:01", "2024-02-29T00:00:00", "0"},
		{"s", "2024-02-28T00:00:00.9", "2024-02-28T00:00:02.8", "1"},
		{"s", "2024-02-28T00:00:02.8", "2024-02-28T00:00:00.9", "-1"},
		{"ww", "2024-03-02", "2024-03-03", "1"}, // Saturday and Sunday
		{"ww", "2024-03-02T23:00", "2024-03-03T01:00", "1"},
		{"ww", "2024-03-03", "2024-03-09T23:59", "0"},
		{"ww", "2024-03-09", "2024-03-03", "0"},
		{"ww", "2024-03-10", "2024-03-09", "-1"},
		{"ww", "0001-01-06", "0001-01-07", "1"},
		{"ww", "1969-12-27", "1969-12-28", "1"},
		{"ww", "1969-12-28", "1970-01-03", "0"},
		{"m", "2024-01-31", "2024-02-01", "1"},
		{"m", "2024-02-01", "2024-02-29", "0"},
		{"m", "2024-01-31", "2023-12-31", "-1"},
		{"m", "2023-12-31", "2025-01-01", "13"},
		{"yyyy", "2023-12-31T23:59:59", "2024-01-01", "1"},
		{"yyyy", "2024-01-01", "2024-12-31", "0"},
		{"s", "0001-01-01", "9999-12-31T23:59:59", "315537897599"},
	}
	for _, test := range tests {
		dateCase{text: test.interval + " " + test.from, want: test.want}.check(t,
			fmt.Sprintf("DateDiff(%q, %s, %s)", test.interval, dateTime(test.from), dateTime(test.to)), nil)
	}
}

// A date goes through functions that pass values on, and two dates compare as dates.
func TestDatesAsValues(t *testing.T) {
	tests := []dateCase{
		{text: `Now()`, want: "2/28/2024 1:00:00 PM"},
		{text: `DateAdd("h", 1, Coalesce([hired], Now()))`, want: "2/28/2024 2:00:00 PM"},
		{text: `DateAdd("h", 1, IIF(IsNull([hired]), Now(), [hired]))`, want: "2/28/2024 2:00:00 PM"},
		{text: `IIF(CDate("9/1/2024") > CDate("10/1/2023"), "later", "earlier")`, want: "later"},
		{text: `IIF(Now() > "2023-10-01", "later", "earlier")`, want: "later"},
		{text: `IIF("2024-02-28T13:00:00Z" = Now(), "equal", "not")`, want: "equal"},
		{text: `IIF(Now() > "3:00", "by time", "by text")`, want: "by text"}, // there is no date in it
		{text: `IIF(Now() = "2/28/2024 1:00:00 PM", "equal", "not")`, want: "equal"},
		{text: `IIF(Now() > "zebra", "later", "earlier")`, want: "earlier"},
		{text: `IIF(CDate("2024-02-28") < Now(), "past", "future")`, want: "past"},
		{text: `Append(CDate("2024-02-28"), "!")`, want: "2/28/2024 12:00:00 AM!"},
		{text: `DateDiff("d", CDate(Now()), CDate("2024-03-01"))`, want: "1"},
		{text: `NumFromDate(Now())`, want: "133535988000000000"},
		{text: `CDate("")`, want: ""},
		{text: `FormatDateTime("", , "yyyy", "yy")`, want: ""},
		{text: `DateAdd("d", 1, CDate(""))`, want: ""},
		{text: `DateDiff("d", Now(), CDate(""))`, want: ""},
		{text: `DateFromNum("0")`, want: "1/1/1601 12:00:00 AM"},
		{text: `DateFromNum(2650467743999999999)`, want: "12/31/9999 11:59:59 PM"},
		{text: `DateFromNum(2650467744000000000)`, want: "the end of 9999", fails: true},
		{text: `DateAdd("d", 1, DateDiff("d", Now(), Now()))`, want: "the result of DateDiff, which is a number: expected a date", fails: true},
		{text: `DateAdd("d", 1, IIF([x], FormatDateTime([x], "yyyy", "o"), Now()))`, want: "the result of FormatDateTime, which is text: expected a date", fails: true},
		{text: `DateAdd("d", 1, 129699324000000000)`, want: "expected a date, as CDate(…) makes it", fails: true},
		{text: `FormatDateTime("2020", , "yyyy")`, want: "inputFormat is missing", fails: true},
		{text: `FormatDateTime("2020", "yyyy'", "yy")`, want: "FormatDateTime: inputFormat has a quotation mark", fails: true},
		{text: `FormatDateTime("2020", "yyyy", "x")`, want: "FormatDateTime: outputFormat is", fails: true},
		{text: `FormatDateTime(Now(), "yyyy", "yy")`, want: `the input format of a date is "M/d/yyyy h:mm:ss tt"`, fails: true},
	}
	for _, test := range tests {
		test.check(t, test.text, nil)
	}
}

func TestStringFromSid(t *testing.T) {
	tests := []dateCase{
		{text: "AQEAAAAAAAUSAAAA", want: "S-1-5-18"},
		{text: " 01050000000000051500000065afa1fe2b5c1b2c9d4e3f1ae9030000 ", want: "S-1-5-21-4272009061-739990571-440356509-1001"},
		{text: "010100000000000512000000", want: "S-1-5-18"},
		{text: "0101FFFFFFFFFFFF00000000", want: "S-1-0xFFFFFFFFFFFF-0"},
		{text: "0100000000000005", want: "S-1-5"},
		{text: "", want: "is not a security identifier", fails: true},
		{text: "0201000000000005", want: "is not a security identifier", fails: true},
		{text: "0102000000000005", want: "is not a security identifier", fails: true},
		{text: "01010000000000051200000000", want: "is not a security identifier", fails: true},
		{text: "0110000000000005" + strings.Repeat("00", 64), want: "is not a security identifier", fails: true},
		{text: "not base64!", want: "is not a security identifier", fails: true},
	}
	for _, test := range tests {
		test.check(t, `StringFromSid([a])`, attributes{"a": expression.Str(test.text)})
	}
}

func TestDefaultDomainIsMissing(t *testing.T) {
	dateCase{want: "no default domain", fails: true}.check(t, `DefaultDomain()`, nil)
}
