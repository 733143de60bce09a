package record

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"
)

func TestCSV(t *testing.T) {
	var b strings.Builder
	table, err := NewCSV(&b)
	if err != nil {
		t.Fatal(err)
	}
	systems := Systems{App: Identity{ID: "app1", Name: "Vault"}}
	err = table.Write(systems.Detail(Record{
		ID: "r1", Time: time.Unix(0, 0), Kind: "user", Action: Create, Status: Failure, Source: Identity{ID: "u1", Name: `=HYPERLINK("http://evil")`},
		Reason: "two\nlines, \"quoted\"", ErrorCode: "Conflict", Steps: []Step{{Name: "import", Status: Success, Detail: "read"}, {Name: "verify", Status: NotReached}},
		Modified: []Property{{Name: "title", New: "<Chief>"}, {Name: "tags", Old: []any{"a"}, New: nil}},
	}))
	if err == nil {
		err = table.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	got := map[string]string{}
	for i, name := range rows[0] {
		got[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"time": "1970-01-01T00:00:00Z", "jobId": "app1", "application": "Vault", "sourceName": `'=HYPERLINK("http://evil")`, "reason": "two\nlines, \"quoted\"",
		"errorCategory": "nonServiceFailure", "modifiedProperties": `title: null → "<Chief>"; tags: ["a"] → null`,
		"steps": "import success: read | verify not-reached", "initiatedBy": "system",
	} {
		if got[name] != want {
			t.Errorf("%s is %q; want %q", name, got[name], want)
		}
	}
	if advice, _ := CodeNamed("Conflict"); got["recommendedAction"] != advice.Advice {
		t.Errorf("the advice is %q", got["recommendedAction"])
	}
}

// FuzzHarmless: no cell begins as a formula does, and nothing else is changed.
func FuzzHarmless(f *testing.F) {
	for _, s := range []string{"", "Ada", "=1+1", " =1", "+49 30", "-", "@SUM(A1)", "\tx", "＝1", "\u00a0=2", "'=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := harmless(s)
		if strings.TrimPrefix(got, "'") != s && got != s {
			t.Errorf("harmless(%q) = %q changes the text", s, got)
		}
		for _, bad := range []string{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"} {
			if strings.HasPrefix(strings.TrimLeft(got, " "), bad) {
				t.Errorf("harmless(%q) = %q begins a formula", s, got)
			}
		}
	})
}

// Advice is for what did not succeed, and the category for failures.
func TestDetail(t *testing.T) {
	for _, c := range []struct {
		code             string
		status           Status
		category, advice bool
	}{
		{"Conflict", Failure, true, true},
		{"MissingValues", Warning, false, true},
		{"NotEffectivelyEntitled", Skipped, false, true},
		{"RedundantExport", Skipped, false, false},
		{"InvalidMapping", Success, false, false},
		{"", Failure, false, false},
	} {
		d := Systems{}.Detail(Record{ErrorCode: c.code, Status: c.status})
		if (d.ErrorCategory != "") != c.category || (d.Recommended != "") != c.advice {
			t.Errorf("%s %s: category %q, advice %q", c.code, c.status, d.ErrorCategory, d.Recommended)
		}
	}
}
