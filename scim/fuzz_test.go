package scim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// recordedBodies returns the recorded requests of a method as seeds.
func recordedBodies(f *testing.F, method string) []recording {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	var out []recording
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		rec := recording{}
		for _, part := range txtar.Parse(text).Files {
			rec[part.Name] = strings.TrimSpace(string(part.Data))
		}
		if strings.HasPrefix(rec["how"], method) {
			out = append(out, rec)
		}
	}
	return out
}

// checkCanonical holds for every resource the engine returns.
func checkCanonical(t *testing.T, rt *ResourceType, r Resource) {
	t.Helper()
	for name, v := range r {
		list, ok := v.([]any)
		if a, _ := rt.attribute(name, false); !ok || a == nil {
			continue
		}
		primaries := 0
		for _, e := range list {
			if isPrimary(e) {
				primaries++
			}
		}
		if primaries > 1 {
			t.Fatalf("%d primary elements in %s: %s", primaries, name, Encode(r))
		}
	}
	again, err := DecodeStored(Encode(r))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Fatalf("not canonical: %s", diff)
	}
}

func FuzzDecodeResource(f *testing.F) {
	for _, rec := range recordedBodies(f, "post") {
		f.Add(rec["request"])
	}
	f.Add(gadgetBody)
	f.Fuzz(func(t *testing.T, body string) {
		for _, rt := range []*ResourceType{user(t), group(t), gadget(t)} {
			r, err := rt.DecodeResource([]byte(body), DecodeOptions{})
			if err != nil {
				onlyScimError(t, err)
				continue
			}
			checkCanonical(t, rt, r)
			if err := rt.ValidateNew(r); err != nil {
				onlyScimError(t, err)
			}
			again, err := rt.DecodeResource(Encode(r), DecodeOptions{})
			if err != nil {
				t.Fatalf("own output %s: %v", Encode(r), err)
			}
			if diff := cmp.Diff(r, again); diff != "" {
				t.Fatalf("decoding its own output changes it: %s", diff)
			}
		}
	})
}

func FuzzPatch(f *testing.F) {
	for _, rec := range recordedBodies(f, "patch") {
		f.Add(rec["stored"], rec["request"], strings.Contains(rec["how"], "entra"))
	}
	f.Add(gadgetBody, `{"Operations":[{"op":"add","path":"tags[value eq \"x\"]","value":"x"},{"op":"remove","path":"parts.value"}]}`, true)
	f.Add(patchedUser, `{"Operations":[{"op":"replace","path":"emails[not (type eq \"work\")].primary","value":true}]}`, false)
	f.Fuzz(func(t *testing.T, stored, body string, entra bool) {
		o := DecodeOptions{}
		if entra {
			o.Profile = ProfileEntra
		}
		for _, rt := range []*ResourceType{user(t), group(t), gadget(t)} {
			r, err := rt.DecodeResource([]byte(stored), DecodeOptions{})
			if err != nil || rt.ValidateNew(r) != nil {
				continue
			}
			p, err := rt.DecodePatch([]byte(body), o)
			if err != nil {
				onlyScimError(t, err)
				continue
			}
			before := string(Encode(r))
			out, changed, err := p.Apply(rt, r)
			if string(Encode(r)) != before {
				t.Fatal("Apply modified its input")
			}
			if err != nil {
				onlyScimError(t, err)
				continue
			}
			checkCanonical(t, rt, out)
			if err := rt.ValidateNew(out); err != nil {
				t.Fatalf("a valid resource became invalid: %v\n%s", err, Encode(out))
			}
			if len(changed) == 0 && !EqualUnordered(map[string]any(r), map[string]any(out)) {
				t.Fatalf("no paths changed, but %s became %s", before, Encode(out))
			}
			checkSplit(t, rt, p, r, out)
		}
	})
}

// checkSplit compares the patch with its two halves.
func checkSplit(t *testing.T, rt *ResourceType, p *Patch, r, out Resource) {
	t.Helper()
	rest, _, ok := p.SplitMembers()
	if !ok {
		return
	}
	half, _, err := rest.Apply(rt, r)
	if err != nil {
		t.Fatalf("the patch applies, its rest does not: %v", err)
	}
	a, b := half.Clone(), out.Clone()
	delete(a, "members")
	delete(b, "members")
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("the rest of a split patch does something else: %s", diff)
	}
}

func FuzzReplace(f *testing.F) {
	for _, rec := range recordedBodies(f, "put") {
		f.Add(rec["stored"], rec["request"])
	}
	f.Add(gadgetBody, gadgetBody)
	f.Fuzz(func(t *testing.T, stored, body string) {
		for _, rt := range []*ResourceType{user(t), group(t), gadget(t)} {
			old, err := rt.DecodeResource([]byte(stored), DecodeOptions{})
			if err != nil || rt.ValidateNew(old) != nil {
				continue
			}
			r, err := rt.DecodeResource([]byte(body), DecodeOptions{})
			if err != nil {
				continue
			}
			before := string(Encode(old))
			out, _, err := rt.Replace(old, r)
			if string(Encode(old)) != before {
				t.Fatal("Replace modified its input")
			}
			if err != nil {
				onlyScimError(t, err)
				continue
			}
			checkCanonical(t, rt, out)
			if again, changed, err := rt.Replace(out, r); err != nil || changed {
				t.Fatalf("the same PUT again: changed %v, %v: %s", changed, err, Encode(again))
			}
		}
	})
}

func FuzzProject(f *testing.F) {
	f.Add(projectedUser, "name.givenName,emails", "")
	f.Add(projectedUser, "", URNEnterpriseUser+":manager.value,id")
	f.Fuzz(func(t *testing.T, body, attributes, excluded string) {
		p, err := ParseProjection([]string{attributes}, []string{excluded})
		if err != nil {
			onlyScimError(t, err)
			return
		}
		for _, rt := range []*ResourceType{user(t), gadget(t)} {
			r, err := rt.DecodeResource([]byte(body), DecodeOptions{})
			if err != nil {
				continue
			}
			r["id"] = "1"
			before := string(Encode(r))
			out := rt.Project(r, p)
			if string(Encode(r)) != before {
				t.Fatal("Project modified its input")
			}
			if out["id"] != "1" || out["schemas"] == nil || out["password"] != nil || out["pin"] != nil {
				t.Fatalf("got %s", Encode(out))
			}
			if twice := rt.Project(out, p); !Equal(map[string]any(out), map[string]any(twice)) {
				t.Fatalf("projecting twice gives %s, once %s", Encode(twice), Encode(out))
			}
		}
	})
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"userName", `emails[type eq "work" and primary eq "True"].value`, URNEnterpriseUser + ":manager.value", URNEnterpriseUser,
		`x509Certificates[value eq "AA"]`, "urn:x", "manager"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rt := user(t)
		p, err := rt.ParsePath(s)
		if err != nil {
			onlyScimError(t, err)
			return
		}
		again, err := rt.ParsePath(p.String())
		if len(p.String()) <= 4096 && !strings.Contains(s, "].") && (err != nil || again.String() != p.String()) {
			t.Fatalf("%q prints as %q, which reads as %v, %v", s, p, again, err)
		}
		r := decodeTest(t, filteredUser)
		if err := rt.Set(r, p, "x"); err != nil {
			onlyScimError(t, err)
		}
		if err := rt.Remove(r, p); err != nil {
			onlyScimError(t, err)
		}
	})
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{`userName eq "x"`, `emails[type eq "work"].value co "x"`, `not (meta.created gt "2026-01-01T00:00:00Z")`, `manager eq "m1"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := decodeTest(t, filteredUser)
		x, err := user(t).ParseFilter(s)
		if err != nil {
			onlyScimError(t, err)
			return
		}
		got := x.Match(r)
		again, err := user(t).ParseFilter(x.String())
		if err != nil {
			if len(x.String()) > 4096 || strings.Contains(err.Error(), "nesting") {
				return // full names are longer than short ones, and a printed filter may nest one level deeper
			}
			t.Fatalf("%q prints as %q: %v", s, x, err)
		}
		if again.Match(r) != got || again.String() != x.String() {
			t.Fatalf("%q prints as %q, which means something else", s, x)
		}
	})
}
