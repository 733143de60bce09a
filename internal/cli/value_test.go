package cli

import "testing"

// Lists are shown so that one can see where a value ends.
func TestValue(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nil, "(none)"},
		{"a, b", `"a, b"`},
		{true, "true"},
		{[]any{"a, b", float64(3)}, `["a, b", 3]`},
		{[]any{map[string]any{"value": "Admin", "primary": true}}, `[{primary true, value "Admin"}]`},
		{[]any{}, "[]"},
	} {
		if got := value(tt.v); got != tt.want {
			t.Errorf("value(%v) = %s, want %s", tt.v, got, tt.want)
		}
	}
}
