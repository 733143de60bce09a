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

func TestOriginIsClean(t *testing.T) {
	const good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	for _, s := range []string{
		"", "x", good + "-00", strings.ToUpper(good), "ff" + good[2:], "01" + good[2:], good[:53], good[:54] + "\n",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
	} {
		if got := (Origin{Traceparent: s}).Clean().Traceparent; got == s || !validTrace(got) {
			t.Errorf("%q became %q, want a new trace", s, got)
		}
	}
	o := Origin{Actor: "token\x00\n1", Cause: "a\xffb" + strings.Repeat("ü", 300), Traceparent: good}.Clean()
	want := Origin{Actor: "token\uFFFD\uFFFD1", Cause: "a\uFFFDb" + strings.Repeat("ü", 253), Traceparent: good}
	if o != want {
		t.Errorf("got %q, want %q", o, want)
	}
}
