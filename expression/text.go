package expression

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// textFunctions change or cut one text.
func textFunctions() []Function {
	return append(caseFunctions(), []Function{
		{
			Name:   "Append",
			Params: []Param{{Name: "source", Type: Text}, {Name: "suffix", Type: Text}},
			Result: Text,
			Doc:    "The source followed by the suffix. Null when the source is null.",
			Examples: []Example{
				{
					Expression: `Append([userPrincipalName], ".test")`,
					Given:      given("userPrincipalName", "John.Doe@contoso.com"), Want: []string{"John.Doe@contoso.com.test"},
				},
				{Expression: `Append(Mid([givenName], 1, 3), Mid([surname], 1, 5))`, Given: given("givenName", "John", "surname", "Doe"), Want: []string{"JohDoe"}},
				{Expression: `Append([mail], ".test")`},
			},
			build: affix(func(source, affix string) string { return source + affix }, 0, 1),
		},
		{
			Name:   "Prepend",
			Params: []Param{{Name: "prefix", Type: Text}, {Name: "source", Type: Text}},
			Result: Text,
			Doc:    "The prefix followed by the source. Null when the source is null.",
			Examples: []Example{
				{Expression: `Prepend("x-", [mailNickname])`, Given: given("mailNickname", "john"), Want: []string{"x-john"}},
				{Expression: `Prepend("x-", [mailNickname])`},
			},
			build: affix(func(source, affix string) string { return affix + source }, 1, 0),
		},
		{
			Name:   "Left",
			Params: []Param{{Name: "String", Type: Text}, {Name: "NumChars", Type: Whole}},
			Result: Text,
			Doc:    "The first NumChars characters. Zero gives the empty text, a negative number or one beyond the length the whole text, null the empty text.",
			Examples: []Example{
				{Expression: `Left("John Doe", 3)`, Want: []string{"Joh"}},
				{Expression: `Left("John Doe", 0)`, Want: []string{""}},
				{Expression: `Left("John Doe", -1)`, Want: []string{"John Doe"}},
				{Expression: `Left("Zoë", 99)`, Want: []string{"Zoë"}},
				{Expression: `Left([displayName], 3)`, Want: []string{""}},
				{Expression: `Left("John", [displayName])`, Fails: "NumChars is empty"},
			},
			build: buildLeft,
		},
		{
			Name:   "Mid",
			Params: []Param{{Name: "source", Type: Text}, {Name: "start", Type: Whole, From: 1}, {Name: "length", Type: Whole}},
			Result: Text,
			Doc: "A part of the source: length characters from the start'th, counted from 1. Clipped to what is there; the empty text when the start lies " +
				"beyond the end. Null when the source is null.",
			Examples: []Example{
				{Expression: `Mid("Doe", 1, 5)`, Want: []string{"Doe"}},
				{Expression: `Mid("John Doe", 6, 2)`, Want: []string{"Do"}},
				{Expression: `Mid("Doe", 4, 5)`, Want: []string{""}},
				{Expression: `Mid("Doe", 0, 5)`, Fails: "counted from 1"},
				{Expression: `Mid("Doe", 1, -5)`, Fails: "must not be negative"},
				{Expression: `Mid([surname], 1, 5)`},
			},
			build: buildMid,
		},
		{
			Name:   "StripSpaces",
			Params: []Param{{Name: "source", Type: Text}},
			Result: Text,
			Doc:    "The source without its spaces.",
			Examples: []Example{
				{Expression: `StripSpaces("a b  c")`, Want: []string{"abc"}},
			},
			build: onText(func(_ *call, s string) (string, error) { return strings.ReplaceAll(s, " ", ""), nil }),
		},
		{
			Name:   "Trim",
			Params: []Param{{Name: "value", Type: MultiValue}},
			Result: MultiValue,
			Doc:    "The value without white space at both ends; each value of a multi-valued attribute.",
			Examples: []Example{
				{Expression: `Trim("  John ")`, Want: []string{"John"}},
				{
					Expression: `Trim([otherMails])`,
					Given:      []Given{{"otherMails", []string{" a@contoso.com", "b@contoso.com "}}}, Want: []string{"a@contoso.com", "b@contoso.com"},
				},
				{Expression: `Trim([mail])`},
			},
			build: onValue(trim),
		},
		{
			Name:   "NormalizeDiacritics",
			Params: []Param{{Name: "source", Type: Text}},
			Result: Text,
			Doc: "The source with accents removed and the letters æ, ø, ß, ł and ı written in plain ones (ae, oe, ss, l, i). ö becomes o, not oe. Letters of " +
				"other scripts stay, without Latin accents.",
			Examples: []Example{
				{Expression: `NormalizeDiacritics("Zoë")`, Want: []string{"Zoe"}},
				{Expression: `NormalizeDiacritics("Łukasz Größe Sjælø İnci")`, Want: []string{"Lukasz Grosse Sjaeloe Inci"}},
				{Expression: `NormalizeDiacritics("がく 한국")`, Want: []string{"がく 한국"}},
			},
			build: onText(func(_ *call, s string) (string, error) { return normalizeDiacritics(s), nil }),
		},
		{
			Name: "InStr",
			Params: []Param{
				{Name: "value1", Type: Text}, {Name: "value2", Type: Text},
				{Name: "start", Type: Whole, Optional: true, From: 1}, {Name: "compareType", Type: CompareWord, Optional: true},
			},
			Result: Whole,
			Doc: "The position of the first value2 in value1 at or after start, counted from 1; 0 when there is none or value1 is null. compareType " +
				"vbTextCompare ignores letter case, vbBinaryCompare (the default) does not. An empty value2 is found at start, unless that is behind the end.",
			Examples: []Example{
				{Expression: `InStr("The quick brown fox", "quick")`, Want: []string{"5"}},
				{Expression: `InStr("repEated", "e", 3, vbBinaryCompare)`, Want: []string{"7"}},
				{Expression: `InStr("repEated", "e", 3, vbTextCompare)`, Want: []string{"4"}},
				{Expression: `InStr("Zoë ë", "ë", 4)`, Want: []string{"5"}},
				{Expression: `InStr("abc", "d")`, Want: []string{"0"}},
				{Expression: `InStr("abc", "a", 9)`, Want: []string{"0"}},
				{Expression: `InStr("abc", "a", 0)`, Fails: "counted from 1"},
				{Expression: `InStr([mail], "@")`, Want: []string{"0"}},
			},
			build: buildInStr,
		},
	}...)
}

func caseFunctions() []Function {
	culture := Param{Name: "culture", Type: Text, Optional: true, Doc: "a language tag such as tr or tr-TR; none: the same rules for everybody"}
	const rules = " Letter by letter, as .NET does it: ß stays ß. Turkish and Azerbaijani have their own i; without a culture İ and ı stay as they are."
	return []Function{
		{
			Name:   "ToLower",
			Params: []Param{{Name: "source", Type: Text}, culture},
			Result: Text,
			Doc:    "The source in lower case, by the rules of the culture if one is given." + rules,
			Examples: []Example{
				{Expression: `ToLower("John.SMITH")`, Want: []string{"john.smith"}},
				{Expression: `ToLower("DIYARBAKIR", "tr-TR")`, Want: []string{"dıyarbakır"}},
				{Expression: `ToLower("A", "klingon!")`, Fails: "language tag"},
				{
					Expression: `ToLower(Join("@", NormalizeDiacritics(StripSpaces(Join(".", [PreferredFirstName], [PreferredLastName]))), "contoso.com"))`,
					Given:      given("PreferredFirstName", "John", "PreferredLastName", "Smith"), Want: []string{"john.smith@contoso.com"},
				},
			},
			build: buildCase(strings.ToLower, strings.ToLowerSpecial, 'İ'),
		},
		{
			Name:   "ToUpper",
			Params: []Param{{Name: "source", Type: Text}, culture},
			Result: Text,
			Doc:    "The source in upper case, by the rules of the culture if one is given." + rules,
			Examples: []Example{
				{Expression: `ToUpper([country])`, Given: given("country", "de"), Want: []string{"DE"}},
				{Expression: `ToUpper("izmir", "tr")`, Want: []string{"İZMİR"}},
				{Expression: `ToUpper([country])`},
			},
			build: buildCase(strings.ToUpper, strings.ToUpperSpecial, 'ı'),
		},
		{
			Name:   "PCase",
			Params: []Param{{Name: "source", Type: Text}, {Name: "wordSeparators", Type: Text, Optional: true}},
			Result: Text,
			Doc: "The source with the first letter of each word in upper and the rest in lower case. With wordSeparators only those characters separate words, and " +
				"a word begins with its first character. Without, as in .NET's ToTitleCase, white space, punctuation and symbols separate words, except the " +
				"straight apostrophe, and a word begins with its first letter.",
			Examples: []Example{
				{Expression: `PCase("PABLO GONSALVES (SECOND)")`, Want: []string{"Pablo Gonsalves (Second)"}},
				{Expression: `PCase("PINTO-DE'SILVA", " '-")`, Want: []string{"Pinto-De'Silva"}},
				{Expression: `PCase("PINTO-DE'SILVA")`, Want: []string{"Pinto-De'silva"}},
				{Expression: `PCase("ALLÉE DU 3RD RÉGIMENT")`, Want: []string{"Allée Du 3Rd Régiment"}},
				{Expression: `PCase("3RD STREET", " ")`, Want: []string{"3rd Street"}},
				{Expression: `PCase("mary-ann smith", " ")`, Want: []string{"Mary-ann Smith"}},
				{Expression: `PCase(Join(" ", "GREGORY", "JAMES"))`, Want: []string{"Gregory James"}},
			},
			build: buildPCase,
		},
	}
}

// given makes the attributes of an example from pairs of name and value.
func given(pairs ...string) []Given {
	g := make([]Given, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		g = append(g, Given{Name: pairs[i], Values: pairs[i+1 : i+2]})
	}
	return g
}

// affix builds Append and Prepend: the arguments at source and other, put together.
func affix(join func(source, affix string) string, source, other int) func(*call) (code, error) {
	return func(c *call) (code, error) {
		return func(s *state) (Value, error) {
			v, err := c.scalar(s, source)
			if err != nil || v.IsNull() {
				return v, err
			}
			text, _, err := c.text(s, other)
			return Str(join(v.Text(), text)), err
		}, nil
	}
}

func buildLeft(c *call) (code, error) {
	return func(s *state) (Value, error) {
		text, _, err := c.text(s, 0)
		if err != nil {
			return NullValue, err
		}
		n, err := c.needInteger(s, 1)
		if err != nil || n < 0 {
			return Str(text), err
		}
		return Str(cut(text, 0, n)), nil
	}, nil
}

func buildMid(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, err := c.scalar(s, 0)
		if err != nil || v.IsNull() {
			return v, err
		}
		start, err := c.needInteger(s, 1)
		if err != nil {
			return NullValue, err
		}
		length, err := c.needInteger(s, 2)
		switch {
		case err != nil:
			return NullValue, err
		case start < 1:
			return NullValue, c.failAt(1, "is %d: characters are counted from 1", start)
		case length < 0:
			return NullValue, c.failAt(2, "is %d: it must not be negative", length)
		}
		return Str(cut(v.Text(), start-1, length)), nil
	}, nil
}

// cut returns up to length characters of text after the first skip, whole characters however many bytes they have.
func cut(text string, skip, length int64) string {
	start := len(text)
	for i := range text {
		if skip == 0 {
			start = i
			break
		}
		skip--
	}
	text = text[start:]
	for i := range text {
		if length == 0 {
			return text[:i]
		}
		length--
	}
	return text
}

func trim(v Value) Value {
	switch v.kind {
	case Null:
		return v
	case List:
		out := make([]string, len(v.list))
		for i, s := range v.list {
			out[i] = strings.TrimSpace(s)
		}
		return ListOf(out)
	}
	return Str(strings.TrimSpace(v.Text()))
}

// The words of InStr's compareType.
const (
	textCompare   = "vbTextCompare"
	binaryCompare = "vbBinaryCompare"
)

func buildInStr(c *call) (code, error) {
	fold := len(c.args) == 4 && c.args[3].node.Name == textCompare
	return func(s *state) (Value, error) {
		in, ok, err := c.text(s, 0)
		if err != nil || !ok {
			return Int(0), err
		}
		what, _, err := c.text(s, 1)
		if err != nil {
			return NullValue, err
		}
		start, ok, err := c.integer(s, 2)
		switch {
		case err != nil:
			return NullValue, err
		case !ok:
			start = 1
		case start < 1:
			return NullValue, c.failAt(2, "is %d: characters are counted from 1", start)
		}
		if fold {
			in, what = strings.Map(foldRune, in), strings.Map(foldRune, what)
		}
		return Int(indexFrom(in, what, start)), nil
	}, nil
}

// foldRune takes letter case away without changing the number of characters.
func foldRune(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }

// indexFrom returns the 1-based position, in characters, of what in text at or after start; 0: none. As in VBA, the empty text is found at start, but
// not behind the end.
func indexFrom(text, what string, start int64) int64 {
	rest := cut(text, start-1, int64(len(text)))
	if rest == "" {
		return 0
	}
	at := strings.Index(rest, what)
	if at < 0 {
		return 0
	}
	return start + int64(len([]rune(rest[:at])))
}

// buildCase builds ToLower and ToUpper. Without a culture the letter called fixed keeps its case. A culture written as a text is checked before any
// evaluation.
func buildCase(plain func(string) string, turkic func(unicode.SpecialCase, string) string, fixed rune) func(*call) (code, error) {
	invariant := func(s string) string {
		if !strings.ContainsRune(s, fixed) {
			return plain(s)
		}
		parts := strings.Split(s, string(fixed))
		for i := range parts {
			parts[i] = plain(parts[i])
		}
		return strings.Join(parts, string(fixed))
	}
	return func(c *call) (code, error) {
		if name, ok := c.constant(1); ok && name != "" {
			if _, err := parseCulture(name); err != nil {
				return nil, c.failAt(1, "%v", err)
			}
		}
		return func(s *state) (Value, error) {
			v, err := c.scalar(s, 0)
			if err != nil || v.IsNull() {
				return v, err
			}
			name, _, err := c.text(s, 1)
			if err != nil || name == "" {
				return Str(invariant(v.Text())), err
			}
			tag, err := parseCulture(name)
			if err != nil {
				return NullValue, c.failAt(1, "%v", err)
			}
			if base, _ := tag.Base(); base.String() == "tr" || base.String() == "az" {
				return Str(turkic(unicode.TurkishCase, v.Text())), nil
			}
			return Str(plain(v.Text())), nil
		}, nil
	}
}

func parseCulture(name string) (language.Tag, error) {
	tag, err := language.Parse(name)
	if err != nil {
		return language.Und, fmt.Errorf("is %s: expected a language tag such as en or tr-TR", quote(name))
	}
	return tag, nil
}

// oneOf returns whether a character is among chars. Many chars are looked up, not searched: they may come from an attribute.
func oneOf(chars string) func(rune) bool {
	const few = 32
	if len(chars) <= few {
		return func(r rune) bool { return strings.ContainsRune(chars, r) }
	}
	set := make(map[rune]bool, len(chars))
	for _, r := range chars {
		set[r] = true
	}
	return func(r rune) bool { return set[r] }
}
