package expression

import (
	"strings"
	"time"
)

// The parameters of Replace.
const (
	replaceSource = iota
	replaceFind
	replacePattern
	replaceGroup
	replaceWith
	replaceProperty
	replaceTemplate
)

func replaceFunction() []Function {
	const (
		phone  = `"\\+(?<isdCode>\\d* )(?<phoneNumber>\\d{10})"`
		number = "(?<streetNumber>^\\\\d*)"
	)
	return []Function{{
		Name: "Replace",
		Params: []Param{
			{Name: "source", Type: Text},
			{Name: "Find", Type: Text, Optional: true},
			{Name: "RegularExpression", Type: Text, Optional: true, Doc: "in .NET's dialect; letter case counts"},
			{Name: "RegularExpressionGroupName", Type: Text, Optional: true},
			{Name: "Replacement", Type: Text, Optional: true, Doc: "with a regular expression, $1, ${name}, $&, $`, $', $_, $+ and $$ have their .NET meaning"},
			{Name: "ReplacementPropertyName", Type: Text, Optional: true},
			{Name: "Template", Type: Text, Optional: true},
		},
		Result: Text,
		Doc: "Replaces parts of the source, letter case counting. Find and Replacement: every Find. Find and Template: every Find in the Template, with the " +
			"source. RegularExpression and Replacement: every match. These with a RegularExpressionGroupName: only what the named group matched. " +
			"RegularExpression, RegularExpressionGroupName and ReplacementPropertyName: the source if it has a value, else what the named group matches in " +
			"the property. Null when the source is null, except in the last case.",
		Examples: []Example{
			{
				Expression: `Replace([BusinessTitle], "Product Developer", , , "Software Engineer", , )`,
				Given:      given("BusinessTitle", "Product Developer"), Want: []string{"Software Engineer"},
			},
			{Expression: `Replace([mail], "@contoso.com", , ,"", ,)`, Given: given("mail", "john.doe@contoso.com"), Want: []string{"john.doe"}},
			{Expression: `Replace([preferredLanguage], "-", , , "_")`, Given: given("preferredLanguage", "en-US"), Want: []string{"en_US"}},
			{
				Expression: `Replace([UserID], "<username>", , , , , "<username>@contoso.com")`,
				Given:      given("UserID", "jsmith"), Want: []string{"jsmith@contoso.com"},
			},
			{
				Expression: `Replace([telephoneNumber], , ` + phone + `, , "${phoneNumber}", , )`,
				Given:      given("telephoneNumber", "+91 9998887777"), Want: []string{"9998887777"},
			},
			{Expression: `Replace([mobile], , "[()\\s-]+", , "", , )`, Given: given("mobile", "+1 (999) 888-7777"), Want: []string{"+19998887777"}},
			{Expression: `Replace([mailNickname], , "[a-zA-Z_]*", , "", , )`, Given: given("mailNickname", "john_doe72"), Want: []string{"72"}},
			{
				Expression: `Replace([AddressLineData], , "` + number + `", "streetNumber", "888", , )`,
				Given:      given("AddressLineData", "545 Tremont Street"), Want: []string{"888 Tremont Street"},
			},
			{
				Expression: `Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`,
				Given:      given("userPrincipalName", "jsmith@contoso.com"), Want: []string{"jsmith"},
			},
			{
				Expression: `Replace([telephoneNumber], , ` + phone + `, "phoneNumber" , , [mobile], )`,
				Given:      given("telephoneNumber", "", "mobile", "+91 8887779999"), Want: []string{"8887779999"},
			},
			{
				Expression: `Replace([telephoneNumber], , ` + phone + `, "phoneNumber", , [mobile])`,
				Given:      given("telephoneNumber", "555", "mobile", "+91 8887779999"), Want: []string{"555"},
			},
			{Expression: `Replace("2026-11", , "(\\d+)-(\\d+)", , "$2/$1 $$ $& $x")`, Want: []string{"11/2026 $ 2026-11 $x"}},
			{Expression: `Replace([mail], "a", , , "b")`},
			{Expression: `Replace("x", , "(", , "")`, Fails: "is not a regular expression"},
			{Expression: `Replace("x", , "(?<a>x)", "b", "")`, Fails: `has no group "b"`},
			{Expression: `Replace("x", "a")`, Fails: "what it should do"},
			{Expression: `Replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", , "^(a+)+$", , "")`, Fails: "takes longer than"},
		},
		build: buildReplace,
	}}
}

// buildReplace picks the mode by the arguments that are written, as Entra does; a null argument does not change the mode.
func buildReplace(c *call) (code, error) {
	mode := [...]bool{c.given(replaceFind), c.given(replacePattern), c.given(replaceGroup), c.given(replaceWith), c.given(replaceProperty), c.given(replaceTemplate)}
	switch mode {
	case [...]bool{true, false, false, true, false, false}:
		return c.replaceText(replaceSource, replaceFind, replaceWith), nil
	case [...]bool{true, false, false, false, false, true}:
		return c.replaceText(replaceTemplate, replaceFind, replaceSource), nil
	case [...]bool{false, true, false, true, false, false}, [...]bool{false, true, true, true, false, false}:
		return c.replaceMatches()
	case [...]bool{false, true, true, false, true, false}:
		return c.replaceMissing()
	}
	return nil, c.fail("the arguments do not say what it should do: give Find with Replacement or Template; or RegularExpression with Replacement; " +
		"or RegularExpression and RegularExpressionGroupName with Replacement or ReplacementPropertyName")
}

// replaceText replaces every find of the text at in by the text at with. A null source is null.
func (c *call) replaceText(in, find, with int) code {
	return func(s *state) (Value, error) {
		source, err := c.scalar(s, replaceSource)
		if err != nil || source.IsNull() {
			return source, err
		}
		text, _, err := c.text(s, in)
		if err != nil {
			return NullValue, err
		}
		old, _, err := c.text(s, find)
		if err != nil {
			return NullValue, err
		}
		if old == "" {
			return NullValue, c.failAt(find, "is empty: expected the text to replace")
		}
		replacement, _, err := c.text(s, with)
		if err != nil {
			return NullValue, err
		}
		if len(text)+strings.Count(text, old)*(len(replacement)-len(old)) > MaxResult {
			return NullValue, c.fail("makes a result of more than %d bytes", MaxResult)
		}
		return Str(strings.ReplaceAll(text, old, replacement)), nil
	}
}

// replaceMatches replaces every match, or what the named group matched.
func (c *call) replaceMatches() (code, error) {
	find, err := c.pattern()
	if err != nil {
		return nil, err
	}
	return func(s *state) (Value, error) {
		source, err := c.scalar(s, replaceSource)
		if err != nil || source.IsNull() {
			return source, err
		}
		p, group, err := find(s)
		if err != nil {
			return NullValue, err
		}
		replacement, _, err := c.text(s, replaceWith)
		if err != nil {
			return NullValue, err
		}
		at, t := wholeMatch, p.parseTemplate(replacement)
		if group != "" {
			at, t = groupMatch(group), template{{literal: replacement, group: noGroup}}
		}
		began := time.Now()
		out, err := p.replace(source.Text(), at, t)
		if err == nil {
			err = s.matched(began)
		}
		if err != nil {
			return NullValue, c.failAt(replacePattern, "%v", err)
		}
		return Str(out), nil
	}, nil
}

// replaceMissing is the source, or where it is empty a part of another attribute.
func (c *call) replaceMissing() (code, error) {
	find, err := c.pattern()
	if err != nil {
		return nil, err
	}
	return func(s *state) (Value, error) {
		source, err := c.scalar(s, replaceSource)
		if err != nil || !source.IsEmpty() {
			return source, err
		}
		other, _, err := c.text(s, replaceProperty)
		if err != nil {
			return NullValue, err
		}
		p, group, err := find(s)
		if err != nil {
			return NullValue, err
		}
		began := time.Now()
		found, ok, err := p.group(other, group)
		if err == nil {
			err = s.matched(began)
		}
		switch {
		case err != nil:
			return NullValue, c.failAt(replacePattern, "%v", err)
		case !ok:
			return NullValue, nil
		}
		return Str(found), nil
	}, nil
}

// pattern returns how to get the regular expression and the group name. Constants are compiled and checked here, once.
func (c *call) pattern() (func(*state) (pattern, string, error), error) {
	text, fixed := c.constant(replacePattern)
	if !fixed {
		return c.dynamicPattern, nil
	}
	p, err := compilePattern(text)
	if err != nil {
		return nil, c.failAt(replacePattern, "%v", err)
	}
	if group, ok := c.constant(replaceGroup); ok || !c.given(replaceGroup) {
		if err := c.checkGroup(p, group); err != nil {
			return nil, err
		}
		return func(*state) (pattern, string, error) { return p, group, nil }, nil
	}
	return func(s *state) (pattern, string, error) { return c.withGroup(s, p) }, nil
}

func (c *call) dynamicPattern(s *state) (pattern, string, error) {
	text, _, err := c.text(s, replacePattern)
	if err != nil {
		return pattern{}, "", err
	}
	p, err := compilePattern(text)
	if err != nil {
		return pattern{}, "", c.failAt(replacePattern, "%v", err)
	}
	return c.withGroup(s, p)
}

func (c *call) withGroup(s *state, p pattern) (pattern, string, error) {
	group, _, err := c.text(s, replaceGroup)
	if err == nil {
		err = c.checkGroup(p, group)
	}
	return p, group, err
}

func (c *call) checkGroup(p pattern, group string) error {
	if c.given(replaceGroup) && (group == "" || !p.hasGroup(group)) {
		return c.failAt(replaceGroup, "is %s, but the regular expression has no group %s", c.quote(group), c.quote(group))
	}
	return nil
}
