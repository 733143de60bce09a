package expression_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// The replacement has .NET's substitutions.
func TestSubstitutions(t *testing.T) {
	tests := []struct{ pattern, replacement, want string }{
		{"b", "[$`]", "a[a]c"},
		{"b", "[$']", "a[c]c"},
		{"b", "[$_]", "a[abc]c"},
		{"b", "[$&]", "a[b]c"},
		{"b", "[$0]", "a[b]c"},
		{"b", "[$$&]", "a[$&]c"},
		{"(a)(b)", "[$+]", "[b]c"},
		{"(a)(x)?", "[$+]", "[]bc"},
		{"b", "[$+]", "a[b]c"},
		{"(?<n>b)", "[${n}${m}]", "a[b${m}]c"},
		{"(?<n>b)", "${n", "a${nc"},
		{"(b)", "$1$2$11", "ab$2b1c"},
		{"b", "$", "a$c"},
		{"b", "$é$-", "a$é$-c"},
		{"é|b", "$'", "acc"},
	}
	for _, test := range tests {
		a := attributes{"a": expression.Str("abc"), "p": expression.Str(test.pattern), "r": expression.Str(test.replacement)}
		got, err := run(t, `Replace([a], , [p], , [r])`, a)
		if err != nil || got.Text() != test.want {
			t.Errorf("%s by %s: got %q, %v; want %q", test.pattern, test.replacement, got.Text(), err, test.want)
		}
	}
}

// A replacement that multiplies a long text is refused before all of it is made.
func TestSubstitutionsAreBounded(t *testing.T) {
	const megabyte = 1 << 20
	a := attributes{"big": expression.Str(strings.Repeat("x", 60_000))}
	for _, reference := range []string{"$&", "$_", "${all}"} {
		p, err := expression.Compile(`Replace([big], , "^(?<all>.*)$", , "` + strings.Repeat(reference, 1_500) + `")`)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = p.Eval(t.Context(), env(a))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "more than 65536 bytes") {
			t.Errorf("%s: got %v; want an error", reference, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 10*megabyte {
			t.Errorf("%s: %d MB were used to find that out", reference, used/megabyte)
		}
	}
}
