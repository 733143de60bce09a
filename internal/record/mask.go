package record

import "strings"

const maxDetail = 400 // bytes

// MaskDetail is the text of an error without what it quotes: messages repeat what a client sent between double quotes, and that may be somebody's name.
func MaskDetail(detail string) string {
	var b strings.Builder
	for len(detail) > 0 && b.Len() < maxDetail {
		before, after, quoted := strings.Cut(detail, `"`)
		b.WriteString(before)
		if !quoted {
			break
		}
		b.WriteString(`"…"`)
		detail = afterQuote(after)
	}
	out := b.String()
	if len(out) > maxDetail {
		out = strings.ToValidUTF8(out[:maxDetail], "") + "…"
	}
	return out
}

// afterQuote is what follows the closing quote. A quote after a backslash belongs to the value. Without a closing quote nothing follows.
func afterQuote(s string) string {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[i+1:]
		}
	}
	return ""
}
