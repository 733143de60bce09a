package directory

import (
	"regexp"
	"strings"
	"testing"
)

func TestTraces(t *testing.T) {
	format := regexp.MustCompile(`^00-[0-9a-f]{32}-[0-9a-f]{16}-01$`)
	root := NewTrace()
	child, other := ChildTrace(root), ChildTrace(root)
	for _, s := range []string{root, child, other, ChildTrace(""), ChildTrace("not-a-trace-parent")} {
		if !format.MatchString(s) {
			t.Errorf("%q is not a traceparent", s)
		}
	}
	if strings.Split(child, "-")[1] != strings.Split(root, "-")[1] {
		t.Errorf("child %s is not of the trace of %s", child, root)
	}
	if child == other || child == root {
		t.Errorf("two spans share an id: %s, %s, %s", root, child, other)
	}
}
