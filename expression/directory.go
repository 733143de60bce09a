package expression

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// directoryFunctions know something of the directory that a person comes from.
func directoryFunctions() []Function {
	return []Function{
		{
			Name:   "StringFromSid",
			Params: []Param{{Name: "sid", Type: Text, Doc: "the bytes of the SID in Base64 or in hexadecimal digits"}},
			Result: Text,
			Doc:    "The security identifier in the form S-1-5-21-…. A source that already has this form stays as it is; null stays null.",
			Examples: []Example{
				{Expression: `StringFromSid("AQUAAAAAAAUVAAAAoGXPfnhLm1/nfIdwr/1IAQ==")`, Want: []string{"S-1-5-21-2127521184-1604012920-1887927527-21560751"}},
				{Expression: `StringFromSid("010100000000000512000000")`, Want: []string{"S-1-5-18"}},
				{Expression: `StringFromSid("S-1-5-18")`, Want: []string{"S-1-5-18"}},
				{Expression: `StringFromSid("0102")`, Fails: "is not a security identifier"},
				{Expression: `StringFromSid([objectSid])`},
			},
			build: onText(func(c *call, text string) (string, error) {
				if strings.HasPrefix(text, "S-1-") {
					return text, nil
				}
				sid, ok := decodeSID(strings.TrimSpace(text))
				if !ok {
					return "", c.failAt(0, "is %s: that is not a security identifier in Base64 or in hexadecimal digits", c.quote(text))
				}
				return sid, nil
			}),
		},
		{
			Name:   "DefaultDomain",
			Result: Text,
			Doc:    "The default domain of the organization, such as contoso.com. An error where none is known.",
			Examples: []Example{
				{Expression: `Join("@", [mailNickname], DefaultDomain())`, Given: given("mailNickname", "john"), Want: []string{"john@contoso.com"}},
			},
			build: func(c *call) (code, error) {
				return func(s *state) (Value, error) {
					if s.env.DefaultDomain == "" {
						return NullValue, c.fail("the organization has no default domain: give it one, or write the domain as a text, such as \"contoso.com\"")
					}
					return Str(s.env.DefaultDomain), nil
				}, nil
			},
		},
	}
}

// decodeSID reads the binary form of a security identifier: revision 1, the number of sub-authorities, the authority in 6 bytes, high byte first, and
// each sub-authority in 4, low byte first. The two writings cannot be taken for each other: Base64 begins with AQ.
func decodeSID(text string) (string, bool) {
	const head, sub, most = 8, 4, 15
	b, err := hex.DecodeString(text)
	if err != nil {
		b, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil || len(b) < head || b[0] != 1 || b[1] > most || len(b) != head+sub*int(b[1]) {
		return "", false
	}
	var authority [8]byte
	copy(authority[2:], b[2:head])
	n := binary.BigEndian.Uint64(authority[:])
	var s strings.Builder
	s.WriteString("S-1-")
	if n > 1<<32-1 {
		fmt.Fprintf(&s, "0x%X", n)
	} else {
		s.WriteString(strconv.FormatUint(n, 10))
	}
	for rest := b[head:]; len(rest) > 0; rest = rest[sub:] {
		fmt.Fprintf(&s, "-%d", binary.LittleEndian.Uint32(rest))
	}
	return s.String(), true
}
