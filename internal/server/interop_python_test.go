package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// runPython runs a script of interop/python against the server and reads the JSON document that it prints.
func runPython(s service, into any, script string, args ...string) {
	s.t.Helper()
	dir := interopDir(s.t, "python")
	python := filepath.Join(dir, ".venv", "bin", "python")
	_, err := os.Stat(python)
	needTool(s.t, "python", err == nil, "the packages of interop/python are not installed: run .ci/run python")
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := s.command(ctx, dir, python, append([]string{script}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	if err := json.Unmarshal(out, into); err != nil {
		s.t.Fatalf("%s printed no JSON document: %v\n%s", script, err, out)
	}
}

// checked is one result of scim2-tester.
type checked struct{ Check, Status, Resource, Attribute, Reason string }

// TestInteropSCIM2Tester: scim2-tester finds no error in three runs, and has tried every operation on every attribute that our schemas declare.
func TestInteropSCIM2Tester(t *testing.T) {
	forEachService(t, func(t *testing.T, s service) {
		runs := 3
		if testing.Short() {
			runs = 1
		}
		for range runs {
			tried := passTester(s)
			want := writable(s)
			for _, check := range []string{
				"object_creation", "object_query", "object_query_without_id", "object_query_with_attributes", "object_list_with_attributes",
				"search_with_attributes", "object_replacement", "object_deletion",
			} {
				want = append(want, check+" User ", check+" Group ")
			}
			for _, check := range want {
				if !tried[check] {
					t.Errorf("the suite did not try %s", check)
				}
			}
			if len(want) < 150 {
				t.Errorf("only %d checks were wanted; the schemas declare more", len(want))
			}
		}
	})
}

// TestInteropSCIM2TesterProfiles: what is tolerated of Entra and Okta takes nothing away from a strict client.
func TestInteropSCIM2TesterProfiles(t *testing.T) {
	for _, provider := range []string{"azure", "okta"} {
		t.Run(provider, func(t *testing.T) {
			if tried := passTester(startService(t, Options{Dir: t.TempDir()}, provider)); len(tried) < 150 {
				t.Errorf("the suite made only %d checks", len(tried))
			}
		})
	}
}

// passTester runs scim2-tester once. Every check must succeed; the result names those that were made.
func passTester(s service) map[string]bool {
	s.t.Helper()
	var report struct{ Results []checked }
	runPython(s, &report, "tester.py")
	tried := map[string]bool{}
	for _, r := range report.Results {
		if r.Status != "SUCCESS" {
			s.t.Errorf("%s %s %s: %s: %s", r.Check, r.Resource, r.Attribute, r.Status, r.Reason)
		}
		tried[r.Check+" "+r.Resource+" "+r.Attribute] = true
	}
	return tried
}

// writable lists the checks of each attribute that the server's schemas let a client write: add and remove where it is not required, replace everywhere.
func writable(s service) []string {
	s.t.Helper()
	type attribute struct {
		Name, Mutability, Returned string
		Required                   bool
	}
	var schemas struct {
		Resources []struct {
			ID         string
			Attributes []attribute
		}
	}
	s.get("/Schemas", &schemas)
	var checks []string
	for _, schema := range schemas.Resources {
		resource, prefix, known := "User", schema.ID+":", strings.HasSuffix(schema.ID, ":User")
		if strings.Contains(schema.ID, ":core:2.0:") {
			prefix = ""
			resource = schema.ID[strings.LastIndex(schema.ID, ":")+1:]
			known = resource == "User" || resource == "Group"
		}
		if !known {
			continue
		}
		for _, a := range append(schema.Attributes, attribute{Name: "externalId", Mutability: "readWrite"}) {
			if a.Mutability == "readOnly" || a.Name == "externalId" && prefix != "" {
				continue
			}
			name := resource + " " + prefix + a.Name
			checks = append(checks, "check_replace_attribute "+name)
			if !a.Required {
				checks = append(checks, "check_add_attribute "+name)
			}
			if !a.Required && a.Returned != "never" {
				checks = append(checks, "check_remove_attribute "+name)
			}
		}
	}
	return checks
}

// sanityDeviations are the checks of scim-sanity that the server fails on purpose, each with its reason.
var sanityDeviations = map[string]string{
	"PATCH /Groups/{id} add member": "it adds a member that does not exist; members[].value must name a resource of the organization (rule N20), " +
		"so that a mistyped id cannot lie in a group and come alive with somebody else",
}

// TestInteropSCIMSanity: scim-sanity's probe in its strict mode finds only what we do on purpose.
func TestInteropSCIMSanity(t *testing.T) {
	forEachService(t, func(t *testing.T, s service) {
		var report struct {
			Summary struct{ Total, Passed, Failed, Warnings, Skipped, Errors int }
			Results []struct{ Name, Status, Message string }
		}
		runPython(s, &report, "sanity.py")
		failed := map[string]bool{}
		for _, r := range report.Results {
			switch r.Status {
			case "pass":
			case "skip":
				if !strings.HasPrefix(r.Name, "Agent") {
					t.Errorf("%s was skipped: %s", r.Name, r.Message)
				}
			default:
				failed[r.Name] = true
				if sanityDeviations[r.Name] == "" {
					t.Errorf("%s: %s: %s", r.Name, r.Status, r.Message)
				}
			}
		}
		for name := range sanityDeviations {
			if !failed[name] {
				t.Errorf("%q does not fail any more: take it off the list of deviations", name)
			}
		}
		// Skipped are the resource types of a draft (Agent, AgenticApplication) that the server does not offer.
		want := map[string]int{"passed": 27, "failed": len(sanityDeviations), "skipped": 3}
		got := map[string]int{"passed": report.Summary.Passed, "failed": report.Summary.Failed, "skipped": report.Summary.Skipped}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("summary (-want +got):\n%s", diff)
		}
	})
}
