package scim

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeBulk(t *testing.T) {
	used := map[string]int{}
	b, err := DecodeBulk([]byte(` {"Schemas":"`+strings.ToUpper(URNBulkRequest)+`","failOnErrors":"3","x":{"a":1,"a":2},"operations":
 [{"METHOD":"post","bulkId":"a","path":"/Users","version":null,"data" : {"userName":"a","userName":"b"} ,"y":1},{"method":"DELETE","path":1}, 7]} `),
		10, DecodeOptions{Report: func(rule string) { used[rule]++ }})
	if err != nil {
		t.Fatal(err)
	}
	if b.FailOnErrors != 3 || len(b.Operations) != 3 {
		t.Fatalf("decoded %+v", b)
	}
	first := b.Operations[0]
	want := BulkOperation{Method: "post", BulkID: "a", Path: "/Users", Data: []byte(`{"userName":"a","userName":"b"}`)}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("the first operation differs (-want +got):\n%s", diff)
	}
	for i, method := range map[int]string{1: "DELETE", 2: ""} {
		if op := b.Operations[i]; op.Err == nil || op.Err.Type != InvalidSyntax || op.Method != method {
			t.Errorf("operation %d: %+v; want it not to be understood", i, op)
		}
	}
	if diff := cmp.Diff(map[string]int{RuleNameCase: 3, RuleUnknown: 2, RuleSingleForList: 1}, used); diff != "" {
		t.Errorf("used other tolerances (-want +got):\n%s", diff)
	}
}

func TestDecodeBulkRefuses(t *testing.T) {
	message := func(rest string) string { return `{"schemas":["` + URNBulkRequest + `"],` + rest + `}` }
	for _, test := range []struct {
		name, body string
		status     int
		says       string
	}{
		{"nothing", ``, 400, "empty"},
		{"text", `"x"`, 400, "expected a JSON object"},
		{"no schemas", `{"Operations":[{}]}`, 400, URNBulkRequest},
		{"another message", `{"schemas":["` + URNPatchOp + `"],"Operations":[{}]}`, 400, URNBulkRequest},
		{"schemas twice", message(`"schemas":[],"Operations":[{}]`), 400, "schemas twice"},
		{"no operations", message(`"Operations":[]`), 400, "at least one"},
		{"operations null", message(`"Operations":null`), 400, "at least one"},
		{"a number", message(`"Operations":1`), 400, "not an array"},
		{"too many", message(`"Operations":[{},{},{},{}]`), 413, "more than 3 operations"},
		{"failOnErrors below 1", message(`"failOnErrors":-1,"Operations":[{}]`), 400, "1 or more"},
		{"half an error", message(`"failOnErrors":1.5,"Operations":[{}]`), 400, "1 or more"},
		{"cut off", message(`"Operations":[{"method":"POST"`)[:80], 400, "cut off"},
		{"no JSON", message(`"Operations":[{"method":POST}]`), 400, "not JSON"},
		{"not UTF-8", message("\"Operations\":[{\"method\":\"\xff\"}]"), 400, "UTF-8"},
		{"two values", message(`"Operations":[{}]`) + `{}`, 400, "text behind"},
		{"data that is no JSON", message(`"Operations":[{"data":{"a":}}]`), 400, "not JSON"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := DecodeBulk([]byte(test.body), 3, DecodeOptions{})
			var e *Error
			if !errors.As(err, &e) || e.Status != test.status || !strings.Contains(e.Detail, test.says) {
				t.Errorf("got %v, want status %d saying %q", err, test.status, test.says)
			}
		})
	}
	for name, op := range map[string]string{
		"long path": `{"path":"` + strings.Repeat("x", maxBulkText+1) + `"}`, "path twice": `{"path":"a","Path":"a"}`, "data twice": `{"data":1,"data":2}`,
		"method of a list": `{"method":[]}`, "NUL": `{"bulkId":"\u0000"}`, "list": `[]`,
	} {
		b, err := DecodeBulk([]byte(message(`"Operations":[`+op+`,{"method":"POST"}]`)), 3, DecodeOptions{})
		if err != nil || len(b.Operations) != 2 || b.Operations[0].Err == nil || b.Operations[1].Err != nil || b.Operations[1].Method != "POST" {
			t.Errorf("%s: %+v, %v; want the first operation to be at fault, and not the second", name, b, err)
		}
	}
}

// FuzzDecodeBulk checks that data is the part of the body that it stands in, and never a panic.
func FuzzDecodeBulk(f *testing.F) {
	for _, seed := range []string{
		`{"schemas":["` + URNBulkRequest + `"],"failOnErrors":1,"Operations":[{"method":"POST","bulkId":"a","path":"/Users","data":{"a":[1]}},1]}`,
		`{"schemas":"` + URNBulkRequest + `","Operations":{"data":"\ud83d\ude00"}}`, `{"Operations":[`, `[]`, `{"schemas":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		b, err := DecodeBulk(body, 5, DecodeOptions{})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Status != 400 && e.Status != 413 || e.Detail == "" {
				t.Fatalf("error %v", err)
			}
			return
		}
		if len(b.Operations) == 0 || len(b.Operations) > 5 || b.FailOnErrors < 0 {
			t.Fatalf("decoded %+v", b)
		}
		for _, op := range b.Operations {
			if len(op.Path)+len(op.BulkID)+len(op.Method)+len(op.Version) > 4*maxBulkText {
				t.Errorf("the operation is too long: %+v", op)
			}
			if op.Data != nil && op.Data[0] == '{' && op.Data[len(op.Data)-1] != '}' {
				t.Errorf("data is cut: %s", op.Data)
			}
		}
	})
}
