package scimserver

import (
	"fmt"
	"testing"
)

func TestSchedule(t *testing.T) {
	for _, test := range []struct {
		name  string
		after [][]int
		want  string
	}{
		{"nothing to wait for", [][]int{{}, {}, {}}, "[[0] [1] [2]]"},
		{"backward", [][]int{{}, {0}, {1, 0}}, "[[0] [1] [2]]"},
		{"forward moves behind", [][]int{{2}, {}, {}, {}}, "[[1] [2] [0] [3]]"},
		{"chain", [][]int{{1}, {2}, {3}, {}}, "[[3] [2] [1] [0]]"},
		{"itself", [][]int{{}, {1}, {}}, "[[0] [1] [2]]"},
		{"pair", [][]int{{2}, {}, {0}, {}}, "[[1] [0 2] [3]]"},
		{"what waits for a circle, and what it waits for", [][]int{{1}, {2}, {1, 4}, {}, {}, {0}}, "[[3] [4] [1 2] [0] [5]]"},
		{"two circles", [][]int{{1}, {0, 2}, {3}, {2}}, "[[2 3] [0 1]]"},
		{"none", nil, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := fmt.Sprint(schedule(len(test.after), func(i int) []int { return test.after[i] }))
			if got != test.want {
				t.Errorf("order %s, want %s", got, test.want)
			}
		})
	}
}

// A long chain sent backwards and a big circle are the worst that a request can hold.
func TestScheduleIsLinear(t *testing.T) {
	const n = 50_000
	for name, last := range map[string][]int{"chain": {}, "circle": {0}} {
		order := schedule(n, func(i int) []int {
			if i == n-1 {
				return last
			}
			return []int{i + 1}
		})
		if name == "chain" && (len(order) != n || order[0][0] != n-1) || name == "circle" && (len(order) != 1 || len(order[0]) != n) {
			t.Errorf("%s: %d steps", name, len(order))
		}
	}
}

func TestBulkID(t *testing.T) {
	for text, want := range map[string]string{
		"bulkId:a": "a", "bulkid:a": "a", "../Users/bulkId:a": "../Users/ a", "bulkId:": "", "bulkId:a:b": "a:b",
		"bulkId": "-", "xbulkId:a": "-", "": "-", "bulkId:a/b": "-", "a bulkId:b": "-",
	} {
		before, name, ok := bulkID(text)
		got := before + name
		switch {
		case !ok:
			got = "-"
		case before != "":
			got = before + " " + name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestMayName(t *testing.T) {
	for data, want := range map[string]bool{
		`{"a":"b"}`: false, `{"value":"bulkId:x"}`: true, `{"value":"BULKID:x"}`: true, `{"a":1,"v":"\u0062ulkId:x"}`: true, ``: false, `bulkId`: false, `:`: false,
	} {
		if got := mayName([]byte(data)); got != want {
			t.Errorf("%s: %t, want %t", data, got, want)
		}
	}
}
