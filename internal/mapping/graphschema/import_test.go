package graphschema_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/rollcall-id/rollcall/internal/fault"
	"github.com/rollcall-id/rollcall/internal/gallery"
	"github.com/rollcall-id/rollcall/internal/mapping/graphschema"
)

// exported is the document of the generic template.
func exported(t *testing.T) string {
	t.Helper()
	template, err := gallery.ByID("scim")
	if err != nil {
		t.Fatal(err)
	}
	data, err := graphschema.Export(template.Mapping, graphschema.Meta{ID: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Each change of a good document is refused with a message that names the place, what came and what was expected.
func TestImportRefuses(t *testing.T) {
	tests := []struct{ name, old, replacement, want string }{
		{
			"unknown target attribute", `"targetAttributeName": "userName"`, `"targetAttributeName": "usrName"`,
			`synchronizationRules[0].objectMappings[0].attributeMappings[0].targetAttributeName: "usrName" is not among the attributes of ` +
				`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": add it to directories[1].objects[0].attributes, or correct the name; did you mean userName?`,
		},
		{
			"expression that does not parse", `"expression": "Switch([IsSoftDeleted],`, `"expression": "Switch([IsSoftDeleted,`,
			`synchronizationRules[0].objectMappings[0].attributeMappings[1].source.expression: "Switch([IsSoftDeleted, , \"False\", \"True\", \"True\", \"False\")": ` +
				`character 8: this attribute has no closing bracket`,
		},
		{"key twice", `"editable": true,`, `"editable": true, "editable": true,`, `synchronizationRules[0]: the key "editable" comes twice: expected once`},
		{"wrong type", `"editable": true,`, `"editable": 1,`, `synchronizationRules[0].editable: found the number 1: expected true or false`},
		{
			"no such directory", `"targetDirectoryName": "customappsso"`, `"targetDirectoryName": "customapp"`,
			`synchronizationRules[0].targetDirectoryName: no directory is named "customapp": expected one of directories[].name; did you mean customappsso?`,
		},
		{
			"users switched off", `"enabled": true,`, `"enabled": false,`,
			`synchronizationRules[0].objectMappings[0].enabled: the mapping of users is switched off: expected true; to stop provisioning, stop the application instead`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := strings.Replace(exported(t), test.old, test.replacement, 1)
			_, _, err := graphschema.Import([]byte(document), graphschema.Checks{})
			if !errors.Is(err, fault.ErrInvalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %s", err, test.want)
			}
		})
	}
}
