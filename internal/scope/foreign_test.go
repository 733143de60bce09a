package scope_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcall-id/rollcall/internal/scope"
)

func TestForeign(t *testing.T) {
	f, err := scope.Parse([]byte(`{"inputFilterGroups":[{"name":"in","clauses":[{"operatorName":"IS NOT NULL","sourceOperandName":"manager"}]}],
		"groups":[{"name":"a","clauses":[{"operatorName":"EQUALS","sourceOperandName":"department","targetOperand":{"values":["Sales"]}},
			{"operatorName":"Before","sourceOperandName":"employeeHireDate","targetOperand":{"values":["today"]}}]},
		{"name":"b","clauses":[{"operatorName":"EQUALS","sourceOperandName":"otherMails","targetOperand":{"values":["x"]},"multivaluedComparisonType":"All"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"inputFilterGroups[0].clauses[0]: Entra does not filter by manager",
		"groups[0].clauses[1]: Entra has no operator Before",
		"groups[1].clauses[0]: Entra has no multivaluedComparisonType in a clause, and does not filter by attributes with several values",
	}
	if d := cmp.Diff(want, f.Foreign()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	var none *scope.Filter
	if got := none.Foreign(); got != nil {
		t.Errorf("no filter: %q", got)
	}
}
