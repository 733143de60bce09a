package server

import (
	"context"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// surefire is a report of Maven's test plugin.
type surefire struct {
	Name     string `xml:"name,attr"`
	Tests    int    `xml:"tests,attr"`
	Failures int    `xml:"failures,attr"`
	Errors   int    `xml:"errors,attr"`
	Skipped  int    `xml:"skipped,attr"`
}

// TestInteropJava: two Java client libraries get from the server what their tests in interop/java expect, and every one of those tests runs.
func TestInteropJava(t *testing.T) {
	dir := interopDir(t, "java")
	mvn, err := exec.LookPath("mvn")
	needTool(t, "java", err == nil, "Maven is not installed")
	ready, err := os.Stat(filepath.Join(dir, "target", "ready"))
	needTool(t, "java", err == nil, "the tests of interop/java are not compiled: run .ci/run java")
	want := map[string]int{}
	sources, err := filepath.Glob(filepath.Join(dir, "src", "test", "java", "id", "rollcall", "interop", "*Test.java"))
	if err != nil || len(sources) < 3 {
		t.Fatalf("%d classes of tests in interop/java (%v)", len(sources), err)
	}
	for _, source := range sources {
		is, err := os.Stat(source)
		needTool(t, "java", err == nil && !is.ModTime().After(ready.ModTime()), source+" is newer than what was compiled of it: run .ci/run java")
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(source)
		want["id.rollcall.interop."+name[:len(name)-len(".java")]] = len(regexp.MustCompile(`(?m)^  @Test$`).FindAll(text, -1))
	}

	forEachService(t, func(t *testing.T, s service) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		reports := t.TempDir()
		// Offline: what it needs was fetched by .ci/run java, and a test must not depend on a network.
		out, err := s.command(ctx, dir, mvn, "-B", "-q", "-o", "surefire:test", "-Drollcall.reports="+reports).CombinedOutput()
		if err != nil {
			t.Errorf("mvn: %v\n%s", err, out)
		}
		for class, tests := range want {
			var got surefire
			report, err := os.ReadFile(filepath.Join(reports, "TEST-"+class+".xml"))
			if err != nil {
				t.Errorf("%s did not run: %v", class, err)
				continue
			}
			if err := xml.Unmarshal(report, &got); err != nil {
				t.Fatalf("the report of %s: %v", class, err)
			}
			if expected := (surefire{Name: class, Tests: tests}); got != expected || tests == 0 {
				t.Errorf("got %+v, want %+v", got, expected)
			}
		}
	})
}
