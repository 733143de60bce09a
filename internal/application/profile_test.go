package application

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
)

func TestProfileWith(t *testing.T) {
	had := Profile{Overrides: map[string]string{"patch": "off", "dialect": "entra"}}
	for _, c := range []struct {
		pairs []string
		want  map[string]string
		says  string // of the error; empty: none
	}{
		{[]string{"patch=auto"}, map[string]string{"dialect": "entra"}, ""},
		{[]string{"PATCH = True", "dialect=auto"}, map[string]string{"patch": "on"}, ""},
		{[]string{"member-batch=50", "rate-limit=10"}, map[string]string{"patch": "off", "dialect": "entra", "member-batch": "50", "rate-limit": "10/s"}, ""},
		{[]string{"preset=aws-iam-identity-center"}, map[string]string{"patch": "off", "dialect": "entra", "preset": "aws-iam-identity-center"}, ""},
		{[]string{"patch"}, nil, "write KEY=VALUE"},
		{[]string{"patch=on", "patch=off"}, nil, "twice"},
		{[]string{"patch=maybe"}, nil, "expected on or off"},
		{[]string{"dialect=azure"}, nil, "expected rfc, entra, entra-2020 or auto"},
		{[]string{"member-batch=0"}, nil, "from 1 to 1000"},
		{[]string{"rate-limit=-1"}, nil, "requests per second"},
		{[]string{"preset=slack"}, nil, "aws-iam-identity-center"},
		{[]string{"groups=off"}, nil, "found by a test connection"},
		{[]string{"colour=red"}, nil, "those that can be set are preset, dialect"},
	} {
		got, err := had.With(c.pairs...)
		if c.says == "" && (err != nil || !maps.Equal(got, c.want)) {
			t.Errorf("%q: got %v, %v; want %v", c.pairs, got, err, c.want)
		}
		if c.says != "" && (!errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%q: got %v; want an error with %q", c.pairs, err, c.says)
		}
	}
	if len(had.Overrides) != 2 {
		t.Errorf("the former overrides were written over: %v", had.Overrides)
	}
}

func TestWhereFactsComeFrom(t *testing.T) {
	p := Profile{
		Found:     map[string]string{"patch": "on", "etag": "on", "put": "off"},
		Overrides: map[string]string{"preset": "google-cloud-identity", "patch": "off"},
	}
	want := map[string]string{"preset": "google-cloud-identity set", "patch": "off set", "etag": "off preset", "put": "off found", "dialect": "auto default"}
	for _, f := range p.Facts() {
		if w, ok := want[f.Key]; ok && f.Value+" "+f.From != w {
			t.Errorf("%s is %s from %s; want %s", f.Key, f.Value, f.From, w)
		}
		if f.Says == "" {
			t.Errorf("%s has no meaning", f.Key)
		}
	}
}

func TestPresetsKnowTheirKeys(t *testing.T) {
	facts := (Profile{}).Facts()
	for name, values := range presets() {
		for key := range values {
			if !slices.ContainsFunc(facts, func(f Fact) bool { return f.Key == key }) {
				t.Errorf("preset %s has the unknown key %s", name, key)
			}
		}
	}
}

func FuzzProfileWith(f *testing.F) {
	f.Add("patch=on")
	f.Add("rate-limit=2.5/s")
	f.Add("=")
	f.Fuzz(func(t *testing.T, pair string) {
		out, err := Profile{}.With(pair)
		if err != nil {
			return
		}
		for key, value := range out { // what was taken is taken again as it was stored
			again, err := Profile{}.With(key + "=" + value)
			if err != nil || again[key] != value {
				t.Errorf("%q became %s=%s, which becomes %v, %v", pair, key, value, again, err)
			}
		}
	})
}
