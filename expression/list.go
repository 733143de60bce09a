package expression

import (
	"strings"
)

// listFunctions work on the values of multi-valued attributes, or on the words of a text.
func listFunctions() []Function {
	attribute := Param{Name: "attribute", Type: MultiValue}
	return []Function{
		{
			Name:   "Join",
			Params: []Param{{Name: "separator", Type: Text}, {Name: "source", Type: MultiValue}},
			Repeat: 1,
			Result: Text,
			Doc: "The sources in one text, with the separator between them. Each value of a multi-valued attribute counts; null and empty ones are skipped. " +
				"Null when nothing is left.",
			Examples: []Example{
				{Expression: `Join(" ", [givenName], [surname])`, Given: given("givenName", "John", "surname", "Doe"), Want: []string{"John Doe"}},
				{Expression: `Join(", ", "", [surname], [givenName])`, Given: given("givenName", "John", "surname", "Doe"), Want: []string{"Doe, John"}},
				{Expression: `Join("", 1000, "-", &HFF)`, Want: []string{"1000-255"}},
				{Expression: `Join(";", [otherMails])`, Given: []Given{{"otherMails", []string{"a", "b"}}}, Want: []string{"a;b"}},
				{Expression: `Join(" ", [givenName], [surname])`},
			},
			build: buildJoin,
		},
		{
			Name:   "Split",
			Params: []Param{{Name: "source", Type: Text}, {Name: "delimiter", Type: Text}},
			Result: MultiValue,
			Doc:    "The parts of the source between the delimiters, without white space around them; empty parts are left out.",
			Examples: []Example{
				{Expression: `Split("PermissionSetOne, PermissionSetTwo", ",")`, Want: []string{"PermissionSetOne", "PermissionSetTwo"}},
				{Expression: `Split([roles], ",")`},
			},
			build: buildSplit,
		},
		{
			Name:   "Count",
			Params: []Param{attribute},
			Result: Whole,
			Doc:    "How many values the attribute has; 0 when it is absent.",
			Examples: []Example{
				{Expression: `Count([proxyAddresses])`, Given: []Given{{"proxyAddresses", []string{"a", "b"}}}, Want: []string{"2"}},
				{Expression: `Count([proxyAddresses])`, Want: []string{"0"}},
			},
			build: onValue(func(v Value) Value {
				switch v.kind {
				case Null:
					return Int(0)
				case List:
					return Int(int64(len(v.list)))
				}
				return Int(1)
			}),
		},
		{
			Name:   "Item",
			Params: []Param{attribute, {Name: "index", Type: Whole, From: 1}},
			Result: Text,
			Doc:    "The value at the index, counted from 1. An index beyond the values is an error; of an absent attribute every item is null.",
			Examples: []Example{
				{Expression: `Item([proxyAddresses], 1)`, Given: []Given{{"proxyAddresses", []string{"a", "b"}}}, Want: []string{"a"}},
				{Expression: `Item([proxyAddresses], 3)`, Given: []Given{{"proxyAddresses", []string{"a", "b"}}}, Fails: "the attribute has 2"},
				{Expression: `Item([proxyAddresses], 0)`, Given: given("proxyAddresses", "a"), Fails: "counted from 1"},
				{Expression: `Item([proxyAddresses], 1)`},
			},
			build: buildItem,
		},
		{
			Name:   "RemoveDuplicates",
			Params: []Param{attribute},
			Result: MultiValue,
			Doc:    "The values, each once, in the order of their first appearance. Letter case counts.",
			Examples: []Example{
				{Expression: `RemoveDuplicates([proxyAddresses])`, Given: []Given{{"proxyAddresses", []string{"a", "b", "a", "A"}}}, Want: []string{"a", "b", "A"}},
			},
			build: onValue(removeDuplicates),
		},
		{
			Name:   "Word",
			Params: []Param{{Name: "String", Type: Text}, {Name: "WordNumber", Type: Whole}, {Name: "Delimiters", Type: Text}},
			Result: Text,
			Doc: "The word with the number, counted from 1. Each character of Delimiters separates words. The empty text when there is no such word or the " +
				"text is null.",
			Examples: []Example{
				{Expression: `Word("The quick brown fox", 3, " ")`, Want: []string{"brown"}},
				{Expression: `Word("This,string!has&many separators", 3, ",!&#")`, Want: []string{"has"}},
				{Expression: `Word("one two", 3, " ")`, Want: []string{""}},
				{Expression: `Word("one two", 0, " ")`, Want: []string{""}},
				{Expression: `Word([displayName], 1, " ")`, Want: []string{""}},
			},
			build: buildWord,
		},
	}
}

func buildJoin(c *call) (code, error) {
	return func(s *state) (Value, error) {
		separator, _, err := c.text(s, 0)
		if err != nil {
			return NullValue, err
		}
		var room [128]byte // most results fit, and it costs no allocation
		b := room[:0]
		for i := 1; i < len(c.args); i++ {
			v, err := c.value(s, i)
			if err != nil {
				return NullValue, err
			}
			if v.kind == List {
				for _, text := range v.list {
					b = appendJoined(b, separator, text)
				}
			} else {
				b = appendJoined(b, separator, v.Text())
			}
			if len(b) > MaxResult {
				return NullValue, c.fail("the result has more than %d bytes", MaxResult)
			}
		}
		if len(b) == 0 {
			return NullValue, nil
		}
		return Str(string(b)), nil
	}, nil
}

// appendJoined appends a text, after the separator unless it is the first. An empty one is skipped; a text that is too long already stays as it is.
func appendJoined(b []byte, separator, text string) []byte {
	if text == "" || len(b) > MaxResult {
		return b
	}
	if len(b) > 0 {
		b = append(b, separator...)
	}
	return append(b, text...)
}

func buildSplit(c *call) (code, error) {
	const empty = "is empty: expected the text between the parts, such as a comma"
	if delimiter, ok := c.constant(1); ok && delimiter == "" {
		return nil, c.failAt(1, empty)
	}
	return func(s *state) (Value, error) {
		source, ok, err := c.text(s, 0)
		if err != nil || !ok {
			return NullValue, err
		}
		delimiter, _, err := c.text(s, 1)
		if err != nil {
			return NullValue, err
		}
		if delimiter == "" {
			return NullValue, c.failAt(1, empty)
		}
		var parts []string
		for part := range strings.SplitSeq(source, delimiter) {
			if part = strings.TrimSpace(part); part != "" {
				parts = append(parts, part)
			}
		}
		return ListOf(parts), nil
	}, nil
}

func buildItem(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, err := c.value(s, 0)
		if err != nil || v.IsNull() {
			return v, err
		}
		index, err := c.needInteger(s, 1)
		if err != nil {
			return NullValue, err
		}
		values := v.list
		if v.kind != List {
			values = []string{v.Text()}
		}
		switch {
		case index < 1:
			return NullValue, c.failAt(1, "is %d: items are counted from 1", index)
		case index > int64(len(values)):
			return NullValue, c.failAt(1, "is %d: the attribute has %d values", index, len(values))
		}
		return Str(values[index-1]), nil
	}, nil
}

func removeDuplicates(v Value) Value {
	if v.kind != List {
		return v
	}
	seen := make(map[string]bool, len(v.list))
	out := make([]string, 0, len(v.list))
	for _, s := range v.list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return ListOf(out)
}

func buildWord(c *call) (code, error) {
	return func(s *state) (Value, error) {
		text, _, err := c.text(s, 0)
		if err != nil {
			return NullValue, err
		}
		number, err := c.needInteger(s, 1)
		if err != nil {
			return NullValue, err
		}
		delimiters, _, err := c.text(s, 2)
		if err != nil {
			return NullValue, err
		}
		for word := range strings.FieldsFuncSeq(text, oneOf(delimiters)) {
			if number--; number == 0 {
				return Str(word), nil
			}
		}
		return Str(""), nil
	}, nil
}
