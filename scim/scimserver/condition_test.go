package scimserver

import (
	"errors"
	"testing"

	"github.com/rollcall-id/rollcall/scim"
)

func TestPrecondition(t *testing.T) {
	for _, test := range []struct {
		name   string
		header []string
		want   bool
	}{
		{"none", nil, true},
		{"the weak tag", []string{`W/"3"`}, true},
		{"the strong tag", []string{`"3"`}, true},
		{"bare", []string{`3`}, true},
		{"small w", []string{`w/"3"`}, true},
		{"any", []string{`*`}, true},
		{"one of a list", []string{`W/"1", W/"3"`}, true},
		{"one of two headers", []string{`W/"1"`, `W/"3"`}, true},
		{"another", []string{`W/"4"`}, false},
		{"a prefix", []string{`W/"33"`}, false},
		{"empty", []string{``}, false},
		{"only commas", []string{` , ,`}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := IfMatch(test.header...)
			if got := p.Holds(`W/"3"`); got != test.want {
				t.Errorf("Holds is %v, want %v", got, test.want)
			}
			var e *scim.Error
			if err := p.Check(`W/"3"`); (err == nil) != test.want || err != nil && (!errors.As(err, &e) || e.Status != 412) {
				t.Errorf("Check is %v", err)
			}
		})
	}
}

func FuzzPrecondition(f *testing.F) {
	for _, seed := range []string{`W/"1"`, `"1", *`, `,,`, `W/`, `"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if p := IfMatch(header, `W/"own"`); !p.Holds(`W/"own"`) {
			t.Errorf("%q hides the tag that follows it", header)
		}
	})
}
