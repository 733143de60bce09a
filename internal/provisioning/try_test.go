package provisioning_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping"
	"github.com/rollcall-id/rollcall/internal/provisioning"
	"github.com/rollcall-id/rollcall/internal/store/storetest"
)

func tryWorld(t testing.TB) *world {
	w := newWorld(t, storetest.Open(t, storetest.SQLite(t)), "vault-platform")
	w.user("anna@x.example", map[string]string{"displayName": "Anna", "givenName": "Anna", "city": "Cork"})
	return w
}

func (w *world) try(r provisioning.TrialRequest) provisioning.Trial {
	w.t.Helper()
	got, err := w.engine.Try(w.t.Context(), w.app, provisioning.Subject{Type: "User", ID: w.find("anna@x.example").ID}, r)
	w.must(err)
	return got
}

func TestTry(t *testing.T) {
	w := tryWorld(t)
	got := w.try(provisioning.TrialRequest{Expression: `Append(ToUpper([givenName]), "!")`, Attribute: "TITLE"})
	want := provisioning.Trial{
		Source: &provisioning.TrialSource{Type: "User", ID: w.find("anna@x.example").ID, Name: "anna@x.example"},
		Parsed: true, Evaluated: true, Result: []string{"ANNA!"},
		Steps: []provisioning.TrialStep{
			{Expression: "[givenName]", Value: []string{"Anna"}},
			{Expression: "ToUpper([givenName])", Value: []string{"ANNA"}},
			{Expression: `Append(ToUpper([givenName]), "!")`, Value: []string{"ANNA!"}},
		},
		Fit: &provisioning.TrialFit{Attribute: "title", Type: "String", Fits: true, Value: "ANNA!"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	// A mapping that does not work is no obstacle: it may be what somebody mends.
	w.app = remapped(w.app, func(m *mapping.ObjectMapping) { setRow(m, expressionRow("title", "[nobodyHasThis]")) })
	if got := w.try(provisioning.TrialRequest{Expression: "[IsSoftDeleted]"}); !slices.Equal(got.Result, []string{"False"}) {
		t.Errorf("with a broken mapping: %+v", got)
	}
}

func TestTryFit(t *testing.T) {
	w := tryWorld(t)
	w.app = remapped(w.app, func(m *mapping.ObjectMapping) {
		m.Definitions = []mapping.Definition{{Name: "loginCount", Type: mapping.Integer}}
	})
	for _, c := range []struct {
		attribute, expression string
		fits                  bool
		message               string
	}{
		{"active", `IIF([city]="Cork", "True", "False")`, true, ""},
		{"active", `[city]`, false, `the value is "Cork": expected True or False`},
		{"loginCount", `"5"`, true, ""},
		{"loginCount", `[city]`, false, "whole number"},
		{"userName", `[state]`, true, ""},
		{"externalId", `SelectUniqueValue([city], "x")`, true, ""},
	} {
		got := w.try(provisioning.TrialRequest{Expression: c.expression, Attribute: c.attribute})
		if got.Fit == nil || got.Fit.Fits != c.fits || !strings.Contains(got.Fit.Message, c.message) || got.OK() != c.fits {
			t.Errorf("%s for %s: %+v", c.expression, c.attribute, got.Fit)
		}
	}
	_, err := w.engine.Try(t.Context(), w.app, provisioning.Subject{Type: "User", ID: w.find("anna@x.example").ID},
		provisioning.TrialRequest{Expression: "1", Attribute: "loginCuont"})
	if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), "did you mean loginCount?") {
		t.Errorf("an unknown attribute: %v", err)
	}
}

// SelectUniqueValue asks the target where it is connected and the attribute is known, and says when it does not.
func TestTryUnique(t *testing.T) {
	w := tryWorld(t)
	w.assign("anna@x.example", "", true)
	if _, err := w.cycle(provisioning.Options{}); err != nil {
		t.Fatal(err)
	}
	target := w.target()
	defer target.Close()
	r := provisioning.TrialRequest{Expression: `SelectUniqueValue([userPrincipalName], "free@x.example")`, Attribute: "userName", Accounts: target}
	if got := w.try(r); !slices.Equal(got.Result, []string{"free@x.example"}) || len(got.Notes) != 0 {
		t.Errorf("asking the target: %+v", got)
	}
	r.Accounts = nil
	if got := w.try(r); !slices.Equal(got.Result, []string{"anna@x.example"}) || len(got.Notes) != 1 {
		t.Errorf("without a target: %+v", got)
	}
}

func TestRowExpression(t *testing.T) {
	m := &mapping.ObjectMapping{Source: "User", Target: "User", Attributes: []mapping.AttributeMapping{
		{Target: "a", Kind: mapping.Direct, Value: "mail"}, {Target: "b", Kind: mapping.Constant, Value: `say "\o/"`},
		{Target: "c", Kind: mapping.Expression, Value: "Guid()"}, {Target: "d", Kind: mapping.None},
	}, Definitions: []mapping.Definition{{Name: "e"}}}
	for target, want := range map[string]string{"A": "[mail]", "b": `"say \"\\o/\""`, "c": "Guid()", "d": "", "e": "", "f": ""} {
		got, err := provisioning.RowExpression(m, target)
		if got != want || (want == "") != errors.Is(err, fault.ErrInvalid) {
			t.Errorf("%s: got %q, %v", target, got, err)
		}
	}
}

func TestTryObject(t *testing.T) {
	w := tryWorld(t)
	for _, c := range []struct{ object, expression, want string }{
		{`{"givenName":"Ada","n":7,"ok":true,"gone":null,"list":["a","b"]}`, `Join("|", [givenName], [n], [ok], [gone], [list])`, "Ada|7|True|a|b"},
		{`{"properties":[{"key":"GIVENNAME","value":"Ada"}]}`, "[givenName]", "Ada"},
		{`{}`, `IIF(IsNull([givenName]), "nobody", "somebody")`, "nobody"},
	} {
		o, err := provisioning.ParseTrialObject("User", []byte(c.object))
		if err != nil {
			t.Errorf("%s: %v", c.object, err)
			continue
		}
		got, err := w.engine.TryObject(t.Context(), w.app, o, provisioning.TrialRequest{Expression: c.expression, Attribute: "title"})
		if err != nil || !got.OK() || strings.Join(got.Result, ",") != c.want {
			t.Errorf("%s of %s: %+v %+v, %v", c.expression, c.object, got, got.Error, err)
		}
	}
}

func TestTrialObjectRefuses(t *testing.T) {
	many := make([]string, 1001)
	for i := range many {
		many[i] = fmt.Sprintf(`"a%d":1`, i)
	}
	for doc, want := range map[string]string{
		``: "expected JSON such as", `null`: "it is null", `[1]`: "expected JSON", `{} {}`: "follows", `{"a":1.5}`: "a whole number",
		`{"a":{}}`: "the value of a", `{"a":[["b"]]}`: "the value of a", `{"a":[null]}`: "the value of a", `{"a":1,"A":2}`: "there twice",
		`{"properties":[1]}`: "properties[0]", `{"properties":[{"value":1}]}`: `"key"`,
		"{" + strings.Join(many, ",") + "}":          "more than 1000",
		`{"a":"` + strings.Repeat("x", 1<<20) + `"}`: "at most",
	} {
		_, err := provisioning.ParseTrialObject("User", []byte(doc))
		if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %q", doc, err, want)
		}
	}
}

func FuzzParseTrialObject(f *testing.F) {
	for _, doc := range []string{`{"givenName":"Ada","n":[1,"b",true]}`, `{"properties":[{"key":"a","value":null}]}`, `{"a":{}}`, `[]`} {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) {
		o, err := provisioning.ParseTrialObject("User", []byte(doc))
		if err != nil {
			if !errors.Is(err, fault.ErrInvalid) {
				t.Errorf("got %v", err)
			}
			return
		}
		if v, known := o.Attribute("userPrincipalName"); !known || len(v.Text()) > 2*len(doc)+64 {
			t.Errorf("got %v, %v", v, known)
		}
	})
}

func TestTrySample(t *testing.T) {
	w := tryWorld(t)
	w.user("bert@x.example", map[string]string{"givenName": "Bert"})
	w.user("carl@x.example", map[string]string{"givenName": "Carl"})
	w.remove("delete", "carl@x.example")
	all, err := w.engine.TrySample(t.Context(), w.app, 10, provisioning.TrialRequest{Expression: "[givenName]"})
	w.must(err)
	var names []string
	for _, trial := range all {
		names = append(names, trial.Result...)
	}
	slices.Sort(names)
	if !slices.Equal(names, []string{"Anna", "Bert"}) {
		t.Errorf("got %v", names)
	}
	for _, n := range []int{0, provisioning.MaxSample + 1} {
		if _, err := w.engine.TrySample(t.Context(), w.app, n, provisioning.TrialRequest{}); !errors.Is(err, fault.ErrInvalid) {
			t.Errorf("a sample of %d: %v", n, err)
		}
	}
}

// A sample of a directory that is not read as a whole has different people, from everywhere.
func TestTrySampleOfMany(t *testing.T) {
	w := benchWorld(t, 2500)
	all, err := w.engine.TrySample(t.Context(), w.app, 200, provisioning.TrialRequest{Expression: "[userPrincipalName]"})
	w.must(err)
	seen := map[string]bool{}
	late := false
	for _, trial := range all {
		seen[trial.Result[0]] = true
		late = late || trial.Result[0] >= "p2000"
	}
	if len(seen) != 200 || !late {
		t.Errorf("%d people, some of the last ones: %v", len(seen), late)
	}
}
