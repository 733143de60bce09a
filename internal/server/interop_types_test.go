package server

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rollcall-id/rollcall/internal/directory"
)

// typeDeviations are the checks of scim2-tester that fail on purpose, each with its reason.
var typeDeviations = map[string]string{
	"check_add_attribute Device firmware":     "the suite compares the base64 text that it sent with the bytes that its own model made of the answer",
	"check_replace_attribute Device firmware": "likewise",
	"check_add_attribute Device notes":        "notes is returned on request only, and the suite looks for it without asking (RFC 7643, 7: \"returned\")",
	"check_replace_attribute Device notes":    "likewise",
}

// TestInteropSCIM2TesterTypes: a registered resource type with every type and characteristic, and a required extension, is served as the standard ones are.
func TestInteropSCIM2TesterTypes(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join(interopDir(t, "python"), "device.json"))
	if err != nil {
		t.Fatal(err)
	}
	s := startService(t, Options{Dir: t.TempDir()}, "generic")
	done, err := s.sys.RegisterTypes(t.Context(), s.org, doc, directory.Origin{Actor: "test"})
	if err != nil || len(done.Added) != 3 {
		t.Fatalf("registered %v (%v), want two schemas and a type", done.Added, err)
	}
	var report struct{ Results []checked }
	runPython(s, &report, "tester.py", "--values")
	got := map[string]string{}
	for _, r := range report.Results {
		name := r.Check + " " + r.Resource + " " + r.Attribute
		got[name] = r.Status
		if r.Status != "SUCCESS" && typeDeviations[name] == "" {
			t.Errorf("%s: %s: %s", name, r.Status, r.Reason)
		}
	}
	for name := range typeDeviations {
		if got[name] != "ERROR" {
			t.Errorf("%s does not fail any more (%s): take it off the list of deviations", name, got[name])
		}
	}
	for _, attribute := range []string{
		"label", "locked", "slots", "weight", "bought", "manual", "model", "pin", "colours", "owner", "addresses",
		"urn:example:scim:schemas:warranty:1.0:Device:until", "urn:example:scim:schemas:warranty:1.0:Device:level",
	} {
		if got["check_add_attribute Device "+attribute] != "SUCCESS" {
			t.Errorf("the suite did not add the attribute %s", attribute)
		}
	}
	for _, check := range []string{"object_creation", "object_query", "object_list_with_attributes", "object_replacement", "object_deletion"} {
		if got[check+" Device "] != "SUCCESS" {
			t.Errorf("the suite did not try %s of a device", check)
		}
	}
}
