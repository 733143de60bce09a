package scim

import (
	"errors"
	"testing"
)

// TestPagesOfUsersEndBeforeTheyAreTooBig: in both directions the users at the far end go to the next page.
func TestPagesOfUsersEndBeforeTheyAreTooBig(t *testing.T) {
	const many = pageGroups/2/groupUsers + 1 // groups of each user: two parts are too much
	for _, test := range []struct {
		name                        string
		users, each                 int
		backward                    bool
		wantFrom, wantTo, wantAsked int
	}{
		{"few groups", 950, 1, false, 0, 950, 10},
		{"few groups, backward", 950, 1, true, 0, 950, 10},
		{"many groups", 950, many, false, 0, 200, 2},
		{"many groups, backward", 950, many, true, 750, 950, 2},
		{"nobody", 0, 1, false, 0, 0, 0},
		{"nobody, backward", 0, 1, true, 0, 0, 0},
	} {
		asked := 0
		from, to, err := inParts(test.users, test.backward, func(from, to int) (int, error) {
			asked++
			return (to - from) * test.each, nil
		})
		if from != test.wantFrom || to != test.wantTo || asked != test.wantAsked || err != nil {
			t.Errorf("%s: users %d:%d in %d parts, error %v; want %d:%d in %d", test.name, from, to, asked, err, test.wantFrom, test.wantTo, test.wantAsked)
		}
	}
	broken := errors.New("broken")
	if _, _, err := inParts(1, false, func(int, int) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("the error became %v", err)
	}
}
