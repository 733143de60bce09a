package expression_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/expression"
)

// Mistakes are compared as a whole, because the message is what a person works with.
func TestErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{``, "character 1: the expression is empty: write a function, an [attribute] or a \"text\"\n\n^"},
		{`Jion(" ", [a])`, "character 1: unknown function Jion; did you mean Join?\nJion(\" \", [a])\n^"},
		{`tolower([a])`, "character 1: unknown function tolower; did you mean ToLower?\ntolower([a])\n^"},
		{`Append([a], Qwertz("x"))`, "character 13: unknown function Qwertz\nAppend([a], Qwertz(\"x\"))\n            ^"},
		{`Append([é], "x" "y")`, "character 17: found \"\\\"y\\\"\" in the arguments of Append: expected a comma or a closing parenthesis\nAppend([é], \"x\" \"y\")\n                ^"},
		{`ToLower([a]`, "character 12: found the end in the arguments of ToLower: expected a comma or a closing parenthesis\nToLower([a]\n           ^"},
		{`[a] [b]`, "character 5: found \"[b]\" after the end of the expression: only one function, attribute or text is allowed at the top\n[a] [b]\n    ^"},
		{`"abc`, "character 1: this text has no closing double quote\n\"abc\n^"},
		{`[abc`, "character 1: this attribute has no closing bracket\n[abc\n^"},
		{`[ ]`, "character 1: the brackets hold no attribute name: write one as in [displayName]\n[ ]\n^"},
		{`Replace([a], , "\d", , "")`, "character 17: a single backslash in a text: write \\\\ for a backslash and \\\" for a quote\nReplace([a], , \"\\d\", , \"\")\n                ^"},
		{`ToLower(“a”)`, "character 9: found “: text is written in straight double quotes, as in \"Sales\"\nToLower(“a”)\n        ^"},
		{`ToLower(mail)`, "character 9: found the bare word mail: write an attribute in brackets and a text in double quotes\nToLower(mail)\n        ^"},
		{`ToLower(Guid)`, "character 9: found the bare word Guid: a function needs parentheses, as in Guid(…)\nToLower(Guid)\n        ^"},
		{`Left("a")`, "character 1: Left has 1 of at least 2 arguments: Left(String, NumChars)\nLeft(\"a\")\n^"},
		{`ToLower("a", "tr", "b")`, "character 1: ToLower has 3 arguments, at most 2 are allowed: ToLower(source, [culture])\nToLower(\"a\", \"tr\", \"b\")\n^"},
		{`Left("a", "b")`, "character 11: argument 2 (NumChars) of Left is \"b\": expected a whole number\nLeft(\"a\", \"b\")\n          ^"},
		{`Left( , 3)`, "character 7: argument 1 (String) of Left is missing: Left(String, NumChars)\nLeft( , 3)\n      ^"},
		{`IIF([a] = "b" = "c", 1, 2)`, "character 15: comparisons do not chain: nest another IIF instead\nIIF([a] = \"b\" = \"c\", 1, 2)\n              ^"},
		{`IIF(([a] = "b"), 1, 2)`, "character 5: found a parenthesis without a function name before it: the language does not group with parentheses\nIIF(([a] = \"b\"), 1, 2)\n    ^"},
		{`InStr("a", "b", 1, vbFuzzy)`, "character 20: found vbFuzzy: expected vbTextCompare or vbBinaryCompare\nInStr(\"a\", \"b\", 1, vbFuzzy)\n                   ^"},
		{`InStr("a", "b", 1, "vbTextCompare")`, "character 20: found \"vbTextCompare\": expected the bare word vbTextCompare or vbBinaryCompare\nInStr(\"a\", \"b\", 1, \"vbTextCompare\")\n                   ^"},
		{`99999999999999999999`, "character 1: the number 99999999999999999999 is too large: at most 9223372036854775807\n99999999999999999999\n^"},
		{`1.5`, "character 2: '.' after a number: numbers are whole; write text in double quotes\n1.5\n ^"},
		{`-`, "character 1: a minus must be followed by digits: the language has no arithmetic\n-\n^"},
		{`BitAnd(&, 1)`, "character 8: found & where a value must stand: & joins two values, and a hexadecimal number is written &HFF\nBitAnd(&, 1)\n       ^"},
		{"Join(\"-\",\n  [a],\n  Oops())", "character 20: unknown function Oops\n  Oops())\n  ^"},
		{`ToLower([list])`, "character 9: ToLower: source takes one value, and the attribute has 2: pick one with Item or join them with Join\nToLower([list])\n        ^"},
		{`[list] = "x"`, "character 1: = works on single values, and an attribute here has several: pick one with Item\n[list] = \"x\"\n^"},
	}
	a := attributes{"list": expression.ListOf([]string{"x", "y"})}
	for _, test := range tests {
		_, err := run(t, test.text, a)
		var e *expression.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v; want an *Error", test.text, err)
			continue
		}
		if got := e.Error() + "\n" + e.Caret(); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
}

type unknowing struct{}

func (unknowing) Attribute(string) (expression.Value, bool) { return expression.NullValue, false }

func TestUnknownAttribute(t *testing.T) {
	p, err := expression.Compile(`ToLower([mial])`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Eval(t.Context(), &expression.Env{Source: unknowing{}})
	if err == nil || err.Error() != "character 9: unknown attribute [mial]: check the spelling" {
		t.Errorf("got %v", err)
	}
	for _, env := range []*expression.Env{nil, {}} {
		if _, err = p.Eval(t.Context(), env); err == nil {
			t.Error("without a source: want an error")
		}
	}
	if p, err = expression.Compile("SelectUniqueValue(Guid(), RandomString(1,0,0,0,0))"); err != nil {
		t.Fatal(err)
	}
	if _, err = p.Eval(t.Context(), nil); err == nil {
		t.Error("without a source: want an error")
	}
}

func TestLimits(t *testing.T) {
	big := strings.Repeat("é", 20_000)
	nested := func(n int) string { return strings.Repeat("Trim(", n) + `"x"` + strings.Repeat(")", n) }
	many := make([]string, 60_000)
	for i := range many {
		many[i] = "v"
	}
	a := attributes{"big": expression.Str(big), "many": expression.ListOf(many)}
	tests := []struct{ name, text, want string }{
		{"longest text", `"` + strings.Repeat("é", 9_998) + `"`, ""},
		{"text too long", `"` + strings.Repeat("é", 9_999) + `"`, "at most 10000 are allowed"},
		{"deepest nesting", nested(32), ""},
		{"nesting too deep", nested(33), "nested more than 32 deep"},
		{"very deep nesting", nested(1_600), "nested more than 32 deep"},
		{"operators in a row", `"a"` + strings.Repeat(` & "a"`, 40), "operators in a row"},
		{"not UTF-8", "\"\xff\"", "not valid UTF-8"},
		{"result too large", `Append([big], [big])`, "at most 65536 are allowed"},
		{"join too large", `Join("", [big], [big])`, "more than 65536 bytes"},
		{"replace too large", `Replace([big], "é", , , "éé")`, "more than 65536 bytes"},
		{"template too large", `Replace([big], "x", , , , , "xx")`, "more than 65536 bytes"},
		{"matches too large", `Replace([big], , "^.*$", , "$&$&")`, "more than 65536 bytes"},
		{"pattern too long", `Replace("x", , "` + strings.Repeat("a", 1_001) + `", , "")`, "at most 1000 are allowed"},
		{"too much work", `Join("", Trim([many]), Trim([many]))`, "too much work"},
		{"too slow a match", `Replace("` + strings.Repeat("a", 40) + `!", , "(?<g>(a+)+)$", "g", "")`, "takes longer than"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := run(t, test.text, a)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v; want no error", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v; want %q", err, test.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	names := []string{"displayName", "givenName", "mail", "mailNickname", "surname"}
	for word, want := range map[string]string{
		"mial": "mail", "MAIL": "mail", "displayname": "displayName", "givenNmae": "givenName", "lastName": "", "surename": "surname", "disp": "displayName", "mailNick": "mailNickname",
		"": "", "zzzzzz": "", strings.Repeat("mail", 100): "",
	} {
		if got := expression.Nearest(word, names); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
