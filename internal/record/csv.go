package record

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// CSV writes details as a flat table: a row for each record, its steps and modified properties in a cell each. A cell that a spreadsheet would take for a
// formula gets an apostrophe in front: names of people come from elsewhere.
type CSV struct{ w *csv.Writer }

// NewCSV begins a table with its heading.
func NewCSV(w io.Writer) (*CSV, error) {
	c := &CSV{w: csv.NewWriter(w)}
	return c, c.w.Write([]string{
		"time", "id", "changeId", "cycleId", "jobId", "application", "kind", "action", "status", "sourceId", "sourceName", "targetId", "targetName",
		"errorCode", "errorCategory", "reason", "recommendedAction", "modifiedProperties", "steps", "durationMs", "initiatedBy", "traceparent",
	})
}

// Write adds a row.
func (c *CSV) Write(d Detail) error {
	row := []string{
		d.Time.UTC().Format(time.RFC3339Nano), d.ID, d.ChangeID, d.CycleID, d.JobID, d.App.Name, d.Kind, string(d.Action), string(d.Status),
		d.Source.ID, d.Source.Name, d.Target.ID, d.Target.Name, d.ErrorCode, string(d.ErrorCategory), d.Reason, d.Recommended,
		flatProperties(d.Modified), flatSteps(d.Steps), strconv.FormatInt(d.DurationMS, 10), strings.TrimSpace(d.InitiatedBy.Type + " " + d.InitiatedBy.Name),
		d.Traceparent,
	}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return c.w.Write(row)
}

// Flush writes what waits.
func (c *CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// harmless keeps a spreadsheet from calculating a cell. The wide forms count too: some programs take them for the narrow ones.
func harmless(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, " \u00a0\u3000"), "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + cell
	}
	return cell
}

// flatProperties writes changes as "title: null → "Chief"; …", values as JSON.
func flatProperties(list []Property) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = p.Name + ": " + flatValue(p.Old) + " → " + flatValue(p.New)
	}
	return strings.Join(parts, "; ")
}

func flatValue(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// flatSteps writes steps as "import success: read from the directory | scope …".
func flatSteps(list []Step) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = s.Name + " " + string(s.Status)
		if s.Detail != "" {
			parts[i] += ": " + s.Detail
		}
	}
	return strings.Join(parts, " | ")
}
