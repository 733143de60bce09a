package scim_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/rollcall-id/rollcall/scim"
)

// What an identity provider sends is read with tolerance and typed by the schema; each tolerance that was needed is told.
func ExampleResourceType_DecodeResource() {
	body := []byte(`{"USERNAME": "kim", "active": "False", "emails": {"value": "kim@example.com", "type": "work"}}`)
	r, err := scim.Core().Type("User").DecodeResource(body, scim.DecodeOptions{Report: func(rule string) { fmt.Println("rule", rule) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r["userName"], r["active"], r["emails"])
	// Unordered output:
	// rule N2
	// rule N3
	// rule N10
	// rule N12
	// kim false [map[type:work value:kim@example.com]]
}

// A PATCH is carried out as a whole or not at all.
func ExamplePatch_Apply() {
	user := scim.Core().Type("User")
	r := scim.Resource{"userName": "kim", "title": "Buyer"}
	patch, err := user.DecodePatch([]byte(`{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
		{"op": "Replace", "path": "title", "value": "Head of buying"},
		{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "kim@example.com"}]}`), scim.DecodeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	next, changed, err := patch.Apply(user, r)
	fmt.Println(next["title"], next["emails"], changed, err)
	fmt.Println(r["title"]) // what it was applied to stays as it was
	// Output:
	// Head of buying [map[type:work value:kim@example.com]] [emails title] <nil>
	// Buyer
}

// A filter is checked against the schema when it is read.
func ExampleResourceType_ParseFilter() {
	user := scim.Core().Type("User")
	f, err := user.ParseFilter(`USERNAME Eq "KIM" and emails[type eq "work" and value co "@example.com"]`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Match(scim.Resource{"userName": "kim", "emails": []any{map[string]any{"type": "work", "value": "kim@example.com"}}}))

	_, err = user.ParseFilter(`active gt true`)
	var refused *scim.Error
	fmt.Println(errors.As(err, &refused) && refused.Status == 400, refused.Type)
	// Output:
	// true
	// true invalidFilter
}

// A projection chooses what is shown.
func ExampleResourceType_Project() {
	user := scim.Core().Type("User")
	p, err := scim.ParseProjection([]string{"name.givenName"}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r := scim.Resource{"id": "1", "userName": "kim", "name": map[string]any{"givenName": "Kim", "familyName": "Lee"}}
	_, _ = os.Stdout.Write(scim.Encode(user.Project(r, p)))
	// Output:
	// {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","name":{"givenName":"Kim"}}
}
