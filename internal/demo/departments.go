package demo

// Departments lists the names of the groups that hold the members of a department. Everybody is a direct member of exactly one of them.
func (c *Company) Departments() []string { return departments() }
