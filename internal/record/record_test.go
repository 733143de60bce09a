package record

import (
	"encoding/json"
	"testing"
	"time"
)

func TestSeverityPutsTheWorstFirst(t *testing.T) {
	order := []Record{
		{Action: Delete},
		{Action: StageDelete},
		{Action: Disable},
		{Action: StageDisable},
		{Action: NoAction, Status: Failure},
		{Action: Restore},
		{Action: Create},
		{Action: Link},
		{Action: Update},
		{Action: NoAction},
	}
	for i := 1; i < len(order); i++ {
		if Severity(order[i-1]) >= Severity(order[i]) {
			t.Errorf("%s %s is not before %s %s", order[i-1].Action, order[i-1].Status, order[i].Action, order[i].Status)
		}
	}
	if Severity(Record{Action: Delete, Status: Failure}) != 0 {
		t.Error("a deletion that failed is still a deletion")
	}
}

// TestJSON holds the keys of design/cli.md, "app log --json record".
func TestJSON(t *testing.T) {
	raw, err := json.Marshal(Record{
		Time:  time.Unix(0, 0).UTC(),
		Steps: []Step{{Name: "import", Status: Success}}, Modified: []Property{{Name: "title", New: "x"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":"","time":"1970-01-01T00:00:00Z","cycleId":"","kind":"","action":"","status":"","source":{"id":"","name":""},` +
		`"target":{"id":"","name":""},"reason":"","errorCode":"","steps":[{"name":"import","status":"success","detail":""}],` +
		`"modifiedProperties":[{"name":"title","old":null,"new":"x"}],"durationMs":0,"traceparent":"","changeId":"","initiatedBy":{"initiatorType":"","displayName":""}}`
	if string(raw) != want {
		t.Errorf("record is\n%s\nwant\n%s", raw, want)
	}
}
