package scope

import (
	"fmt"
	"time"

	"github.com/dlclark/regexp2"
)

// matchTime is the longest that one match may take. .NET's dialect has look-around and back references, whose time nothing else bounds.
const matchTime = 100 * time.Millisecond

// byRegex matches the whole value (design/cli.md, "Scoping filter file"). A match that takes too long is an error, not a verdict: a person must not lose
// an account because a server was busy.
func byRegex(values []string) (test, error) {
	pattern := values[0]
	re, err := wholeValue(pattern)
	if err != nil {
		return nil, err
	}
	return func(e element, _ moment) (bool, error) {
		matched, err := re.MatchString(e.text)
		if err != nil {
			return false, fmt.Errorf("the regular expression %q takes longer than %s: simplify it", pattern, matchTime)
		}
		return matched, nil
	}, nil
}

// wholeValue compiles a pattern between anchors. The pattern must be right by itself as well: a|b)(c would be turned into something else. The line feed is
// for patterns that end in a comment, which (?x) allows; it does not count there.
func wholeValue(pattern string) (*regexp2.Regexp, error) {
	if pattern == "" {
		return nil, fmt.Errorf("the regular expression is empty: ask with %s or %s", isNull, isNotNull)
	}
	if _, err := regexp2.Compile(pattern, regexp2.None); err != nil {
		return nil, fmt.Errorf("the value is not a regular expression: %w", err)
	}
	re, err := regexp2.Compile(`\A(?:`+pattern+`)\z`, regexp2.None)
	if err != nil {
		re, err = regexp2.Compile(`\A(?:`+pattern+"\n"+`)\z`, regexp2.None)
	}
	if err != nil {
		return nil, fmt.Errorf("the value is not a regular expression: %w", err)
	}
	re.MatchTimeout = matchTime
	return re, nil
}
