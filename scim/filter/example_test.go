package filter_test

import (
	"fmt"

	"github.com/rollcall-id/rollcall/scim/filter"
)

// A filter prints in its strict form, with just the parentheses that it needs.
func ExampleParse() {
	f, err := filter.Parse(`(userName EQ "kim") AND (title pr or active eq TRUE)`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f)

	_, err = filter.Parse(`userName eq 'kim'`)
	fmt.Println(err)
	// Output:
	// userName eq "kim" and (title pr or active eq true)
	// at character 13: strings stand in double quotes, not in single quotes
}

// A path of a PATCH may choose elements and name one of their parts.
func ExampleParsePath() {
	p, err := filter.ParsePath(`emails[type eq "work" and primary eq true].value`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	// Output:
	// emails[type eq "work" and primary eq true].value
}
