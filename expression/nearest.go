package expression

import "strings"

// maxNearest is the longest word that is compared: nobody mistypes a name of more characters, and the cost is quadratic.
const maxNearest = 64

// minPrefix is how much of a name must be there for it to count as the beginning of that name.
const minPrefix = 4

// Nearest returns the name among names that a person who wrote word most likely meant, or "" when none is close. Letter case counts little.
func Nearest(word string, names []string) string {
	if word == "" || len(word) > maxNearest {
		return ""
	}
	best, bestDistance := "", len(word)/3+2
	for _, name := range names {
		if strings.EqualFold(name, word) {
			return name
		}
		if len(name) > maxNearest {
			continue
		}
		typed, lower := strings.ToLower(word), strings.ToLower(name)
		d := distance(typed, lower)
		if len(typed) >= minPrefix && strings.HasPrefix(lower, typed) {
			d = min(d, 1) // a word that was not written to its end
		}
		if d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// didYouMean ends an error message with the nearest name, when there is one.
func didYouMean(word string, names []string) string {
	if n := Nearest(word, names); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// spelling ends the message about a name that is not known.
func spelling(word string, names []string) string {
	if n := Nearest(word, names); n != "" {
		return "; did you mean [" + n + "]?"
	}
	return ": check the spelling"
}

// distance is how many characters must be inserted, removed, replaced or swapped with their neighbour to turn a into b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
