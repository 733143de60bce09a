package filter

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestParsePrint(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", `userName eq "bjensen"`, `userName eq "bjensen"`},
		{"keywords in any case", `userName EQ "x" AND active Pr oR NOT (title PR)`, `userName eq "x" and active pr or not (title pr)`},
		{"missing blank before quote", `userName eq"x"`, `userName eq "x"`},
		{"runs of blanks", "  userName   eq\t\"x\"  ", `userName eq "x"`},
		{"precedence", `a pr or b pr and c pr`, `a pr or b pr and c pr`},
		{"needed parentheses stay", `(a pr or b pr) and c pr`, `(a pr or b pr) and c pr`},
		{"idle parentheses go", `((a pr) and (b pr))`, `a pr and b pr`},
		{"right grouping stays", `a pr and (b pr and c pr)`, `a pr and (b pr and c pr)`},
		{"right or stays", `a pr or (b pr or c pr)`, `a pr or (b pr or c pr)`},
		{"no blanks around groups", `(a pr)and(b pr)`, `a pr and b pr`},
		{"not without blank", `not(a pr)`, `not (a pr)`},
		{"not twice", `not (not (a pr))`, `not (not (a pr))`},
		{"attribute called not", `not eq 5`, `not eq 5`},
		{"value path", `emails[type eq "work" and value co "@x"]`, `emails[type eq "work" and value co "@x"]`},
		{"trailing comparison", `emails[type eq "work"].value eq "x"`, `emails[type eq "work" and value eq "x"]`},
		{"trailing comparison on a choice", `emails[a pr or b pr].value eq "x"`, `emails[(a pr or b pr) and value eq "x"]`},
		{"trailing sub-attribute", `emails[type eq "work"].value and a pr`, `emails[type eq "work" and value pr] and a pr`},
		{"trailing pr", `(emails[type eq "work"].value pr)`, `emails[type eq "work" and value pr]`},
		{"URN", `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "J"`, `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "J"`},
		{"escapes", `a eq "q\"\\\/\u00e9\n"`, `a eq "q\"\\/é\n"`},
		{"surrogates", `a eq "\ud83d\ude00"`, `a eq "😀"`},
		{"brackets in a string", `a eq "x] and (b"`, `a eq "x] and (b"`},
		{"numbers", `a ge -1.5e+3 and b lt 0`, `a ge -1.5e+3 and b lt 0`},
		{"words", `a eq TRUE and b ne False and c eq null`, `a eq true and b ne false and c eq null`},
		{"dollar", `members[$ref eq "x"]`, `members[$ref eq "x"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x, err := Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := x.String(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			checkRoundTrip(t, x)
		})
	}
}

func TestParseErrors(t *testing.T) {
	deep := strings.Repeat("(", 33) + "a pr" + strings.Repeat(")", 33)
	for _, tt := range []struct {
		name, in, want string
		pos            int
	}{
		{"empty", "", "the filter is empty", 0},
		{"blank", "   ", "the filter is empty", 0},
		{"no operator", "userName", "an operator", 8},
		{"unknown operator", `userName is "x"`, "expected an operator", 9},
		{"no value", "userName eq ", "expected a value", 12},
		{"bare word", "meta.resourceType eq User", "expected a value", 21},
		{"single quotes", `userName eq 'x'`, "double quotes", 12},
		{"open string", `userName eq "x`, "no closing double quote", 12},
		{"escaped end", `userName eq "x\"`, "no closing double quote", 12},
		{"bad escape", `userName eq "\x"`, "escape", 12},
		{"half a surrogate", `userName eq "\ud83d"`, "escape", 12},
		{"NUL", `userName eq "a\u0000"`, "U+0000", 12},
		{"control character", "userName eq \"a\n\"", "control character", 14},
		{"tail", `userName eq "x" userName eq "y"`, "expected \"and\"", 16},
		{"tail touches", `userName eq "x"and active pr`, "expected a blank", 15},
		{"number touches", `a eq 5b`, "expected a blank", 6},
		{"leading zero", `a eq 05`, "not a JSON number", 5},
		{"half a number", `a eq 5.`, "not a JSON number", 5},
		{"open group", `(a pr`, "expected ')'", 5},
		{"open brackets", `emails[type eq "work"`, "expected ']'", 21},
		{"wrong close", `emails[type eq "work")`, "expected ']'", 21},
		{"stray close", `a pr)`, "expected \"and\"", 4},
		{"dangling and", `a pr and`, "expected \"and\"", 5},
		{"dangling and, blank", `a pr and `, "expected an attribute name", 9},
		{"two dots", `a.b.c pr`, "more than one dot", 0},
		{"dot at the end", `a. pr`, "a name is missing", 1},
		{"digit first", `1a pr`, "must start with a letter", 0},
		{"slash", `a/b pr`, "not allowed", 1},
		{"sub of sub", `emails[a pr].b.c pr`, "no parts of their own", 14},
		{"too deep", deep, "deeper than 32", 32},
		{"too long", `a eq "` + strings.Repeat("x", 4096) + `"`, "at most 4096", 4096},
		{"too many", strings.Repeat("a pr or ", 64) + "a pr", "more than 64", 512},
		{"not UTF-8", "a eq \"\xff\"", "UTF-8", 0},
		{"NUL byte outside", "a pr\x00", "expected a blank", 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.in)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if !strings.Contains(e.Message, tt.want) || e.Pos != tt.pos {
				t.Errorf("got position %d %q, want position %d and %q", e.Pos, e.Message, tt.pos, tt.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	long := `a eq "` + strings.Repeat("x", 5000) + `"`
	if _, err := ParseWith(long, BodyLimits()); err != nil {
		t.Errorf("a filter of 5,000 bytes in a body: %v", err)
	}
	deep := strings.Repeat("(", 32) + "a pr" + strings.Repeat(")", 32)
	if _, err := Parse(deep); err != nil {
		t.Errorf("depth 32: %v", err)
	}
	if _, err := Parse(strings.TrimSuffix(strings.Repeat("a pr or ", 64), " or ")); err != nil {
		t.Errorf("64 comparisons: %v", err)
	}
	if _, err := ParseWith(strings.Repeat("(", 1<<20), Limits{Bytes: 1 << 21}); err == nil {
		t.Error("a million parentheses were accepted")
	}
}

func TestParsePath(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`userName`, `userName`},
		{` name.givenName `, `name.givenName`},
		{`emails[type EQ "work"].value`, `emails[type eq "work"].value`},
		{`members[value eq "a"]`, `members[value eq "a"]`},
		{`urn:x:2.0:User`, `urn:x:2.0:User`},
		{`urn:x:2.0:User:emails[type eq "a" and primary eq true].display`, `urn:x:2.0:User:emails[type eq "a" and primary eq true].display`},
	} {
		p, err := ParsePath(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		if got := p.String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestParsePathErrors(t *testing.T) {
	for _, tt := range []struct {
		in       string
		inFilter bool
	}{
		{``, false},
		{`emails[`, true},
		{`emails[]`, true},
		{`emails[type eq]`, true},
		{`emails[type eq "work"`, true},
		{`emails[type eq "work"]value`, false},
		{`emails[type eq "work"].`, false},
		{`emails[type eq "work"].a.b`, false},
		{`a b`, false},
		{`[type eq "work"]`, false},
		{`a.b.c`, false},
	} {
		_, err := ParsePath(tt.in)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want an *Error", tt.in, err)
		} else if e.InFilter != tt.inFilter {
			t.Errorf("%q: InFilter is %v, want %v (%v)", tt.in, e.InFilter, tt.inFilter, e)
		}
	}
}

// roundTripLimits leave room for the parentheses and blanks that printing may add.
var roundTripLimits = Limits{Bytes: 1 << 20, Depth: 200, Comparisons: 1000}

func checkRoundTrip(t *testing.T, x Expr) {
	t.Helper()
	text := x.String()
	again, err := ParseWith(text, roundTripLimits)
	if err != nil {
		t.Fatalf("printed form %q: %v", text, err)
	}
	if again.String() != text {
		t.Fatalf("printing is not stable: %q, then %q", text, again.String())
	}
	if !sameShape(x, again) {
		t.Fatalf("%q parses to another tree", text)
	}
}

// sameShape compares trees without positions.
func sameShape(a, b Expr) bool {
	switch a := a.(type) {
	case *And:
		b, ok := b.(*And)
		return ok && sameShape(a.Left, b.Left) && sameShape(a.Right, b.Right)
	case *Or:
		b, ok := b.(*Or)
		return ok && sameShape(a.Left, b.Left) && sameShape(a.Right, b.Right)
	case *Not:
		b, ok := b.(*Not)
		return ok && sameShape(a.X, b.X)
	case *Element:
		b, ok := b.(*Element)
		return ok && a.Attr.Text == b.Attr.Text && sameShape(a.X, b.X)
	case *Present:
		b, ok := b.(*Present)
		return ok && a.Attr.Text == b.Attr.Text
	case *Compare:
		b, ok := b.(*Compare)
		if !ok {
			return false
		}
		av, bv := a.Value, b.Value
		av.Pos, bv.Pos = 0, 0
		return a.Attr.Text == b.Attr.Text && a.Op == b.Op && reflect.DeepEqual(av, bv)
	}
	return false
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`userName eq "x"`, `not (a pr) and b[c co "d"].e gt 5`, `urn:a:2.0:B:c.d ne null`, `((a pr))or(b eq -1e5)`, `a eq "\u00e9\""`,
		`emails[type eq "work"].value`, `(`, `a eq "`, `a.b.c pr`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		x, err := Parse(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Message == "" || e.Pos < 0 || e.Pos > len(s) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		checkRoundTrip(t, x)
	})
}

func FuzzParsePath(f *testing.F) {
	for _, s := range []string{`a`, `a.b`, `a[b eq "c"]`, `a[b eq "c" or d pr].e`, `urn:x:2.0:User:a.b`, `a[`, `a[b pr].`, `a]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos < 0 || e.Pos > len(s) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		again, err := ParsePath(p.String())
		if len(p.String()) > DefaultBytes {
			return
		}
		if err != nil || again.String() != p.String() {
			// Printing may nest one level deeper than the input when a trailing comparison moved into its brackets.
			if _, wide := err.(*Error); wide && strings.Contains(err.Error(), "nesting") {
				return
			}
			t.Fatalf("%q prints as %q, which parses to %v, %v", s, p.String(), again, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"userName": `userName eq "bjensen@example.com"`,
		"probe":    `id eq "2819c223-7f76-453a-919d-413861904646" and manager eq "9067729b-3d78-4c7d-a4ad-3d4c0a1f0b6a"`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
