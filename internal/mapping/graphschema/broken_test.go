package graphschema_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// Each document of testdata/broken differs from testdata/small.json in one thing, and is refused with the message in the file beside it.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			_, _, err := graphschema.Import(read(t, "broken/"+name+".json"), checks())
			if !errors.Is(err, fault.ErrInvalid) {
				t.Fatalf("got %v: expected fault.ErrInvalid", err)
			}
			golden(t, "broken/"+name+".txt", err.Error()+"\n")
		})
	}
	if texts, err := filepath.Glob("testdata/broken/*.txt"); err != nil || len(texts) != len(files) {
		t.Errorf("%d messages for %d documents, %v", len(texts), len(files), err)
	}
}

// What is bigger than a file should be, or stranger than an editor can show, is refused by the limits.
func TestLimits(t *testing.T) {
	small := string(read(t, "small.json"))
	tests := []struct{ name, document, want string }{
		{"size", strings.Repeat(" ", graphschema.MaxBytes+1), "the document has 8388609 bytes: at most 8388608 are allowed"},
		{"depth", strings.Repeat("[", 200), "nested more than 128 deep"},
		{"depth of objects", strings.Repeat(`{"a":`, 200), "nested more than 128 deep"},
		{"text", `{"id": "` + strings.Repeat("x", 70_000) + `"}`, "id: the text has 70000 bytes: at most 65536 are allowed"},
		{"null character", `{"id": "a\u0000"}`, "id: the text holds the character U+0000"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "the document is encoded as UTF-16: save it as UTF-8"},
		{"not UTF-8", "{\"id\": \"\xff\"}", "the document is not JSON at byte"},
		{"rows", with(small, `"attributeMappings": [`, strings.Repeat(`{}, `, 501)), "attributeMappings: has 504 entries: at most 500 are allowed"},
		{"rules", `{"synchronizationRules": [` + strings.Repeat(`{}, `, 50) + `{}]}`, "synchronizationRules: has 51 entries: at most 50 are allowed"},
		{"problems", with(small, `"attributes": [`, strings.Repeat(`{"name": 1}, `, 30)), "and "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := graphschema.Import([]byte(test.document), graphschema.Checks{})
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %.300v\nwant %s", err, test.want)
			}
			if err != nil && strings.Count(err.Error(), "\n") > 30 {
				t.Errorf("the error has %d lines", strings.Count(err.Error(), "\n"))
			}
		})
	}
}

// Remarks that make no difference have a limit, the others have not.
func TestManyRemarks(t *testing.T) {
	var keys strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&keys, `"key%d": 1, `, i)
	}
	document := with(string(read(t, "small.json")), `{`, keys.String())
	document = strings.Replace(document, `"flowType": "Always"`, `"exportMissingReferences": true`, 1)
	_, remarks, err := graphschema.Import([]byte(document), graphschema.Checks{})
	if err != nil || len(remarks) != 202 || remarks[200].Severity != graphschema.Changes || remarks[201].Text != "and 800 more that make no difference" {
		t.Errorf("%v, %d remarks, at the end %+v", err, len(remarks), remarks[max(0, len(remarks)-2):])
	}
}

// with puts a text behind another one.
func with(document, behind, text string) string {
	return strings.Replace(document, behind, behind+text, 1)
}
