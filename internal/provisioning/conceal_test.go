package provisioning

import (
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/mapping"
)

func TestConceal(t *testing.T) {
	row := &mapping.AttributeMapping{Target: "title", Type: mapping.String}
	c := concealer{key: []byte("key"), app: "app1"}
	hash := c.hide("Chief", row)
	for name, other := range map[string]any{
		"another value":       c.hide("Boss", row),
		"another key":         concealer{key: []byte("other"), app: "app1"}.hide("Chief", row),
		"another application": concealer{key: []byte("key"), app: "app2"}.hide("Chief", row),
		"another attribute":   c.hide("Chief", &mapping.AttributeMapping{Target: "nickName", Type: mapping.String}),
	} {
		if other == hash {
			t.Errorf("%s has the same hash", name)
		}
	}
	if c.hide("CHIEF", row) != hash || c.hide(hash, row) != hash {
		t.Error("equal values, or a hash and itself, have different hashes")
	}
	list := c.hide([]any{"Chief", "Boss"}, row)
	if got := c.show(list, []any{"Chief"}, row).([]any); got[0] != "Chief" || got[1] != c.hide("Boss", row) {
		t.Errorf("the list is shown as %v", got)
	}
	if got := c.show("plain", []any{"Chief"}, row); got != "plain" {
		t.Errorf("a value from before is shown as %v", got)
	}
}

// FuzzScrub: a secret of three characters and more is in no text, plain, quoted or in an address, in any letter case.
func FuzzScrub(f *testing.F) {
	f.Add("Chief", "the CHIEF is taken")
	f.Add(`a "b"`, `{"title":"a \"b\""} a%20%22b%22`)
	f.Add("é", "x")
	f.Fuzz(func(t *testing.T, secret, around string) {
		it := &item{}
		if it.hush(secret); len(it.secrets) == 0 {
			return
		}
		secret = it.secrets[0]
		for _, form := range []string{secret, escaped(secret, false), escaped(secret, true)} {
			got := it.scrub(around + form + around)
			if len(secret) >= shortSecret && !strings.Contains(strings.ToLower(around+redacted+around), strings.ToLower(form)) &&
				strings.Contains(strings.ToLower(got), strings.ToLower(form)) && strings.ToLower(form) == form {
				t.Errorf("%q is still in %q", form, got)
			}
		}
	})
}
