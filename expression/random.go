package expression

import (
	"errors"
	"strings"
)

// The characters of RandomString, in the classes of Windows' password complexity rule.
const (
	digits   = "0123456789"
	specials = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/"
	capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowers   = "abcdefghijklmnopqrstuvwxyz"

	maxRandomLength = 256
)

func randomFunctions() []Function {
	return []Function{
		{
			Name:     "Guid",
			Result:   Text,
			Doc:      "A new random UUID at each evaluation.",
			Varies:   true,
			Examples: []Example{{Expression: `Guid()`, Matches: `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`}},
			build: func(c *call) (code, error) {
				return func(s *state) (Value, error) {
					id, err := s.guid()
					if err != nil {
						return NullValue, err
					}
					return Str(id), nil
				}, nil
			},
		},
		{
			Name: "RandomString",
			Params: []Param{
				{Name: "Length", Type: Whole, Doc: "at most 256"},
				{Name: "MinimumNumbers", Type: Whole},
				{Name: "MinimumSpecialCharacters", Type: Whole},
				{Name: "MinimumCapital", Type: Whole},
				{Name: "MinimumLowerCase", Type: Whole},
				{Name: "CharactersToAvoid", Type: Text, Optional: true},
			},
			Result: Text,
			Varies: true,
			Doc:    "A random text with at least so many digits, special characters, capital and small letters, and none of the characters to avoid.",
			Examples: []Example{
				{Expression: `RandomString(6, 3, 0, 0, 3)`, Matches: `^[0-9a-z]{6}$`},
				{Expression: `RandomString(10, 2, 2, 2, 1, "?,")`, Matches: `^[^?,]{10}$`},
				{Expression: `RandomString(3, 2, 2, 0, 0)`, Fails: "at least 4"},
				{Expression: `RandomString(300, 0, 0, 0, 0)`, Fails: "1 to 256"},
				{Expression: `RandomString(3, 1, 0, 0, 0, "0123456789")`, Fails: "none is left"},
			},
			build: buildRandomString,
		},
	}
}

// charClass is one class of characters with the least number of them.
type charClass struct {
	chars   string
	minimum int64
}

func buildRandomString(c *call) (code, error) {
	return func(s *state) (Value, error) {
		length, err := c.needInteger(s, 0)
		if err != nil {
			return NullValue, err
		}
		if length < 1 || length > maxRandomLength {
			return NullValue, c.failAt(0, "is %d: expected 1 to %d", length, maxRandomLength)
		}
		avoid, _, err := c.text(s, 5)
		if err != nil {
			return NullValue, err
		}
		classes, err := c.randomClasses(s, length, avoid)
		if err != nil {
			return NullValue, err
		}
		text, err := randomString(s, length, classes)
		return Str(text), err
	}, nil
}

// randomClasses reads the minimums and takes the characters to avoid away.
func (c *call) randomClasses(s *state, length int64, avoid string) ([]charClass, error) {
	classes := []charClass{{chars: digits}, {chars: specials}, {chars: capitals}, {chars: lowers}}
	sum := int64(0)
	avoided := oneOf(avoid)
	for i := range classes {
		n, err := c.needInteger(s, i+1)
		if err != nil {
			return nil, err
		}
		if n < 0 || n > maxRandomLength {
			return nil, c.failAt(i+1, "is %d: expected 0 to %d", n, maxRandomLength)
		}
		classes[i].minimum = n
		sum += n
		classes[i].chars = strings.Map(func(r rune) rune {
			if avoided(r) {
				return -1
			}
			return r
		}, classes[i].chars)
		if n > 0 && classes[i].chars == "" {
			return nil, c.failAt(i+1, "is %d, but all characters of that kind are to be avoided: none is left", n)
		}
	}
	if sum > length {
		return nil, c.failAt(0, "is %d, but the minimums need at least %d", length, sum)
	}
	return classes, nil
}

// randomString draws the minimums, fills up from the classes that were asked for (all when none was), and shuffles.
func randomString(s *state, length int64, classes []charClass) (string, error) {
	var out []byte
	var fill string
	for _, class := range classes {
		if class.minimum > 0 {
			fill += class.chars
		}
		for range class.minimum {
			char, err := pick(s, class.chars)
			if err != nil {
				return "", err
			}
			out = append(out, char)
		}
	}
	if fill == "" {
		for _, class := range classes {
			fill += class.chars
		}
	}
	if fill == "" {
		return "", errors.New("all characters are to be avoided: none is left")
	}
	for int64(len(out)) < length {
		char, err := pick(s, fill)
		if err != nil {
			return "", err
		}
		out = append(out, char)
	}
	for i := len(out) - 1; i > 0; i-- {
		j, err := below(s, i+1)
		if err != nil {
			return "", err
		}
		out[i], out[j] = out[j], out[i]
	}
	return string(out), nil
}

func pick(s *state, chars string) (byte, error) {
	i, err := below(s, len(chars))
	if err != nil {
		return 0, err
	}
	return chars[i], nil
}

// below returns a random number in [0, n), n at most 256, each equally likely: bytes that would favour the small numbers are drawn again.
func below(s *state, n int) (int, error) {
	const bytes, attempts = 256, 1000
	limit := bytes - bytes%n
	for range attempts {
		var b [1]byte
		if err := s.random(b[:]); err != nil {
			return 0, err
		}
		if int(b[0]) < limit {
			return int(b[0]) % n, nil
		}
	}
	return 0, errors.New("the source of random numbers is broken: it repeats itself")
}
