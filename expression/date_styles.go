package expression

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// dateStyles are .NET's DateTimeStyles, the way in which a date is read.
type dateStyles uint

const (
	leadingWhite dateStyles = 1 << iota
	trailingWhite
	innerWhite
	noCurrentDate
	adjustToUniversal
	assumeLocal
	assumeUniversal
	roundtripKind
)

// defaultStyles are those of FormatDateTime when the slot is empty.
const defaultStyles = roundtripKind | leadingWhite | trailingWhite

var dateStyleNames = []string{
	"None", "AllowLeadingWhite", "AllowTrailingWhite", "AllowInnerWhite", "AllowWhiteSpaces", "NoCurrentDateDefault", "AdjustToUniversal", "AssumeLocal",
	"AssumeUniversal", "RoundtripKind",
}

var dateStyleValues = []dateStyles{
	0, leadingWhite, trailingWhite, innerWhite, leadingWhite | trailingWhite | innerWhite, noCurrentDate, adjustToUniversal, assumeLocal,
	assumeUniversal, roundtripKind,
}

// parseDateStyles reads names with commas between them and refuses the combinations that .NET refuses.
func parseDateStyles(text string) (dateStyles, error) {
	var styles dateStyles
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		i := slices.Index(dateStyleNames, name)
		if i < 0 {
			return 0, fmt.Errorf("holds %s%s: expected names from %s, with commas between them",
				quote(name), didYouMean(name, dateStyleNames), strings.Join(dateStyleNames, ", "))
		}
		styles |= dateStyleValues[i]
	}
	switch {
	case styles&assumeLocal != 0 && styles&assumeUniversal != 0:
		return 0, errors.New("holds AssumeLocal and AssumeUniversal: only one of them can be")
	case styles&roundtripKind != 0 && styles&(assumeLocal|assumeUniversal|adjustToUniversal) != 0:
		return 0, errors.New("holds RoundtripKind, which AssumeLocal, AssumeUniversal and AdjustToUniversal exclude")
	}
	return styles, nil
}

// zone is the time zone of a date that was read, from what it says itself.
func (s dateStyles) zone(zoned, utc bool) timeZone {
	switch {
	case s&adjustToUniversal != 0 && (zoned || s&(assumeLocal|assumeUniversal) != 0), zoned && utc && s&roundtripKind != 0:
		return zoneUTC
	case zoned || s&(assumeLocal|assumeUniversal) != 0:
		return zoneLocal
	}
	return zoneUnsaid
}
