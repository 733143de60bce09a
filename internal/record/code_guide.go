package record

import (
	"cmp"
	"fmt"
	"strings"
)

// WriteCodes adds the table of codes to a document, as Markdown.
func WriteCodes(b *strings.Builder) {
	for _, part := range []struct {
		title, intro string
		codes        []Code
	}{
		{"What the application answers", "Failures at the other end.", failureCodes()},
		{"What is wrong at this end", "The data, the mapping, or the scoping filter.", sourceCodes()},
		{"What is skipped", "Reasons to leave something alone. None of them is a failure.", skipCodes()},
		{"What ends a cycle", "They are in `app status` and in the quarantine, not in a record.", jobCodes()},
	} {
		fmt.Fprintf(b, "\n## %s\n\n%s\n\n| code | meaning | what to do | tried again |\n|---|---|---|---|\n", part.title, part.intro)
		for _, c := range part.codes {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", c.Name, c.Meaning, cmp.Or(c.Advice, "nothing"), cmp.Or(string(c.Retried), "–"))
		}
	}
}
