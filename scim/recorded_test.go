package scim

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestRecorded replays the requests of testdata: see the README there.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded requests: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			replay(t, txtar.Parse(text))
		})
	}
}

type recording map[string]string

func replay(t *testing.T, archive *txtar.Archive) {
	rec := recording{}
	for _, f := range archive.Files {
		rec[f.Name] = strings.TrimSpace(string(f.Data))
	}
	how := strings.Fields(rec["how"])
	rt := Core().Type(how[1])
	used := map[string]bool{}
	o := DecodeOptions{Profile: Profile(how[2]), Report: func(rule string) { used[rule] = true }}
	got, changed, err := run(t, how[0], rt, rec, o)

	if want := rec["error"]; want != "" {
		status, scimType, _ := strings.Cut(want, " ")
		code, _ := strconv.Atoi(status)
		wantError(t, err, code, scimType, "")
	} else if err != nil {
		t.Fatal(err)
	} else if diff := cmp.Diff(decodeTest(t, rec["want"]), got); diff != "" {
		t.Errorf("resource (-want +got):\n%s", diff)
	}
	if want, ok := rec["changed"]; ok {
		if diff := cmp.Diff(strings.Fields(want), changed, cmp.Transformer("nil", func(l []string) string { return strings.Join(l, " ") })); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
	}
	var rules []string
	for rule := range used {
		rules = append(rules, rule)
	}
	slices.Sort(rules)
	if got := strings.Join(rules, " "); got != rec["rules"] {
		t.Errorf("rules: got %q, want %q", got, rec["rules"])
	}
}

func run(t *testing.T, method string, rt *ResourceType, rec recording, o DecodeOptions) (Resource, []string, error) {
	body := []byte(rec["request"])
	if method == "patch" {
		p, err := rt.DecodePatch(body, o)
		if err != nil {
			return nil, nil, err
		}
		return applyTwice(t, rt, p, decodeTest(t, rec["stored"]))
	}
	r, err := rt.DecodeResource(body, o)
	if err != nil {
		return nil, nil, err
	}
	if method == "post" {
		return r, nil, rt.ValidateNew(r)
	}
	old := decodeTest(t, rec["stored"])
	out, changed, err := rt.Replace(old, r)
	if paths := ChangedPaths(old, out); err == nil && changed != (len(paths) > 0) {
		t.Errorf("Replace says changed = %v, but the changed paths are %v", changed, paths)
	}
	return out, ChangedPaths(old, out), err
}

// applyTwice checks that a patch is atomic, leaves its input alone and, run again on its own result, finds nothing more to do.
func applyTwice(t *testing.T, rt *ResourceType, p *Patch, stored Resource) (Resource, []string, error) {
	t.Helper()
	before := string(Encode(stored))
	out, changed, err := p.Apply(rt, stored)
	if after := string(Encode(stored)); before != after {
		t.Errorf("Apply modified its input:\nbefore %s\nafter  %s", before, after)
	}
	if err != nil {
		if out != nil || changed != nil {
			t.Errorf("Apply failed and returned %v, %v", out, changed)
		}
		return nil, nil, err
	}
	quiet := *p
	quiet.Report = nil
	again, changedAgain, err := quiet.Apply(rt, out)
	if err == nil && len(changedAgain) > 0 {
		t.Errorf("applied again it changed %v: %s", changedAgain, Encode(again))
	}
	return out, changed, nil
}

func decodeTest(t testing.TB, doc string) Resource {
	t.Helper()
	v, err := decodeObject([]byte(doc))
	if err != nil {
		t.Fatalf("test data %s: %v", doc, err)
	}
	return v
}
