package expression

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// encodingFunctions change the representation of a value.
func encodingFunctions() []Function {
	source := []Param{{Name: "source", Type: Text}}
	return []Function{
		{
			Name:     "ConvertToBase64",
			Params:   source,
			Result:   Text,
			Doc:      "The Base64 form of the source in UTF-16, low byte first.",
			Examples: []Example{{Expression: `ConvertToBase64("Hello world!")`, Want: []string{"SABlAGwAbABvACAAdwBvAHIAbABkACEA"}}},
			build: onText(func(_ *call, s string) (string, error) {
				units := utf16.Encode([]rune(s))
				b := make([]byte, 0, 2*len(units))
				for _, u := range units {
					b = binary.LittleEndian.AppendUint16(b, u)
				}
				return base64.StdEncoding.EncodeToString(b), nil
			}),
		},
		{
			Name:   "ConvertFromBase64",
			Params: []Param{source[0], {Name: "Encoding", Type: Text, Optional: true, Doc: "Unicode (UTF-16, the default), ASCII or UTF8"}},
			Result: Text,
			Doc:    "The text whose Base64 form the source is.",
			Examples: []Example{
				{Expression: `ConvertFromBase64("SABlAGwAbABvACAAdwBvAHIAbABkACEA")`, Want: []string{"Hello world!"}},
				{Expression: `ConvertFromBase64("SGVsbG8gd29ybGQh", "UTF8")`, Want: []string{"Hello world!"}},
				{Expression: `ConvertFromBase64("SGVsbG8gd29ybGQh", "ASCII")`, Want: []string{"Hello world!"}},
				{Expression: `ConvertFromBase64("SGVsbG8gd29ybGQh", "EBCDIC")`, Fails: "Unicode, ASCII or UTF8"},
				{Expression: `ConvertFromBase64("???")`, Fails: "not Base64"},
				{Expression: `ConvertFromBase64("QQ==")`, Fails: "not a text in Unicode"},
			},
			build: buildFromBase64,
		},
		{
			Name:   "ConvertToUTF8Hex",
			Params: source,
			Result: Text,
			Doc:    "The bytes of the source in UTF-8 as hexadecimal digits in upper case.",
			Examples: []Example{
				{Expression: `ConvertToUTF8Hex("Hello world!")`, Want: []string{"48656C6C6F20776F726C6421"}},
			},
			build: onText(func(_ *call, s string) (string, error) { return strings.ToUpper(hex.EncodeToString([]byte(s))), nil }),
		},
		{
			Name:   "CStr",
			Params: []Param{{Name: "value", Type: Any}},
			Result: Text,
			Doc:    "The value as a text: True, False, a number, the id of a reference. Null stays null.",
			Examples: []Example{
				{Expression: `CStr([dn])`, Given: given("dn", "cn=Joe,dc=contoso,dc=com"), Want: []string{"cn=Joe,dc=contoso,dc=com"}},
				{Expression: `CStr(BitAnd(7, 2))`, Want: []string{"2"}},
				{Expression: `CStr(Not("True"))`, Want: []string{"False"}},
			},
			build: onText(func(_ *call, s string) (string, error) { return s, nil }),
		},
		{
			Name:   "BitAnd",
			Params: []Param{{Name: "value1", Type: Whole}, {Name: "value2", Type: Whole}},
			Result: Whole,
			Doc:    "The bits that are set in both numbers. Null when one of them is null.",
			Examples: []Example{
				{Expression: `BitAnd(&HF, &HF7)`, Want: []string{"7"}},
				{Expression: `BitAnd([userAccountControl], 2)`, Given: given("userAccountControl", "514"), Want: []string{"2"}},
				{Expression: `BitAnd([userAccountControl], 2)`, Given: given("userAccountControl", "many"), Fails: "expected a whole number"},
				{Expression: `BitAnd([userAccountControl], 2)`},
			},
			build: buildBitAnd,
		},
		{
			Name:   "DNComponent",
			Params: []Param{{Name: "dn", Type: Text}, {Name: "number", Type: Whole, From: 1}},
			Result: Text,
			Doc:    "The value of the numbered component of a distinguished name, counted from 1 on the left; null when there are fewer.",
			Examples: []Example{
				{Expression: `DNComponent("cn=Joe,dc=contoso,dc=com", 1)`, Want: []string{"Joe"}},
				{Expression: `DNComponent("cn=Doe\\, Joe,ou=R\\2BD,dc=com", 1)`, Want: []string{"Doe, Joe"}},
				{Expression: `DNComponent("cn=Doe\\, Joe,ou=R\\2BD,dc=com", 2)`, Want: []string{"R+D"}},
				{Expression: `DNComponent("cn=Joe", 2)`},
				{Expression: `DNComponent("cn=Joe", 0)`, Fails: "counted from 1"},
				{Expression: `DNComponent("Joe", 1)`, Fails: "not a distinguished name"},
			},
			build: buildDNComponent,
		},
	}
}

func buildFromBase64(c *call) (code, error) {
	if encoding, ok := c.constant(1); ok {
		if _, err := decodeText(nil, encoding); err != nil {
			return nil, c.failAt(1, "is %s: expected Unicode, ASCII or UTF8", quote(encoding))
		}
	}
	return func(s *state) (Value, error) {
		v, err := c.scalar(s, 0)
		if err != nil || v.IsNull() {
			return v, err
		}
		encoding, ok, err := c.text(s, 1)
		if err != nil {
			return NullValue, err
		}
		if !ok {
			encoding = "Unicode"
		}
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(v.Text()))
		if err != nil {
			return NullValue, c.failAt(0, "is %s: that is not Base64", c.quote(v.Text()))
		}
		text, err := decodeText(b, encoding)
		if err != nil {
			return NullValue, c.fail("%v", err)
		}
		return Str(text), nil
	}, nil
}

func decodeText(b []byte, encoding string) (string, error) {
	switch strings.ToUpper(encoding) {
	case "UTF8", "UTF-8":
		if utf8.Valid(b) {
			return string(b), nil
		}
	case "ASCII":
		if isASCII(string(b)) {
			return string(b), nil
		}
	case "UNICODE":
		if len(b)%2 == 0 {
			units := make([]uint16, len(b)/2)
			for i := range units {
				units[i] = binary.LittleEndian.Uint16(b[2*i:])
			}
			return string(utf16.Decode(units)), nil
		}
	default:
		return "", fmt.Errorf("the encoding is %s: expected Unicode, ASCII or UTF8", quote(encoding))
	}
	return "", fmt.Errorf("the bytes are not a text in %s: another encoding may fit", encoding)
}

func buildBitAnd(c *call) (code, error) {
	return func(s *state) (Value, error) {
		a, okA, err := c.integer(s, 0)
		if err != nil {
			return NullValue, err
		}
		b, okB, err := c.integer(s, 1)
		if err != nil || !okA || !okB {
			return NullValue, err
		}
		return Int(a & b), nil
	}, nil
}

func buildDNComponent(c *call) (code, error) {
	return func(s *state) (Value, error) {
		v, err := c.scalar(s, 0)
		if err != nil || v.IsNull() {
			return v, err
		}
		number, err := c.needInteger(s, 1)
		if err != nil {
			return NullValue, err
		}
		if number < 1 {
			return NullValue, c.failAt(1, "is %d: components are counted from 1", number)
		}
		for part := range components(v.Text()) {
			_, value, found := strings.Cut(part, "=")
			if !found {
				return NullValue, c.failAt(0, "is %s: that is not a distinguished name", c.quote(v.Text()))
			}
			if number--; number == 0 {
				return Str(unescapeDN(strings.TrimSpace(value))), nil
			}
		}
		return NullValue, nil
	}, nil
}

// components yields the parts of a distinguished name between commas that are not escaped (RFC 4514 section 3).
func components(dn string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i < len(dn); i++ {
			switch dn[i] {
			case '\\':
				i++
			case ',', ';':
				if !yield(dn[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(dn[start:])
	}
}

// unescapeDN undoes \, and \2C (RFC 4514 section 2.4).
func unescapeDN(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		if i+2 < len(s) {
			if decoded, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				b = append(b, decoded...)
				i += 2
				continue
			}
		}
		i++
		b = append(b, s[i])
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}
