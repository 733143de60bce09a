package mapping_test

import (
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestMends(t *testing.T) {
	compile := func(rows ...mapping.AttributeMapping) error {
		_, err := mapping.Compile(users(rows...), known)
		return err
	}
	good, bad, worse := row("a", mapping.Direct, "mail"), row("b", mapping.Direct, "nothing"), row("c", mapping.Direct, "none")
	for _, test := range []struct {
		name        string
		before, now error
		want        bool
		left        int
	}{
		{"all", compile(bad, worse), compile(good), true, 0},
		{"one of two", compile(bad, good, worse), compile(good, worse), true, 1},
		{"nothing", compile(bad, worse), compile(good, bad, worse), false, 2},
		{"one for another", compile(bad, good), compile(worse), false, 1},
		{"one for worse", compile(bad, good), compile(bad, worse), false, 2},
		{"from right to wrong", compile(good), compile(bad), false, 1},
	} {
		if got := mapping.Mends(test.before, test.now); got != test.want || len(mapping.Problems(test.now)) != test.left {
			t.Errorf("%s: got %v, %q left; want %v, %d", test.name, got, mapping.Problems(test.now), test.want, test.left)
		}
	}
}
