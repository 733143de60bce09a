package record

// Severity orders records by what they mean for people, worst first: 0 for an account that is deleted. A plan is shown in this order, so that nobody has to
// read a thousand creations to find one deletion.
func Severity(r Record) int {
	order := []Action{Delete, StageDelete, Disable, StageDisable}
	for i, a := range order {
		if r.Action == a {
			return i
		}
	}
	if r.Status == Failure {
		return len(order)
	}
	rest := []Action{Restore, Create, Link, Update}
	for i, a := range rest {
		if r.Action == a {
			return len(order) + 1 + i
		}
	}
	return len(order) + 1 + len(rest)
}
