package expression

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// The language promises .NET's regular expressions: they have look-around and back references, which package regexp leaves out for the sake of
// guaranteed time. So time is what is limited here.
const (
	maxPattern = 1000                   // characters
	matchTime  = 100 * time.Millisecond // for all matches of one Replace
	matchTimes = 500 * time.Millisecond // for all of one evaluation
)

// pattern is a compiled regular expression.
type pattern struct{ re *regexp2.Regexp }

func compilePattern(text string) (pattern, error) {
	if len(text) > maxPattern {
		return pattern{}, fmt.Errorf("has %d bytes; at most %d are allowed", len(text), maxPattern)
	}
	re, err := regexp2.Compile(text, regexp2.None)
	if err != nil {
		return pattern{}, fmt.Errorf("is not a regular expression: %w", err)
	}
	re.MatchTimeout = matchTime
	return pattern{re: re}, nil
}

// matched accounts for the time since a Replace began to look for matches.
func (s *state) matched(began time.Time) error {
	if s.matching += time.Since(began); s.matching > matchTimes {
		return fmt.Errorf("takes, with the other regular expressions here, longer than %s: simplify them", matchTimes)
	}
	return nil
}

// hasGroup reports whether the pattern has a group of that name or number.
func (p pattern) hasGroup(name string) bool { return p.re.GroupNumberFromName(name) >= 0 }

// span is a part of a text in characters.
type span struct{ start, end int }

// replace puts the filled-in template where at says, for every match. It stops with an error when the matches take too long together or the result
// grows too large.
func (p pattern) replace(text string, at func(*regexp2.Match) (span, bool), with template) (string, error) {
	runes := []rune(text)
	var b strings.Builder
	copied := 0
	began := time.Now() // a stopwatch, not a clock
	m, err := p.re.FindRunesMatch(runes)
	for ; m != nil && err == nil; m, err = p.re.FindNextMatch(m) {
		if time.Since(began) > matchTime {
			return "", fmt.Errorf("takes longer than %s: simplify it", matchTime)
		}
		where, ok := at(m)
		if !ok || where.start < copied {
			continue
		}
		b.WriteString(string(runes[copied:where.start]))
		b.WriteString(with.expand(runes, m))
		copied = where.end
		if b.Len() > MaxResult {
			return "", fmt.Errorf("makes a result of more than %d bytes", MaxResult)
		}
	}
	if err != nil {
		return "", fmt.Errorf("takes longer than %s: simplify it", matchTime)
	}
	b.WriteString(string(runes[copied:]))
	return b.String(), nil
}

// group returns the text of the group in the first match. ok is false when nothing matches or the group takes no part in the match.
func (p pattern) group(text, name string) (found string, ok bool, err error) {
	m, err := p.re.FindStringMatch(text)
	if err != nil {
		return "", false, fmt.Errorf("takes longer than %s: simplify it", matchTime)
	}
	if m == nil {
		return "", false, nil
	}
	g := m.GroupByName(name)
	if g == nil || len(g.Captures) == 0 {
		return "", false, nil
	}
	return g.String(), true, nil
}

func wholeMatch(m *regexp2.Match) (span, bool) { return span{m.Index, m.Index + m.Length}, true }

func groupMatch(name string) func(*regexp2.Match) (span, bool) {
	return func(m *regexp2.Match) (span, bool) {
		g := m.GroupByName(name)
		if g == nil || len(g.Captures) == 0 {
			return span{}, false
		}
		return span{g.Index, g.Index + g.Length}, true
	}
}

// template is a parsed replacement, in .NET's language: $1, ${1} and ${name} (a group), $& (the match), $` and $' (the text before and after it), $_
// (all of it), $+ (the last group) and $$ (a dollar); any other dollar is itself.
type template []piece

type piece struct {
	literal string
	group   int // not negative: a group; else one of these
}

const (
	noGroup = -1 - iota // the literal
	beforeMatch
	afterMatch
	wholeText
	lastGroup
)

func (p pattern) parseTemplate(text string) template {
	var t template
	for {
		literal, rest, found := strings.Cut(text, "$")
		if literal != "" {
			t = append(t, piece{literal: literal, group: noGroup})
		}
		if !found {
			return t
		}
		reference, length := p.parseReference(rest)
		t = append(t, reference)
		text = rest[length:]
	}
}

// parseReference reads what follows a dollar and returns how many bytes it took.
func (p pattern) parseReference(rest string) (piece, int) {
	switch first, _ := utf8.DecodeRuneInString(rest); first {
	case '$':
		return piece{literal: "$", group: noGroup}, 1
	case '&':
		return piece{group: 0}, 1
	case '`':
		return piece{group: beforeMatch}, 1
	case '\'':
		return piece{group: afterMatch}, 1
	case '_':
		return piece{group: wholeText}, 1
	case '+':
		return piece{group: lastGroup}, 1
	case '{':
		name, _, found := strings.Cut(rest[1:], "}")
		if n := p.re.GroupNumberFromName(name); found && n >= 0 {
			return piece{group: n}, len(name) + 2
		}
	}
	end := 0
	for end < len(rest) && isDigit(rest[end]) {
		end++
	}
	for ; end > 0; end-- { // $12 is group 12, or else group 1 and a 2
		if n, err := strconv.Atoi(rest[:end]); err == nil && p.re.GroupNumberFromName(strconv.Itoa(n)) >= 0 {
			return piece{group: n}, end
		}
	}
	return piece{literal: "$", group: noGroup}, 0
}

// expand fills the template in for a match in a text. It gives up behind MaxResult bytes, since a result that long is refused.
func (t template) expand(text []rune, m *regexp2.Match) string {
	var b strings.Builder
	for _, p := range t {
		switch p.group {
		case noGroup:
			b.WriteString(p.literal)
		case beforeMatch:
			b.WriteString(string(text[:m.Index]))
		case afterMatch:
			b.WriteString(string(text[m.Index+m.Length:]))
		case wholeText:
			b.WriteString(string(text))
		case lastGroup:
			b.WriteString(captured(m, m.GroupCount()-1))
		default:
			b.WriteString(captured(m, p.group))
		}
		if b.Len() > MaxResult {
			break
		}
	}
	return b.String()
}

// captured returns the text of a group; "" when it takes no part in the match.
func captured(m *regexp2.Match, group int) string {
	if g := m.GroupByNumber(group); g != nil && len(g.Captures) > 0 {
		return g.String()
	}
	return ""
}
